"""My data: taken away whole and blind, erased without a trace, and kept no longer than said."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AuditEntry
from annotation.accounts import add_member
from annotation.exporting import export_ratings
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    Erasure,
    ErasureRequest,
    Item,
    Participation,
    Rating,
    RatingEvent,
    Remark,
    SecondThought,
    Summary,
)
from annotation.privacy.erasing import answers_erased, erase_person
from annotation.privacy.leaving import check_all_leave
from annotation.privacy.retention import idle_people, keep_no_longer
from annotation.services import claim_work, close_campaign, open_campaign, submit_rating
from common.errors import BadInput, Conflict
from metrics.models import Package, ReportRun
from metrics.packages.files import path_of
from models_app.models import PlaygroundRequest
from tests import people

pytestmark = pytest.mark.django_db
PAGE = "/my-data/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answered(assignment: Assignment) -> None:
    submit_rating(
        assignment=assignment,
        key=uuid.uuid4(),
        sequence=1,
        answer={"score": 4},
        note="my own words",
    )


@pytest.fixture
def campaign() -> Campaign:
    """Bob has answered two of the four items that he holds."""
    made = people.small_campaign(batch_size=2)
    open_campaign(made)
    made.refresh_from_db()
    bob = people.bob().annotator
    bob.region, bob.consented_at = "Vidarbha", timezone.now()
    bob.save()
    claim_work(bob, made)
    for assignment in list(bob.assignments.order_by("position"))[:2]:
        answered(assignment)
    return made


def taken(campaign: Campaign) -> dict[int, int]:
    return dict(campaign.items.values_list("pk", "n_taken"))


def recounted(campaign: Campaign) -> dict[int, int]:
    held = Assignment.objects.exclude(state="expired").filter(item__campaign=campaign)
    counts = dict(held.values_list("item").annotate(Count("pk")))
    return {pk: counts.get(pk, 0) for pk in campaign.items.values_list("pk", flat=True)}


def test_the_file_holds_everything_and_keeps_the_blinding(campaign: Campaign) -> None:
    client = signed_in(people.bob())
    assert "2 answers that you sent" in client.get(PAGE).content.decode()
    answer = client.get("/my-data/file/")
    told = answer.json()
    assert told["account"]["username"] == "bob"
    assert told["annotator"]["region"] == "Vidarbha"
    assert [given["answer"]["note"] for given in told["answers"]] == ["my own words"] * 2
    assert told["roles"][0]["role"] == "annotator"
    assert "secret-lora" not in answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(action="person.data_taken", actor=people.bob()).count() == 1


def test_the_file_shows_answers_as_they_were_given_and_items_as_pages_number_them() -> None:
    """The places that are the same for everybody would tell which of two was which model's."""
    campaign = people.small_campaign(
        "study",
        "sidebyside",
        n_segments=12,
        batch_size=12,
        options={"quality": {"ask_guess": True}},
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    bob = people.bob()
    claim_work(bob.annotator, campaign)
    held = list(bob.annotator.assignments.order_by("position"))
    assert {tuple(one.order) for one in held} == {(0, 1), (1, 0)}
    client = signed_in(bob)
    for one in held:
        given = {"preference": "0:much", "guess": "1", "key": uuid.uuid4(), "sequence": "1"}
        assert client.post(reverse("annotation:annotate", args=[one.pk]), given).status_code == 302
        again = {"better": one.order[0], "strength": "slightly"}
        rating = one.item.ratings.get()
        SecondThought.objects.create(rating=rating, answer=again, reason="thought again")
    told = client.get("/my-data/file/").json()
    assert {given["answer"]["preference"] for given in told["answers"]} == {"0:much"}
    assert {given["answer"]["guess"] for given in told["answers"]} == {1}
    assert [given["item"] for given in told["answers"]] == [one.position + 1 for one in held]
    thoughts = {given["answer"]["preference"] for given in told["second_thoughts"]}
    assert thoughts == {"0:slightly"}


def marked(user: Any, campaign: Campaign) -> None:
    """Whatever a person may leave behind under a word of their own."""
    user.email, user.first_name = "zebedee@example.org", "Zebedee"
    user.save()
    client = Client(headers={"user-agent": "Firefox zebedee"})
    client.post("/login/", {"username": "zebedee", "password": people.PASSWORD})
    client.post("/login/", {"username": "zebedee", "password": "wrong"})
    client.post("/account/tokens/", {"name": "zebedee's phone", "scope": "read", "days": "3"})
    client.get("/my-data/file/")
    add_member(campaign=campaign, user=user, role="annotator")
    me = user.annotator
    me.region, me.dialect, me.author_name = "zebedee-land", "zebedee-ish", "Zebedee Z"
    me.save()
    claim_work(me, campaign)
    item = me.assignments.first()
    answered(item)
    Rating.objects.filter(annotator=me).update(note="zebedee was here")
    RatingEvent.objects.filter(annotator=me).update(answer={"score": 4, "note": "zebedee"})
    Remark.objects.create(item=item.item, author=user, text="says zebedee")
    ErasureRequest.objects.create(user=user)
    PlaygroundRequest.objects.create(created_by=user, mode="single", text="zebedee asks")
    TOTPDevice.objects.create(user=user, name="zebedee")
    told = {"annotators": [{"annotator": me.code, "region": "zebedee-land"}]}
    ReportRun.objects.create(campaign=campaign, state="done", payload=told)
    Summary.objects.create(campaign=campaign, name="agreement", payload={"a": "zebedee"})


def where_it_stands(word: str) -> list[str]:
    """Tables and columns of the whole database with this word."""
    found = []
    for model in apps.get_models():
        for row in model.objects.values():
            found += [
                f"{model.__name__}.{k}: {v}" for k, v in row.items() if word in str(v).lower()
            ]
    return found


def test_nothing_is_left_of_who_is_erased_with_their_answers(campaign: Campaign) -> None:
    campaign.raters_per_item = 2
    campaign.save()
    user = people.person("zebedee", "annotator")
    marked(user, campaign)
    keys = [row.key for row in user.open_sessions.all()]
    assert len(where_it_stands("zebedee")) > 10 and keys
    erase_person(user, by=people.ada(), with_answers=True)
    assert where_it_stands("zebedee") == []
    assert not Session.objects.filter(session_key__in=keys).exists()


def test_an_account_that_is_erased_leaves_its_answers_and_nothing_else(campaign: Campaign) -> None:
    campaign.raters_per_item = 2
    campaign.save()
    marked(people.person("zebedee", "annotator"), campaign)
    erase_person(people.person("zebedee", "annotator"), by=None, with_answers=False)
    Summary.objects.all().delete()  # of campaigns, which hold no profile
    left = {line.partition(":")[0] for line in where_it_stands("zebedee")}
    assert left == {"Rating.note", "RatingEvent.answer", "Remark.text"}


def test_an_account_is_erased_by_its_person_and_the_answers_stay(campaign: Campaign) -> None:
    code = people.bob().annotator.code
    client = signed_in(people.bob())
    wrong = client.post(PAGE, {"what": "account", "password": "wrong"})
    assert wrong.status_code == 422 and "nothing was erased" in wrong.content.decode()
    right = client.post(PAGE, {"what": "account", "password": people.PASSWORD})
    assert right.status_code == 302
    assert not get_user_model().objects.filter(username="bob").exists()
    assert client.get("/work/").status_code == 302
    left = Annotator.objects.get(code=code)
    assert (left.user, left.region, left.author_name) == (None, "", "")
    assert Participation.objects.get(annotator=left).profile["region"] == ""
    assert Rating.objects.filter(annotator=left).count() == 2
    assert not AuditEntry.objects.filter(actor_name="bob").exists()
    assert not AuditEntry.objects.filter(subject_name__contains="bob").exists()


def test_what_an_erased_person_held_goes_to_others(campaign: Campaign) -> None:
    erase_person(people.bob(), by=None, with_answers=False)
    assert Assignment.objects.overdue().count() == 2


def test_answers_are_erased_by_an_admin_and_the_counts_follow(campaign: Campaign) -> None:
    told: list[int] = []

    def receive(campaigns: list[int], **_: Any) -> None:
        told.extend(campaigns)

    answers_erased.connect(receive)
    try:
        asked = signed_in(people.bob()).post(PAGE, {"what": "answers", "password": people.PASSWORD})
        assert asked.status_code == 302 and RatingEvent.objects.count() == 2
        assert ErasureRequest.objects.get().user == people.bob()
        page = f"/people/{people.bob().pk}/erase/"
        admin = signed_in(people.ada())
        assert "asked for their account" in admin.get(page).content.decode()
        wrong = admin.post(page, {"what": "answers", "username": "bo"})
        assert wrong.status_code == 422 and RatingEvent.objects.count() == 2
        assert admin.post(page, {"what": "answers", "username": "bob"}).status_code == 302
    finally:
        answers_erased.disconnect(receive)
    assert told == [campaign.pk]
    for model in (RatingEvent, Rating, Assignment, Participation, Annotator, ErasureRequest):
        assert not model.objects.exists(), model
    assert set(taken(campaign).values()) == {0}
    assert Erasure.objects.get().n_ratings == 2
    entry = AuditEntry.objects.get(action="person.erase")
    assert entry.actor == people.ada() and entry.details["n_ratings"] == 2
    assert "bob" not in str(entry.details)


def test_others_keep_what_they_gave(campaign: Campaign) -> None:
    eve = people.person("eve", "annotator")
    campaign.raters_per_item = 2
    campaign.save()
    campaign.memberships.create(user=eve, role="annotator")
    other = Annotator.objects.create(user=eve, code="A-EVE")
    claim_work(other, campaign)
    answered(other.assignments.order_by("position").first())
    erase_person(people.bob(), by=None, with_answers=True)
    assert Rating.objects.filter(annotator=other).count() == 1
    assert taken(campaign) == recounted(campaign)


def test_files_with_the_answers_go_too(
    campaign: Campaign, django_capture_on_commit_callbacks: Any
) -> None:
    package = Package.objects.create(campaign=campaign, kind="capsule", language="en", version="1")
    path = path_of(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"answers")
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(people.bob(), by=None, with_answers=True)
    assert not Package.objects.exists() and not path.exists()


def exported(campaign: Campaign, name: str) -> str:
    export = export_ratings(campaign, name)
    return "".join(piece.decode() for pieces in export.files.values() for piece in pieces)


@pytest.mark.parametrize("name", ["nikash", "mtme"])
def test_what_somebody_withholds_is_in_no_file(campaign: Campaign, name: str) -> None:
    close_campaign(campaign)
    kept = name == "nikash"
    assert ("my own words" in exported(campaign, name)) == kept
    Annotator.objects.update(withholds_notes=True)
    assert "my own words" not in exported(campaign, name)
    assert ('"record":"rating"' in exported(campaign, name)) == kept
    Annotator.objects.update(withholds_answers=True)
    assert '"record":"rating"' not in exported(campaign, name)
    assert '"record":"event"' not in exported(campaign, name)
    losses = export_ratings(campaign, name).losses
    assert any(text.startswith("2 ratings of people who let no") for text in losses)


def test_a_package_that_would_hold_withheld_answers_is_refused(campaign: Campaign) -> None:
    check_all_leave(campaign, with_excluded=False)
    Annotator.objects.update(withholds_answers=True)
    with pytest.raises(Conflict, match="1 annotator does not let answers leave"):
        check_all_leave(campaign, with_excluded=False)
    Participation.objects.update(state="excluded")
    check_all_leave(campaign, with_excluded=False)
    with pytest.raises(Conflict):
        check_all_leave(campaign, with_excluded=True)


def test_the_profile_asks_what_may_be_published(campaign: Campaign) -> None:
    client = signed_in(people.bob())
    page = client.get("/work/profile/").content.decode()
    assert page.count("checked") >= 4  # who consented before withholds nothing
    client.post("/work/profile/", {"consent": "on", "publish_answers": "on", "language": "en"})
    bob = Annotator.objects.get(user=people.bob())
    told = (bob.withholds_answers, bob.withholds_notes, bob.withholds_profile)
    assert told == (False, True, True) and bob.is_without_profile


def test_the_only_admin_stays() -> None:
    with pytest.raises(BadInput, match="only admin"):
        erase_person(people.ada(), by=None, with_answers=False)
    people.person("second", "admin")
    erase_person(people.ada(), by=None, with_answers=False)
    assert not get_user_model().objects.filter(username="ada").exists()


def test_the_command_erases_and_names_who_is_not_there(campaign: Campaign) -> None:
    call_command("erase", "bob", "--with-answers")
    assert not RatingEvent.objects.exists() and Item.objects.exists()
    with pytest.raises(CommandError, match="no account 'bob'"):
        call_command("erase", "bob")


def long_ago() -> None:
    then = timezone.now() - timedelta(days=40)
    get_user_model().objects.update(date_joined=then, last_login=then)
    RatingEvent.objects.update(received_at=then)
    people.bob().memberships.update(created_at=then)


def test_annotators_are_kept_no_longer_than_said(campaign: Campaign, settings: Any) -> None:
    long_ago()
    assert not idle_people(30).exists()  # the campaign is open
    close_campaign(campaign)
    assert [user.username for user in idle_people(30)] == ["bob"]
    assert not idle_people(50).exists()
    settings.RETENTION_DAYS, settings.AUDIT_DAYS = 0, 0
    assert keep_no_longer() == {"accounts": 0, "audit": 0}
    AuditEntry.objects.create(action="old", at=timezone.now() - timedelta(days=400))
    settings.RETENTION_DAYS, settings.AUDIT_DAYS = 30, 365
    assert keep_no_longer() == {"accounts": 1, "audit": 1}
    assert Rating.objects.count() == 2
    assert get_user_model().objects.filter(username="alice").exists()


def test_a_recent_answer_keeps_the_account(campaign: Campaign) -> None:
    long_ago()
    close_campaign(campaign)
    RatingEvent.objects.filter(pk=RatingEvent.objects.first().pk).update(received_at=timezone.now())
    assert not idle_people(30).exists()
