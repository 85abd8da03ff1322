"""A long random walk over the real pages: no acknowledged rating is lost, none is doubled.

Two annotators, each in two tabs, on a bad line: answers are sent twice, sent again after their
acknowledgement was lost, sent from a tab that is behind, skipped, handed back, and leases run out.
"""

import random
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db.models import Count, Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.accounts import add_member
from annotation.models import Assignment, Campaign, Item, Rating, RatingEvent, RatingScore
from annotation.services import expire_leases, open_campaign, take_back
from tests import people

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}
STEPS = 180
MOVES = {
    "save": 8, "draft": 3, "send_twice": 4, "lose_answer": 4, "resend": 5, "other_tab": 4,
    "skip": 2, "hand_back": 1, "expire": 1,
}  # fmt: skip


class Sent(NamedTuple):
    """One answer as it went over the line, and whether the annotator was told that it is saved."""

    address: str
    data: dict[str, str]
    is_acknowledged: bool


class Walker:
    """One annotator: what their tabs show, what they sent, and what they were told."""

    def __init__(self, campaign: Campaign, user: Any, chance: random.Random) -> None:
        self.campaign, self.user, self.chance = campaign, user, chance
        self.client = Client()
        self.client.force_login(user)
        self.page = ""
        self.behind: dict[str, int] = {}  # what the second tab believes to be the newest sequence
        self.sequences: Counter[str] = Counter()
        self.sent: list[Sent] = []

    def turn(self) -> str:
        """The page one is on; the next one where there is none."""
        if not self.page:
            answer = self.client.get(reverse("annotation:annotate_next", args=[self.campaign.pk]))
            self.page = answer.headers["Location"]
        return self.page if "/item/" in self.page else ""

    def post(self, data: dict[str, str], *, hears: bool = True, address: str = "") -> None:
        address = address or self.page
        answer = self.client.post(address, data, **JSON)
        saved = answer.status_code == 200 and answer.json()["saved"]
        assert answer.status_code in (200, 404, 409), (answer.status_code, answer.content)
        self.sent.append(Sent(address, data, bool(saved and hears)))
        if saved and hears:
            self.page = answer.json()["next"] or self.page

    def answer(self, *, finish: bool = True, sequence: int = 0) -> dict[str, str]:
        self.sequences[self.page] = max(self.sequences[self.page] + 1, sequence)
        return {
            "key": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
            "sequence": str(sequence or self.sequences[self.page]),
            "score": str(self.chance.randint(0, 6)),
            "finish": "1" if finish else "0",
        }

    def save(self) -> None:
        self.post(self.answer())

    def draft(self) -> None:
        self.post(self.answer(finish=False))

    def send_twice(self) -> None:
        """A double click: the same answer, twice."""
        address, data = self.page, self.answer()
        self.post(data)
        self.post(data, address=address)

    def lose_answer(self) -> None:
        """The answer arrives, its acknowledgement does not; the page sends it again."""
        data = self.answer()
        self.post(data, hears=False)
        if self.chance.random() < 0.7:
            self.post(data)

    def resend(self) -> None:
        """The outbox empties late: something old comes once more."""
        if self.sent:
            old = self.chance.choice(self.sent)
            self.post(old.data, address=old.address, hears=old.is_acknowledged)

    def other_tab(self) -> None:
        """Another tab shows the same item, opened before: its count is behind."""
        behind = self.behind.setdefault(self.page, 1)
        self.post(self.answer(sequence=behind), hears=self.chance.random() < 0.8)

    def skip(self) -> None:
        """Leaves the item open and goes to whatever one holds."""
        held = Assignment.objects.filter(annotator__user=self.user, state=Assignment.State.OPEN)
        if pks := list(held.order_by("pk").values_list("pk", flat=True)):
            self.page = reverse("annotation:annotate", args=[self.chance.choice(pks)])

    def hand_back(self) -> None:
        take_back(self.user.annotator, self.campaign)
        self.page = ""

    def expire(self) -> None:
        """The lease runs out while the page is open."""
        held = Assignment.objects.filter(annotator__user=self.user, state=Assignment.State.OPEN)
        held.update(lease_until=timezone.now() - timedelta(minutes=1))
        expire_leases(self.campaign)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_doubled(seed: int) -> None:
    chance = random.Random(seed)
    campaign = people.small_campaign("soak", "sqm", n_segments=70, batch_size=4)
    users = [people.bob(), people.person("eve", "annotator")]
    add_member(campaign=campaign, user=users[1], role="annotator")
    open_campaign(campaign)
    campaign.refresh_from_db()
    walkers = [Walker(campaign, user, chance) for user in users]
    for _step in range(STEPS):
        walker = chance.choice(walkers)
        move = chance.choices(list(MOVES), list(MOVES.values()))[0]
        if walker.turn():
            getattr(walker, move)()
    told = [(one.data["key"], one) for w in walkers for one in w.sent if one.is_acknowledged]
    assert len({key for key, _one in told}) > STEPS / 3
    _nothing_is_lost(dict(told))
    _nothing_is_doubled(walkers)


def _nothing_is_lost(told: dict[str, Sent]) -> None:
    """Every acknowledged answer is kept as an event, as it was; the newest is the rating."""
    events = {str(event.key): event for event in RatingEvent.objects.all()}
    for key, one in told.items():
        assert events[key].answer["score"] == int(one.data["score"]), one
    by_place: dict[tuple[int, int], list[RatingEvent]] = {}
    for event in events.values():
        by_place.setdefault((event.item_id, event.annotator_id), []).append(event)
    for rating in Rating.objects.all():
        mine = by_place[rating.item_id, rating.annotator_id]
        newest = max(event.sequence for event in mine)
        assert rating.sequence == newest
        heads = [event.answer["score"] for event in mine if event.sequence == newest]
        assert rating.answer["score"] in heads


def _nothing_is_doubled(walkers: list[Walker]) -> None:
    """One event for each answer however often it came; one rating and score for each item."""
    sent = {one.data["key"] for walker in walkers for one in walker.sent}
    assert RatingEvent.objects.count() <= len(sent)
    places = Rating.objects.values_list("item", "annotator")
    assert len(places) == len(set(places))
    scores = RatingScore.objects.values_list("rating", "output", "criterion")
    assert len(scores) == len(set(scores))
    complete = Rating.objects.filter(is_complete=True).values_list("pk", flat=True)
    assert {rating for rating, _output, _criterion in scores} == set(complete)
    done = Assignment.objects.filter(state=Assignment.State.DONE).values_list("item", "annotator")
    assert len(done) == len(set(done))
    is_taken = ~Q(assignments__state=Assignment.State.EXPIRED)
    for item in Item.objects.annotate(taken=Count("assignments", filter=is_taken)):
        assert item.n_taken == item.taken, item
