"""Blocks are handed out in the same order, however many are looked at together."""

import pytest
from django.db.models import Max

from annotation.authorship import own_blocks
from annotation.designs import handing
from annotation.designs.handing import open_blocks
from annotation.models import Assignment
from annotation.services import claim_work
from tests.annotation.handing_out import members, opened

pytestmark = pytest.mark.django_db


def by_looking_at_all(campaign, annotator):
    had = campaign.items.filter(assignments__annotator=annotator).values("block")
    rows = campaign.items.wanting().exclude(block__in=had).values_list("block")
    rows = rows.annotate(taken=Max("n_taken")).order_by("-taken", "block")
    own = own_blocks(campaign, annotator)
    return [row for row in rows if row[0] not in own]


@pytest.mark.parametrize("at_once", [1, 3, 32])
@pytest.mark.parametrize("design", ["uniform", "overlap"])
def test_the_order_is_that_of_looking_at_everything(design, at_once, monkeypatch):
    monkeypatch.setattr(handing, "AT_ONCE", at_once)
    campaign = opened(design, raters_per_item=3, batch_size=2, n_segments=14)
    people = members(campaign, 4)
    people[0].author_name = "Asha"
    people[0].save()
    segment = campaign.items.get(block=3, position=campaign.items.filter(block=3).first().position)
    segment = segment.segment
    segment.extra = {"author": "asha"}
    segment.save()
    campaign.items.filter(block=5).update(n_wanted=4)
    campaign.items.filter(pk=campaign.items.filter(block=7).first().pk).update(n_taken=1)
    for turn in (0, 1, 1, 2, 0, 1):
        claim_work(people[turn], campaign)
        Assignment.objects.update(state="done")
        for person in people:
            assert list(open_blocks(campaign, person)) == by_looking_at_all(campaign, person)
