"""The explorer, its slices, their export, and a campaign over again on some segments."""

import csv
import io
from urllib.parse import urlencode

import numpy as np
import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from annotation.again import campaign_again
from annotation.models import Campaign, Item, Rating
from annotation.services import open_campaign
from common.errors import BadInput, Conflict
from metrics.analyses.disagreements import disagreement_table
from metrics.analyses.frame import load_frame
from metrics.analyses.gap_table import build_outputs
from metrics.analyses.settings import Settings
from metrics.analyses.values import load_values
from metrics.explorer import (
    NO_CAUSE,
    Filter,
    cause_counts,
    chosen,
    filter_from,
    keep_outputs,
    newest_table,
    outputs_of,
    unpacked,
)
from metrics.models import LONGEST_QUERY, GapTable, ReportRun, Slice
from metrics.reporting import open_report
from models_app.models import Job
from tests.metrics.marked import MAJOR, MINOR, mqm_campaign, rate
from tests.metrics.studies import scored, study
from tests.people import alice, charlie, small_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    """Judged, scored, and with the table of a finished report."""
    made = study(systems=("base", "lora", "third"))
    scored(made, ("bleu", "ter"))
    run, _ = open_report(made)
    keep_outputs(run)
    ReportRun.objects.filter(pk=run.pk).update(state=Job.State.DONE)
    return made


@pytest.fixture
def owner():
    client = Client()
    client.force_login(alice())
    return client


def address(campaign, name="outputs", **query):
    asked = f"?{urlencode(query)}" if query else ""
    return reverse(f"metrics:{name}", args=[campaign.pk]) + asked


def known_of(campaign):
    return outputs_of(newest_table(campaign))


def test_the_columns_are_the_report_s_numbers(campaign):
    known = known_of(campaign)
    frame = load_frame(campaign)
    values = load_values(campaign, frame)
    listed = disagreement_table(frame, values, Settings(most_disagreements=1000))
    gaps = {
        (row["segment"], row["system"]): row["gap"]
        for row in listed
        if row["metric"] == "bleu" and row["system"]
    }
    rows = chosen(known, Filter(metric="bleu"))
    assert len(rows) == len(known) == 36
    for place in rows:
        spot = int(known.segment[place]), known.systems[known.system[place]]
        assert known.gap(0)[place] == pytest.approx(gaps.get(spot, 0.0), abs=1e-6)


def test_what_is_kept_is_what_was_made(campaign):
    made = build_outputs(campaign)
    kept = unpacked(made.packed())
    for name in made.__dataclass_fields__:
        one, other = getattr(made, name), getattr(kept, name)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), name
        else:
            assert one == other, name


def test_each_part_of_the_filter_narrows(campaign):
    known = known_of(campaign)
    everything = set(chosen(known, Filter()).tolist())
    parts = {
        "quadrant": [Filter(quadrant=name) for name in
                     ("both low", "only people high", "only metric high", "both high")],
        "domain": [Filter(domain=name) for name in known.domains],
        "system": [Filter(system=name) for name in known.systems],
        "length": [Filter(length=name) for name in ("short", "middle", "long")],
    }  # fmt: skip
    for name, filters in parts.items():
        found = [set(chosen(known, asked).tolist()) for asked in filters]
        assert set.union(*found) == everything and sum(map(len, found)) == 36, name
    over, under = (chosen(known, Filter(direction=word)) for word in ("over", "under"))
    assert (known.gap(0)[over] > 0).all() and (known.gap(0)[under] < 0).all()
    wide = chosen(known, Filter(least=0.5))
    assert 0 < len(wide) < 36 and (abs(known.gap(0)[wide]) >= 0.5).all()
    both = chosen(known, Filter(system="base", direction="over", least=0.5))
    assert set(both.tolist()) <= set(wide.tolist())


def test_the_order_is_what_was_asked_for(campaign):
    known = known_of(campaign)
    gap = known.gap(0)
    assert (np.diff(abs(gap[chosen(known, Filter())])) <= 0).all()
    assert (np.diff(gap[chosen(known, Filter(sort="gap"))]) >= 0).all()
    assert (np.diff(gap[chosen(known, Filter(sort="-gap"))]) <= 0).all()
    assert (np.diff(known.line[chosen(known, Filter(sort="place"))]) >= 0).all()


def test_causes_are_counted_and_chosen(campaign):
    known = known_of(campaign)
    rows = chosen(known, Filter())
    counts = cause_counts(known, rows)
    for name, n in counts.items():
        assert len(chosen(known, Filter(cause=name))) == n
    assert sum(counts.values()) >= 36
    assert counts[NO_CAUSE] == int((known.main < 0).sum())


@pytest.mark.parametrize(
    "query",
    ["metric=bleu&cause=length&least=0.25", "quadrant=both+low&sort=gap", "direction=over", ""],
)
def test_an_address_and_its_filter_are_one(query):
    asked = filter_from(QueryDict(query))
    assert asked.query() == query
    assert filter_from(QueryDict(asked.query())) == asked


@pytest.mark.parametrize("query", ["least=abc", "least=nan", "least=-4", "sort=x", "page=2"])
def test_what_cannot_be_understood_is_left_out(query):
    assert filter_from(QueryDict(query)) == Filter()


def test_the_page_shows_texts_causes_and_a_link_to_the_segment(owner, campaign):
    page = owner.get(address(campaign, metric="bleu", system="base", least="0.5"))
    text = page.content.decode()
    assert "कुत्रा क्रमांक" in text
    card = page.context["cards"][0]
    assert card["href"] in text and owner.get(card["href"]).status_code == 200
    assert {card["system"] for card in page.context["cards"]} == {"base"}
    assert "least=0.5" in text  # the forms below know the choice


def test_an_unknown_choice_shows_everything_and_an_empty_one_says_so(owner, campaign):
    page = owner.get(address(campaign, system="nobody", cause="<b>", metric="x", page="99"))
    assert page.status_code == 200 and len(page.context["page"].paginator.object_list) == 36
    assert "No output fits" in owner.get(address(campaign, least="0.999999")).content.decode()


def test_the_page_needs_the_same_queries_for_any_choice(
    owner, campaign, django_assert_max_num_queries
):
    owner.get(address(campaign))
    for query in ({}, {"cause": "length"}, {"system": "base", "least": "0.1"}):
        with django_assert_max_num_queries(9):
            owner.get(address(campaign, **query))


def test_without_a_report_the_page_leads_to_it(owner):
    empty = study("empty")
    assert reverse("metrics:report", args=[empty.pk]) in owner.get(address(empty)).content.decode()
    assert owner.get(address(empty, "slice_export")).content.decode().count("\n") == 1
    assert owner.post(address(empty, "slice_rerate"), {"name": "again"}).status_code == 302
    assert not Campaign.objects.filter(name="again").exists()


def test_a_report_keeps_its_table_and_lets_go_of_older_ones(campaign):
    first = newest_table(campaign)
    run = ReportRun.objects.create(campaign=campaign, data_version="new", state=Job.State.DONE)
    keep_outputs(run)
    keep_outputs(run)
    assert GapTable.objects.get().report == run
    assert newest_table(campaign) != first


def test_a_slice_is_saved_found_replaced_and_deleted(owner, campaign):
    query = "metric=bleu&least=0.5"
    owner.post(address(campaign, "slice_save"), {"name": " overrated ", "query": query})
    kept = Slice.objects.get()
    assert (kept.name, kept.query, kept.created_by) == ("overrated", query, alice())
    assert f"?{query.replace('&', '&amp;')}" in owner.get(address(campaign)).content.decode()
    owner.post(address(campaign, "slice_save"), {"name": "overrated", "query": "least=0.1"})
    assert Slice.objects.get().query == "least=0.1"
    owner.post(reverse("metrics:slice_delete", args=[campaign.pk, kept.pk]))
    assert not Slice.objects.exists()


def test_a_slice_keeps_the_longest_selection_as_it_was_addressed(owner, campaign):
    keys = "*".join(f"segment-{n}" for n in range(300))
    query = f"metric=bleu&picked=base**{keys}"
    assert 3500 < len(query) <= LONGEST_QUERY
    answer = owner.post(address(campaign, "slice_save"), {"name": "many", "query": query})
    assert Slice.objects.get().query == query
    assert answer.headers["Location"].partition("#")[0].endswith(f"?{query}")
    too_long = {"name": "more", "query": f"{query}*{keys}"}
    page = owner.post(address(campaign, "slice_save"), too_long, follow=True)
    assert "4000" in " ".join(map(str, page.context["messages"]))
    assert Slice.objects.count() == 1


def test_a_slice_without_a_name_is_refused(owner, campaign):
    page = owner.post(address(campaign, "slice_save"), {"name": " ", "query": ""}, follow=True)
    assert not Slice.objects.exists()
    assert [str(message) for message in page.context["messages"]]


def test_the_export_has_scores_and_notes_by_code(owner, campaign):
    rating = Rating.objects.filter(item__outputs__system__name="base").first()
    rating.note = "=the fada is missing"
    rating.save()
    answer = owner.get(address(campaign, "slice_export", system="base"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 12 and {row["system"] for row in rows} == {"base"}
    noted = [row for row in rows if row["notes"]]
    assert len(noted) == 1 and "the fada is missing" in noted[0]["notes"]
    assert rows[0]["scores"].startswith("r1: ") and " | r2: " in rows[0]["scores"]
    for row in rows:
        gap = float(row["metric_rank"]) - float(row["human_rank"])
        assert float(row["gap"]) == pytest.approx(gap, abs=1e-5)


def test_strangers_find_nothing_and_change_nothing(campaign):
    stranger = Client()
    stranger.force_login(charlie())
    for name in ("outputs", "slice_export"):
        assert stranger.get(address(campaign, name)).status_code == 404
    for name in ("slice_save", "slice_rerate"):
        assert stranger.post(address(campaign, name), {"name": "x"}).status_code == 404
    kept = Slice.objects.create(campaign=campaign, name="mine")
    gone = reverse("metrics:slice_delete", args=[campaign.pk, kept.pk])
    assert stranger.post(gone).status_code == 404 and Slice.objects.exists()


def test_chosen_segments_are_rated_again_under_a_protocol_with_a_page(owner, campaign):
    known = known_of(campaign)
    asked = Filter(metric="bleu", system="base", domain="news")
    wanted = {known.keys[place] for place in chosen(known, asked)}
    assert len(wanted) == 6
    answer = owner.post(
        address(campaign, "slice_rerate"),
        {"name": "again", "query": asked.query(), "systems": "all", "protocol": "sqm"},
    )
    again = Campaign.objects.get(name="again")
    assert answer.url == reverse("annotation:campaign_detail", args=[again.pk])
    assert again.state == Campaign.State.DRAFT and again.created_by == alice()
    assert Campaign.objects.visible_to(alice()).filter(pk=again.pk).exists()
    assert set(again.segments.values_list("key", flat=True)) == wanted
    assert again.systems.count() == 3
    open_campaign(again, despite_leaks_by=alice())
    items = Item.objects.filter(campaign=again)
    assert {item.segment.key for item in items.select_related("segment")} == wanted
    assert owner.get(answer.url).status_code == 200


def test_only_the_systems_of_the_choice_come_along(owner, campaign):
    owner.post(
        address(campaign, "slice_rerate"),
        {"name": "again", "query": "system=lora", "protocol": "sqm"},
    )
    again = Campaign.objects.get(name="again")
    assert [system.name for system in again.systems.all()] == ["lora"]
    assert again.segments.count() == 12


def test_a_comparison_takes_all_its_systems_along(owner, campaign):
    Campaign.objects.filter(pk=campaign.pk).update(protocol="sidebyside")
    owner.post(address(campaign, "slice_rerate"), {"name": "again", "query": "system=lora"})
    assert Campaign.objects.get(name="again").systems.count() == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "judged", "protocol": "sqm"}, "already"),
        ({"name": "", "protocol": "sqm"}, ""),
        ({"name": "again", "query": "least=0.99999", "protocol": "sqm"}, "nothing is chosen"),
        ({"name": "again", "protocol": "nonsense"}, "no protocol"),
        ({"name": "again"}, "no page"),
        ({"name": "again", "query": "system=lora", "protocol": "sidebyside"}, "two at least"),
    ],
)
def test_a_campaign_that_cannot_be_made_is_refused_with_a_sentence(owner, campaign, data, said):
    page = owner.post(address(campaign, "slice_rerate"), data, follow=True)
    assert not Campaign.objects.filter(name__in=["", "again"]).exists()
    told = " ".join(str(message) for message in page.context["messages"])
    assert told and said in told


def test_a_campaign_again_keeps_what_was_set():
    first = small_campaign(
        protocol="sqm", raters_per_item=3, seed=4, options={"scale": "generation"}
    )
    segments = [segment.pk for segment in first.dataset.segments.all()[:2]]
    systems = list(first.systems.values_list("pk", flat=True))
    again = campaign_again(first, name="again", segments=segments, systems=systems, by=alice())
    assert (again.raters_per_item, again.seed, again.design) == (3, 5, "uniform")
    assert again.options == {"scale": "generation", "segments": ["s0", "s1"]}
    open_campaign(again)
    assert again.items.count() == 4
    with pytest.raises(Conflict):
        campaign_again(first, name="again", segments=segments, systems=systems, by=alice())
    with pytest.raises(BadInput):
        campaign_again(first, name="none", segments=[], systems=systems, by=alice())


def test_outputs_are_chosen_by_a_marked_error():
    judged = mqm_campaign(n_segments=3)
    places = [(system, n) for system in ("base", "lora") for n in range(3)]
    rate(judged, {place: [MAJOR] if place[1] else [MINOR] for place in places})
    rate(judged, {("base", 2): [MAJOR, MINOR]}, code="r2")
    scored(judged, ("chrf",))
    known = build_outputs(judged)
    assert known.categories == ("Accuracy/Mistranslation", "Style/Awkward")
    found = {
        name: sorted(known.keys[place] for place in chosen(known, Filter(error=name)))
        for name in known.categories
    }
    assert found["Accuracy/Mistranslation"] == ["s1", "s1", "s2", "s2"]
    assert found["Style/Awkward"] == ["s0", "s0", "s2"]
    assert len(chosen(known, Filter(error="no such"))) == 6


def test_a_table_of_other_code_counts_as_none(owner, campaign):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, words=np.frombuffer(b"{}", dtype=np.uint8))
    GapTable.objects.update(content=buffer.getvalue(), made_at=campaign.created_at)
    assert known_of(campaign) is None
    page = owner.get(address(campaign))
    assert reverse("metrics:report", args=[campaign.pk]) in page.content.decode()
    assert owner.get(address(campaign, "slice_export")).status_code == 200


def test_what_was_selected_in_a_report_is_shown_and_nothing_else(campaign):
    known = outputs_of(newest_table(campaign))

    def shown(*picks):
        rows = chosen(known, Filter(sort="place", picked=picks))
        return [
            (known.keys[row], known.systems[known.system[row]], known.domains[known.domain[row]])
            for row in rows
        ]

    assert shown("base**s1*s2") == [("s1", "base", "news"), ("s2", "base", "health")]
    assert shown("base**s1", "lora**s1") == [("s1", "base", "news"), ("s1", "lora", "news")]
    assert {row[1:] for row in shown("lora*news")} == {("lora", "news")}
    assert {row[2] for row in shown("*health")} == {"health"}
    assert shown("no such system*") == shown("base**no such key") == []


def test_the_selection_stands_in_the_address(campaign, owner):
    asked = filter_from(QueryDict("metric=bleu&picked=base**s1*a%252Ab&picked=base**s1*a%252Ab"))
    assert asked.picked == ("base**s1*a%2Ab",)
    assert filter_from(QueryDict(asked.query())) == asked
    assert filter_from(QueryDict("picked=**&picked=")).picked == ()
    address = reverse("metrics:outputs", args=[campaign.pk])
    page = owner.get(f"{address}?picked=base**s1").content.decode()
    assert "1 output of" in page
    assert '<input type="hidden" name="picked" value="base**s1">' in page
