"""Pages ask the database as much of a large site as of a small one; exports take no more memory."""

import gc
import subprocess
import sys
import tracemalloc
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation import summaries
from annotation.designs.handing import open_blocks
from annotation.exporting import export_ratings, losses_told, write_folder, zipped
from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.interchange import judged
from annotation.interchange.opening import open_ratings
from annotation.models import Annotator, Assignment, Rating, Summary
from annotation.services import next_assignment
from annotation.tallying import TALLY, numbers_of, tally_of
from annotation.tasks import refresh_summary
from annotation.work import campaigns_of
from api.asking import page_of
from benchmarks.scale import pages
from benchmarks.scale_site import build
from models_app import dataset_counts
from models_app.models import Output, Segment, System

pytestmark = pytest.mark.django_db

SMALL, LARGE = (60, 240), (200, 1000)  # outputs and ratings


def site(size, protocol="mqm"):
    return build(*size, annotators=6, protocol=protocol, opened=True)


def at(size, measure, **more):
    """What is measured on a site that is forgotten afterwards."""
    with transaction.atomic():
        found = measure(site(size, **more))
        transaction.set_rollback(True)
    return found


def queries(campaign):
    return {name: asked for name, (asked, _ms, _kb) in pages(campaign).items()}


def test_every_page_asks_as_much_of_a_large_site_as_of_a_small_one(monkeypatch):
    small, large = at(SMALL, queries), at(LARGE, queries)
    assert large == small
    monkeypatch.setattr(summaries, "BIG", 1)
    kept = at(LARGE, queries)
    assert {name: n for name, n in kept.items() if n > small[name]} == {}


def handing_out(campaign):
    """Queries of a first batch and of a first item to somebody who did much and who did nothing."""
    found = []
    for annotator in (Annotator.objects.first(), Annotator.objects.create(code="new")):
        with CaptureQueriesContext(connection) as asked:
            assert next_assignment(annotator, campaign)
        found.append(len(asked))
    return found


def test_handing_out_asks_as_much_of_a_large_campaign_as_of_a_small_one():
    assert at(LARGE, handing_out) == at(SMALL, handing_out)


def test_blocks_to_hand_out_are_found_along_an_index():
    campaign = site(SMALL)
    with CaptureQueriesContext(connection) as asked:
        next(open_blocks(campaign, Annotator.objects.create(code="new")))
    found = [query["sql"] for query in asked if "n_taken" in query["sql"]]
    assert len(found) == 2
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for sql, index in zip(found, ("item_lacking_usual", "item_lacking_called"), strict=True):
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(row[-1] for row in cursor.fetchall())
            assert index in plan and "FOR ORDER BY" not in plan, plan


def peak(format_name):
    def measure(campaign):
        list(export_ratings(campaign, format_name).files)
        tracemalloc.start()
        n = sum(map(len, zipped(export_ratings(campaign, format_name), "made up")))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n
        return found

    return measure


@pytest.mark.parametrize("name", ["wmt-mqm", "label-studio"])
def test_an_export_of_more_takes_no_more_memory(name, monkeypatch):
    monkeypatch.setattr(judged, "ITEMS", 10)
    monkeypatch.setattr(judged.items_at_a_time, "__defaults__", (10,))
    monkeypatch.setattr("annotation.interchange.writing.ROWS", 50)
    small, large = (at(size, peak(name)) for size in (SMALL, LARGE))
    assert large < 1.5 * small + 200_000


@pytest.mark.parametrize("name", ["nikash", "wmt-mqm"])
def test_loading_keeps_nothing_of_what_it_has_stored(name, tmp_path, monkeypatch):
    monkeypatch.setattr("models_app.loading.common.chunks.__defaults__", (20,))
    monkeypatch.setattr("annotation.interchange.finding.KEPT", 50)
    campaign, kind, held = site(LARGE), FORMATS.get(name), {}
    write_folder(export_ratings(campaign, name), tmp_path)
    path = tmp_path if "zip" in kind.endings else next(tmp_path.glob("*.*"))
    texts = None if kind.restores else campaign.dataset
    protocol = None if kind.restores else "mqm"

    def weigh(n):
        if n in (200, 900):
            gc.collect()
            held[n] = tracemalloc.get_traced_memory()[0]

    with open_ratings(str(path), kind) as source:
        tracemalloc.start()
        load_ratings(
            source, dataset=texts, campaign="again", format_name=name, protocol=protocol,
            progress=weigh, dry_run=True,
        )  # fmt: skip
        tracemalloc.stop()
    assert held[900] < held[200] + 50_000


@pytest.mark.parametrize("name", ["nikash", "wmt-mqm", "mtme"])
def test_an_export_says_how_far_it_is(name, tmp_path, monkeypatch):
    monkeypatch.setattr(judged.items_at_a_time, "__defaults__", (10,))
    export = export_ratings(site(SMALL), name)
    told = []
    write_folder(export, tmp_path, progress=lambda n, share: told.append((n, share)))
    shares = [share for _, share in told]
    assert len(told) > 5 and shares == sorted(shares) and 0 < shares[0] < 0.7
    assert shares[-1] > 0.8 and told[-1][0] >= 240
    before = len(told)
    losses_told(export, lambda n, share: told.append((n, share)))
    assert len(told) > before or name == "nikash"


def test_an_export_that_is_not_read_to_its_end_reads_no_further(monkeypatch):
    monkeypatch.setattr(judged.items_at_a_time, "__defaults__", (10,))
    monkeypatch.setattr("annotation.interchange.writing.ROWS", 20)
    read = []
    with judged.watching(read.append):
        pieces = zipped(export_ratings(site(SMALL), "wmt-mqm"), "made up")
        next(pieces)
        pieces.close()
    assert 0 < sum(read) < 240


@pytest.mark.parametrize("name", ["wmt-mqm", "marot", "mtme", "appraise"])
def test_an_export_reads_each_rating_once_and_tells_what_is_lost(name):
    campaign, read = site(SMALL), []
    alone = export_ratings(campaign, name).losses
    export = export_ratings(campaign, name)
    with judged.watching(read.append):
        assert all(zipped(export, "made up"))
    assert sum(read) == 240
    assert sorted(export.losses) == sorted(alone)


@pytest.fixture
def kept(monkeypatch):
    """A big campaign whose counts are kept."""
    monkeypatch.setattr(summaries, "BIG", 100)
    campaign = site(SMALL)
    tally_of(campaign)
    return campaign


def test_what_is_kept_is_what_is_counted(kept):
    again = tally_of(kept, timezone.now())
    assert tally_of(kept)._replace(made_at=None) == again._replace(made_at=None)
    assert numbers_of([kept])[kept.pk] == (240, 240, 6)


def test_kept_numbers_wait_for_a_worker_who_is_asked_once(
    kept, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr("common.bell.ring", lambda task, pk: asked.append((task, pk)))
    Rating.objects.filter(pk=1).update(flagged=True)
    before = tally_of(kept).n_flagged
    then = timezone.now() - timedelta(seconds=2 * summaries.KEPT)
    Summary.objects.update(made_at=then, asked_at=then)
    with django_capture_on_commit_callbacks(execute=True):
        assert [tally_of(kept).n_flagged for _ in range(3)] == [before] * 3
    row = Summary.objects.get(name=TALLY)
    assert asked == [(refresh_summary, row.pk)]
    refresh_summary(row.pk)
    assert tally_of(kept).n_flagged == before + 1


def test_a_worker_that_shows_no_page_knows_who_counts():
    asked = "from annotation.summaries import maker_of; maker_of('tally'); maker_of('agreement')"
    setup = "import django; django.setup(); import annotation.tasks"
    subprocess.run([sys.executable, "-c", f"{setup}; {asked}"], check=True, cwd=settings.BASE_DIR)


def test_a_page_counts_itself_where_no_worker_did_for_long(kept):
    Rating.objects.filter(pk=1).update(flagged=True)
    before = tally_of(kept).n_flagged
    then = timezone.now() - timedelta(seconds=2 * summaries.PATIENCE * summaries.KEPT)
    Summary.objects.update(made_at=then)
    assert tally_of(kept).n_flagged == before + 1


def test_numbers_of_a_small_campaign_are_never_kept():
    campaign = site(SMALL)
    tally_of(campaign)
    assert not Summary.objects.exists()
    assert numbers_of([campaign])[campaign.pk].n_answers == 240


def test_a_person_s_work_is_told_from_positions_as_if_it_were_counted():
    campaign = site(SMALL)
    person = Annotator.objects.exclude(user=None).first()
    assert next_assignment(person, campaign)
    mine = Assignment.objects.filter(annotator=person)
    (shown,) = campaigns_of(person.user)
    assert shown.n_done == mine.filter(state="done").count() > 0
    assert shown.n_open == mine.filter(state="open").count() > 0
    assert shown.n_items == shown.n_judged == 60


def test_what_a_dataset_holds_is_counted_once_while_nothing_comes_in(
    monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(dataset_counts, "BIG", 1)
    dataset = site(SMALL).dataset
    counts = dataset_counts.counts_of(dataset)
    assert (counts.n_segments, sum(n for _, n in counts.domains)) == (6, 6)
    assert [n for _, _, n in counts.systems] == [6] * 10
    with django_assert_num_queries(1):
        assert dataset_counts.counts_of(dataset) == counts
    made = Segment.objects.create(dataset=dataset, key="more", position=6, source="More.")
    assert dataset_counts.counts_of(dataset).n_segments == 7
    Output.objects.create(system_id=counts.systems[0][0], segment=made, text="x", text_hash="x")
    assert dataset_counts.counts_of(dataset).systems[0][2] == 7


def test_what_systems_hold_is_counted_once_while_nothing_comes_in(
    monkeypatch, django_assert_num_queries
):
    def counted():
        systems = list(dataset_counts.with_n_outputs(System.objects.order_by("pk")))
        dataset_counts.tell_n_outputs(systems)
        return [system.n_outputs for system in systems]

    cache.clear()
    site(SMALL)
    with django_assert_num_queries(1):
        assert counted() == [6] * 10
    monkeypatch.setattr(dataset_counts, "MANY", 1)
    with django_assert_num_queries(2):
        assert counted() == [6] * 10
    with django_assert_num_queries(1):
        assert counted() == [6] * 10
    made = System.objects.create(name="more", kind="imported")
    segment = Segment.objects.first()
    Output.objects.create(system=made, segment=segment, text="x", text_hash="x")
    assert counted() == [6] * 10 + [1]
    cache.clear()


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("after", [None, 7, 40])
def test_a_page_of_a_long_list_is_that_of_any_list(order, after, monkeypatch):
    monkeypatch.setattr("api.asking.NEXT_KEYS", (3, 9))
    site(SMALL)
    asked = {"order": order, "limit": 4} | ({"after": after} if after else {})
    for system in System.objects.order_by("pk")[:3]:
        rows = Output.objects.filter(system__name=system.name)
        assert page_of(rows, asked, long=True) == page_of(rows, asked)


def test_the_lists_count_a_big_campaign_once_though_nobody_looked_at_it(
    monkeypatch, django_assert_num_queries
):
    campaign = site(SMALL)
    monkeypatch.setattr(summaries, "BIG", 100)
    counted = numbers_of([campaign])
    with django_assert_num_queries(1):
        assert numbers_of([campaign]) == counted
    then = timezone.now() - timedelta(seconds=2 * summaries.KEPT)
    Summary.objects.update(made_at=then)
    Rating.objects.filter(pk=1).update(is_complete=False)
    assert numbers_of([campaign])[campaign.pk].n_answers == 239
