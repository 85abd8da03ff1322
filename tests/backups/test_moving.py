"""The site, or one campaign, goes to another database and is the same there."""

import shutil
import threading
import uuid

import pytest
from django.db import connections
from django.db.models import ForeignKey
from django.urls import reverse

from annotation.accounts import person_key
from annotation.models import Campaign, Rating, RatingEvent
from annotation.services import next_assignment
from common.errors import BadInput
from config.backups import state
from config.backups.campaign_parts import LEFT_OUT, OWN
from config.backups.campaigns import move_campaign
from config.backups.databases import opened, standing_in
from config.backups.moving import move
from config.management.commands import migrate
from config.management.commands.migrate import only_one
from models_app.models import Segment
from tests import people
from tests.backups.conftest import answer, answered, quiet
from tests.servers import ON_POSTGRES, sqlite_tables


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, empty_url) -> str:
    if request.param == "sqlite":
        return empty_url
    return request.getfixturevalue("postgres_url")


def test_the_whole_site_moves_and_waiting_answers_are_taken(client, campaign, url):
    waiting = next_assignment(people.bob().annotator, campaign)
    key = person_key(people.bob())
    client.force_login(people.bob())
    assert all(compared.same for compared in move(url, say=quiet))
    with pytest.raises(BadInput, match="has data"):
        move(url, say=quiet)
    with opened(url) as alias, standing_in(alias):
        response = client.post(
            reverse("annotation:annotate", args=[waiting.pk]),
            {"key": str(uuid.uuid4()), "sequence": "1", "score": "4"},
            headers={"accept": "application/json", "x-nikash-person": key},
        )
        assert response.status_code == 200  # the session moved along, and numbers go on
        assert RatingEvent.objects.count() == 4
    assert RatingEvent.objects.count() == 3


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL holds no row that another cannot")
def test_what_the_other_database_cannot_hold_is_told(campaign, postgres_url):
    Segment.objects.filter(key="s1").update(key="s" * 300)  # SQLite does not mind
    with pytest.raises(BadInput, match=r"models_app\.segment: the database cannot hold a row"):
        move(postgres_url, say=quiet)
    with opened(postgres_url) as alias:
        models = state.models_at(state.all_migrations())
        assert state.is_empty(alias, models)


def test_it_comes_back_from_postgresql(campaign, postgres_url, empty_url):
    there = {one.label: one.sent for one in move(postgres_url, say=quiet)}
    with opened(postgres_url) as alias, standing_in(alias):
        back = {one.label: one.arrived for one in move(empty_url, say=quiet)}
    log = "accounts.auditentry"
    assert back.pop(log)[0] == there.pop(log)[0] + 1  # that it was moved stands there, too
    assert back == there


def test_postgresql_plans_for_the_rows_that_have_come(campaign, postgres_url):
    move(postgres_url, say=quiet)
    with opened(postgres_url) as alias, connections[alias].cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'annotation_rating'")
        assert cursor.fetchone() == (3,)


@pytest.mark.parametrize("usernames", [True, False])
def test_a_campaign_moves_beside_others(campaign, url, usernames):
    other = answered("other", 2)
    for one in (other, campaign):
        move_campaign(one.name, url, usernames=usernames, say=quiet)
    with opened(url) as alias:
        assert Campaign.objects.using(alias).count() == 2
        assert Rating.objects.using(alias).count() == 5
        moved = Campaign.objects.using(alias).get(name="study")
        ratings = Rating.objects.using(alias).filter(item__campaign=moved)
        assert {rating.annotator.user_id is not None for rating in ratings} == {usernames}
    with pytest.raises(BadInput, match="has a campaign called 'study' already"):
        move_campaign("study", url, say=quiet)


def test_another_dataset_of_the_same_name_is_refused(campaign, empty_url):
    answered("other")
    Campaign.objects.filter(name="other").update(dataset=campaign.dataset)
    move_campaign("study", empty_url, say=quiet)
    Campaign.objects.filter(name="study").update(name="study two")
    Segment.objects.filter(dataset=campaign.dataset, key="s1").update(source="Another text.")
    with pytest.raises(BadInput, match="has another segment 's1, 1': its source differs"):
        move_campaign("study two", empty_url, say=quiet)
    with opened(empty_url) as alias:
        assert not Campaign.objects.using(alias).filter(name="study two").exists()


def test_answers_that_came_meanwhile_are_not_lost(campaign, tmp_path):
    here, there = tmp_path / "here.sqlite3", tmp_path / "there.sqlite3"
    for path in (here, there):
        shutil.copy(sqlite_tables(), path)
    move(f"sqlite:///{here}", say=quiet)
    with opened(f"sqlite:///{here}") as alias, standing_in(alias):

        def meanwhile(text: str) -> None:
            if text.startswith("annotation.rating:"):
                found = Campaign.objects.get(name="study")
                answer(next_assignment(people.bob().annotator, found), 4)

        with pytest.raises(BadInput, match="somebody rated meanwhile"):
            move_campaign("study", f"sqlite:///{there}", say=meanwhile)


def test_every_table_of_a_campaign_is_moved_or_left_out_knowingly():
    known = {model._meta.label_lower for model, _ in OWN} | LEFT_OUT | {"annotation.membership"}
    models = state.models_at(state.all_migrations())
    pointing = {
        model._meta.label_lower
        for model in models
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model in {m for m, _ in OWN}
    }
    assert pointing - known == set()


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'two.sqlite3'}"
    return request.getfixturevalue("postgres_url")


def test_two_machines_do_not_migrate_at_once(migrated_url, transactional_db):
    order: list[str] = []
    came = threading.Event()

    def second() -> None:
        with opened(migrated_url) as alias:
            came.set()
            with only_one(alias):
                order.append("second")

    with opened(migrated_url) as alias, only_one(alias):
        thread = threading.Thread(target=second)
        thread.start()
        came.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_who_waits_to_migrate_holds_up_no_index(postgres_url, transactional_db, monkeypatch):
    """An index made concurrently waits for everything that began before it, a waiting query too."""
    asked = threading.Event()
    done = threading.Event()

    def rest() -> None:
        asked.set()
        done.wait()

    monkeypatch.setattr(migrate, "rest", rest)

    def second() -> None:
        with opened(postgres_url) as alias, only_one(alias):
            pass

    with opened(postgres_url) as alias:
        with only_one(alias), connections[alias].cursor() as cursor:
            thread = threading.Thread(target=second)
            thread.start()
            asked.wait()
            cursor.execute("CREATE TABLE waited (n int)")
            cursor.execute("CREATE INDEX CONCURRENTLY waited_n ON waited (n)")
        done.set()
        thread.join()
