"""Designs: who gets what, in which order, whoever comes when."""

from collections import Counter
from itertools import combinations, pairwise

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.accounts import add_member
from annotation.designs import DESIGNS
from annotation.models import Assignment, Item, Place
from annotation.ordering import spread
from annotation.services import claim_work, open_campaign
from common.errors import BadInput
from models_app.models import Dataset, Output, System
from tests import people
from tests.annotation.handing_out import members, opened, raters, sequence, work_through

pytestmark = pytest.mark.django_db
few = settings(max_examples=12, deadline=None)


@pytest.mark.parametrize("name", DESIGNS.names())
@few
@given(turns=st.lists(st.integers(0, 3), max_size=14), k=st.integers(2, 4), batch=st.integers(2, 5))
def test_nobody_gets_an_item_twice_and_none_goes_to_more_than_wanted(name, turns, k, batch):
    campaign = opened(name, raters_per_item=k, batch_size=batch, n_segments=9)
    annotators = members(campaign, 4)
    for turn in turns:
        claim_work(annotators[turn], campaign)
    work_through(campaign, annotators)
    taken = Counter(Assignment.objects.filter(item__campaign=campaign).values_list("item"))
    for item in campaign.items.with_wanted():
        assert taken[(item.pk,)] == item.n_taken == item.wanted


@pytest.mark.parametrize("name", DESIGNS.names())
def test_every_design_says_what_it_is_and_refuses_odd_options(name):
    design = DESIGNS.get(name)
    assert design.label and design.help
    with pytest.raises(BadInput, match="no option 'colour'"):
        design({"colour": 1})
    for option, about in design.takes.items():
        for value in (about.low - 1, about.high + 1, 1.5, True, "3", None):
            with pytest.raises(BadInput, match=f"{option} is .* whole number from"):
                design({option: value})


@pytest.mark.parametrize("name", DESIGNS.names())
def test_the_same_seed_gives_the_same_items(name):
    fields = {"raters_per_item": 2, "n_segments": 12, "seed": 7}
    made = []
    for _ in range(2):
        campaign = people.small_campaign("again", design=name, **fields)
        open_campaign(campaign)
        made.append(list(campaign.items.values_list("segment__key", "block", "n_wanted")))
        campaign.items.all().delete()
        campaign.delete()
        System.objects.all().delete()
        Dataset.objects.all().delete()
    assert made[0] == made[1]


@few
@given(systems=st.integers(2, 4), segments=st.integers(2, 9), batch=st.integers(2, 5))
def test_one_rater_judges_all_systems_and_never_two_outputs_of_a_segment_in_a_row(
    systems, segments, batch
):
    campaign = opened(systems=systems, n_segments=segments, batch_size=batch)
    (rater,) = raters(1)
    work_through(campaign, [rater])
    shown = sequence(rater, campaign)
    assert Counter(segment for _, segment, _ in shown) == dict.fromkeys(range(segments), systems)
    assert all(first[1] != second[1] for first, second in pairwise(shown))


@given(sizes=st.lists(st.integers(0, 6), max_size=8))
def test_members_of_a_group_stand_apart_wherever_that_is_possible(sizes):
    groups = [[(group, turn) for turn in range(size)] for group, size in enumerate(sizes)]
    order = spread(groups)
    assert sorted(order) == sorted(member for group in groups for member in group)
    for group in groups:
        assert [member for member in order if member in group] == group
    side_by_side = sum(first[0] == second[0] for first, second in pairwise(order))
    largest = max(sizes, default=0)
    assert side_by_side == max(0, 2 * largest - sum(sizes) - 1) or not sizes


@few
@given(percent=st.integers(1, 100), k=st.integers(2, 4), segments=st.integers(1, 30))
def test_overlap_gives_its_share_to_k_raters_and_the_rest_to_one(percent, k, segments):
    campaign = opened(
        "overlap", design_options={"percent": percent}, raters_per_item=k, n_segments=segments
    )
    wanted = dict(campaign.items.with_wanted().values_list("block", "wanted"))
    n_shared = max(1, round(segments * percent / 100))
    assert Counter(wanted.values()) == +Counter({k: n_shared, 1: segments - n_shared})


def test_two_campaigns_of_other_seeds_overlap_on_other_items():
    shared = {
        tuple(
            opened("overlap", raters_per_item=2, n_segments=40, seed=seed)
            .items.filter(n_wanted=None)
            .values_list("block", flat=True)
            .distinct()
        )
        for seed in range(3)
    }
    assert len(shared) == 3


@few
@given(places=st.integers(2, 5), size=st.integers(2, 3), rounds=st.integers(1, 2))
def test_every_two_annotators_share_the_same_number_of_items_within_one(places, size, rounds):
    size = min(size, places)
    n = rounds * len(list(combinations(range(places), size)))
    campaign = opened(
        "bibd", design_options={"places": places}, raters_per_item=size, n_segments=n, batch_size=4
    )
    annotators = members(campaign, places)
    work_through(campaign, annotators)
    blocks = [{block for block, _, _ in sequence(rater, campaign)} for rater in annotators]
    shared = [len(first & second) for first, second in combinations(blocks, 2)]
    assert max(shared) - min(shared) <= 1
    assert max(map(len, blocks)) - min(map(len, blocks)) <= 1


def test_places_go_by_joining_and_a_left_one_goes_to_the_next():
    campaign = opened("bibd", design_options={"places": 3}, raters_per_item=2, n_segments=6)
    first, second, third, late = members(campaign, 4)
    campaign.memberships.filter(user=late.user).delete()
    claim_work(third, campaign)
    claim_work(first, campaign)
    assert [place.annotator for place in Place.objects.order_by("number")] == [first, second, third]
    campaign.memberships.filter(user=first.user).delete()
    kept = {block for block, _, _ in sequence(first, campaign)}
    add_member(campaign=campaign, user=late.user, role="annotator")
    work_through(campaign, [second, third, late])
    assert not kept & {block for block, _, _ in sequence(late, campaign)}
    assert set(Item.objects.values_list("n_taken", flat=True)) == {2}


def test_who_finds_no_place_gets_nothing():
    campaign = opened("bibd", design_options={"places": 2}, raters_per_item=2)
    *_, late = members(campaign, 3)
    assert claim_work(late, campaign) == 0


@few
@given(systems=st.integers(2, 4), segments=st.integers(2, 9), k=st.integers(1, 3))
def test_latin_shows_every_system_equally_often_at_every_position(systems, segments, k):
    campaign = opened(
        "latin", systems=systems, n_segments=segments, raters_per_item=k, batch_size=4
    )
    annotators = raters(k)
    work_through(campaign, annotators)
    shown = Counter()
    for rater in annotators:
        turns = Counter()
        for _, segment, (system,) in sequence(rater, campaign):
            shown[turns[segment], system] += 1
            turns[segment] += 1
    assert len(shown) == systems**2 or segments * k < systems
    counts = [shown[turn, s] for turn in range(systems) for s in {key[1] for key in shown}]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == segments * k * systems


@few
@given(systems=st.integers(2, 3), segments=st.integers(2, 9), k=st.integers(1, 3))
def test_latin_shows_each_system_of_a_pair_first_every_other_time(systems, segments, k):
    campaign = opened(
        "latin", protocol="sidebyside", systems=systems, n_segments=segments, raters_per_item=k
    )
    work_through(campaign, raters(k))
    first = Counter()
    slots = "item__slots__output__system"
    for a in Assignment.objects.filter(item__campaign=campaign).prefetch_related(slots):
        names = [slot.output.system.name for slot in a.item.slots.all()]
        first[tuple(names), names[a.order[0]]] += 1
    for pair in {pair for pair, _ in first}:
        assert abs(first[pair, pair[0]] - first[pair, pair[1]]) <= 1


@few
@given(
    systems=st.integers(1, 3),
    segments=st.integers(2, 14),
    batch=st.integers(1, 8),
    k=st.integers(1, 2),
)
def test_documents_are_judged_whole_in_order_by_one_rater(systems, segments, batch, k):
    campaign = opened(
        "documents", systems=2, n_segments=segments, batch_size=batch, raters_per_item=k
    )
    annotators = raters(k)
    work_through(campaign, annotators)
    documents = dict(campaign.dataset.segments.values_list("position", "document"))
    for rater in annotators:
        shown = sequence(rater, campaign)
        for block in {block for block, _, _ in shown}:
            for system in campaign.systems.values_list("name", flat=True):
                read = [s for b, s, systems in shown if b == block and system in systems]
                whole = [p for p, document in documents.items() if document == documents[read[0]]]
                assert read == sorted(whole)
        alone = [s for s in range(segments) if list(documents.values()).count(documents[s]) == 1]
        assert all(a[1] != b[1] or a[1] in alone for a, b in pairwise(shown))


def test_readings_of_documents_take_turns():
    campaign = opened("documents", n_segments=6)
    (rater,) = raters(1)
    claim_work(rater, campaign)
    blocks = [block for block, _, _ in sequence(rater, campaign)]
    assert blocks == [0] * 3 + [1] * 3 + [0] * 3 + [1] * 3


@pytest.mark.parametrize(
    ("design", "fields", "sentence"),
    [
        ("overlap", {}, "to 2 or more"),
        ("bibd", {}, "need 2 to 4 annotators for each item, not 1"),
        ("bibd", {"raters_per_item": 5}, "not 5"),
    ],
)
def test_a_design_that_does_not_fit_does_not_open(design, fields, sentence):
    with pytest.raises(BadInput, match=sentence):
        opened(design, **fields)


def test_documents_need_documents():
    campaign = people.small_campaign(design="documents")
    campaign.dataset.segments.update(document="")
    with pytest.raises(BadInput, match="name no document"):
        open_campaign(campaign)


def test_handing_out_asks_the_database_little(django_assert_max_num_queries):
    locks = connection.vendor == "postgresql"  # SQLite has one writer at a time without being asked
    for design in DESIGNS.names():
        campaign = opened(design, raters_per_item=2, n_segments=12)
        (rater,) = members(campaign, 1)
        claim_work(rater, campaign)
        with django_assert_max_num_queries(20 + locks):
            claim_work(rater, campaign)


def test_identical_outputs_keep_every_design_working():
    for design in DESIGNS.names():
        campaign = people.small_campaign(design, design=design, raters_per_item=2)
        texts = Output.objects.filter(segment__position__lt=3, segment__dataset=campaign.dataset)
        texts.update(text="एकच", text_hash="same")
        open_campaign(campaign)
        campaign.refresh_from_db()
        work_through(campaign, members(campaign, 4))
        assert set(campaign.items.with_wanted().values_list("n_taken", flat=True)) <= {1, 2}
        assert campaign.items.count() == 9
