"""Balanced pairs and controls are handed out as if everything were looked at, and little is."""

import random

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from annotation import places
from annotation.accounts import add_member
from annotation.authorship import own_blocks
from annotation.designs.base import batch
from annotation.designs.handing import open_blocks
from annotation.given import count_given
from annotation.models import Annotator, Assignment, Due, Item, Participation
from annotation.places import place_of
from annotation.privacy.erasing import erase_person
from annotation.profiles import profile_saved
from annotation.recounting import recount
from annotation.services import claim_work, expire_leases
from tests import people
from tests.annotation.handing_out import members, opened

pytestmark = pytest.mark.django_db


def by_looking_at_all(campaign, annotator):
    """The blocks of the next batch, of everything that is known of every block."""
    usual, design = campaign.raters_per_item, campaign.design_object
    blocks = sorted({item.block for item in campaign.items.judged().filter(needs_rating=True)})
    planned = dict(zip(blocks, design.sets(campaign, len(blocks)), strict=True))
    lacking = list(open_blocks(campaign, annotator, n_taken__lt=usual))
    mine = []
    if (place := place_of(campaign, annotator, design.options["places"])) is not None:
        others = campaign.places.filter(number=place).exclude(annotator=annotator)
        taken = Assignment.objects.filter(
            annotator__in=others.values("annotator"),
            item__campaign=campaign,
            state__in=("open", "done"),
        )
        still = {block.number for block in lacking} - set(
            taken.values_list("item__block", flat=True)
        )
        mine = [block for block in blocks if place in planned[block] and block in still]
    called = [b.number for b in open_blocks(campaign, annotator, n_taken__gte=usual)]
    return batch(mine or called or _instead(campaign, lacking, planned), campaign.batch_size)


def _instead(campaign, lacking, planned):
    barred = {}
    for place in campaign.places.select_related("annotator__user"):
        for block in own_blocks(campaign, place.annotator):
            barred[block] = barred.get(block, 0) + (place.number in planned.get(block, ()))
    usual = campaign.raters_per_item
    return [b.number for b in lacking if b.taken >= usual - barred.get(b.number, 0)]


def authors(campaign, rng):
    """Some segments that some of the people wrote."""
    for segment in campaign.dataset.segments.all():
        if rng.random() < 0.3:
            segment.extra = {"author": f"rater{rng.randrange(4)}"}
            segment.save()


def happens(rng, campaign, who):
    """Something to one of the people: work done, lapsed, called for, a place left or taken."""
    mine = Assignment.objects.filter(item__campaign=campaign, annotator=who)
    chance = rng.random()
    if chance < 0.5:
        mine.filter(state="open").update(state="done")
    elif chance < 0.7:
        mine.filter(state="open").update(lease_until=F("created_at"))
        expire_leases(campaign)
    elif chance < 0.8:
        campaign.items.filter(n_taken__gte=2, block=rng.randrange(12)).update(n_wanted=3)
    elif chance < 0.9:
        campaign.memberships.filter(user=who.user).delete()
    else:
        add_member(campaign=campaign, user=who.user, role="annotator")


@pytest.mark.parametrize("seed", range(4))
def test_the_next_blocks_are_those_of_looking_at_everything(seed, monkeypatch):
    monkeypatch.setattr(places, "AT_ONCE", 1 + seed % 3)
    rng = random.Random(seed)
    campaign = opened(
        "bibd", design_options={"places": 3}, raters_per_item=2, batch_size=2, n_segments=12
    )
    raters = members(campaign, 5)
    if seed % 2:
        authors(campaign, rng)
    for _ in range(20):
        who = rng.choice(raters)
        expected = by_looking_at_all(campaign, who)
        assert campaign.design_object.next_blocks(campaign, who) == expected
        claim_work(who, campaign)
        happens(rng, campaign, rng.choice(raters))


def test_what_an_erased_person_had_goes_to_the_next_at_their_place():
    campaign = opened("bibd", design_options={"places": 2}, raters_per_item=2, n_segments=6)
    first, _second, late = members(campaign, 3)
    claim_work(first, campaign)
    claim_work(first, campaign)
    erase_person(first.user, by=people.ada(), with_answers=True)
    assert Due.objects.filter(state=Due.State.HELD).count() == 0
    n = claim_work(late, campaign)
    assert n and n == campaign.items.filter(assignments__annotator=late).count()


def test_what_a_place_has_is_found_out_again():
    campaign = opened("bibd", design_options={"places": 2}, raters_per_item=2, n_segments=6)
    first, _second = members(campaign, 2)
    Due.objects.update(state=Due.State.HELD)
    assert claim_work(first, campaign) == 0
    recount(campaign)
    assert claim_work(first, campaign) == 12


def test_telling_the_name_leaves_ones_own_to_others():
    campaign = opened("bibd", design_options={"places": 2}, raters_per_item=2, n_segments=6)
    campaign.dataset.segments.filter(position=0).update(extra={"author": "asha"})
    first, second, third = members(campaign, 3)
    claim_work(second, campaign)
    first.author_name = "Asha"
    first.save()
    profile_saved(first)
    own = campaign.items.filter(segment__position=0).first().block
    assert list(Due.objects.filter(state=Due.State.WRITTEN).values_list("block")) == [(own,)]
    assert campaign.design_object.next_blocks(campaign, third) == [own]


def test_counts_of_what_was_given_go_on_from_where_they_were_left():
    campaign = opened(n_segments=30, seed=7)
    (rater,) = members(campaign, 1)
    for n in (20, 40, 60):
        claim_work(rater, campaign)
        given = count_given(campaign, rater)
        assert given == (n - 1, {Item.Purpose.JUDGE: n})
    Participation.objects.update(mixed=None)
    assert count_given(campaign, rater) == given
    assert Annotator.objects.get(pk=rater.pk).participations.get().mixed["upto"] == 59


def asked_for_a_batch(n_segments, n_done, design="uniform", **fields):
    """Queries for one more batch, for somebody who was given so many."""
    campaign = opened(
        design, n_segments=n_segments, raters_per_item=2, batch_size=5, seed=3, **fields
    )
    who = members(campaign, 4)[0]
    for _ in range(n_done):
        claim_work(who, campaign)
        Assignment.objects.update(state="done")
        if design == "uniform":  # somebody else did the same
            Item.objects.filter(n_taken=1).update(n_taken=2)
    with CaptureQueriesContext(connection) as asked:
        assert claim_work(who, campaign)
    return len(asked)


def test_a_batch_of_balanced_pairs_costs_as_much_late_as_early():
    early, late = (asked_for_a_batch(n, done, design="bibd") for n, done in ((24, 2), (96, 9)))
    assert late == early


def test_a_batch_with_controls_costs_as_much_late_as_early(monkeypatch):
    monkeypatch.setattr("annotation.mixing.LATELY", 20)
    quality = {"percent_repeats": 20, "repeat_after": 2}
    early, late = (asked_for_a_batch(n, done, quality=quality) for n, done in ((40, 4), (80, 10)))
    assert late == early


def test_as_many_repetitions_come_late_as_early(monkeypatch):
    monkeypatch.setattr("annotation.mixing.LATELY", 20)
    quality = {"percent_repeats": 20, "repeat_after": 2}
    campaign = opened(n_segments=60, batch_size=5, seed=3, quality=quality)
    (who,) = members(campaign, 1)
    for n in range(1, 13):
        claim_work(who, campaign)
        Assignment.objects.update(state="done")
        given = count_given(campaign, who).counts
        assert abs(given.get(Item.Purpose.REPEAT, 0) - 2 * n) <= 1


def test_a_thousand_outputs_are_handed_out_at_once():
    campaign = opened(systems=6, n_segments=170, batch_size=170)
    (who,) = members(campaign, 1)
    assert claim_work(who, campaign) == 6 * 170
