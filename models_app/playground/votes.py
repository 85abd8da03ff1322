"""Votes of the playground: side-by-side ratings of a kind of their own, in no campaign."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import nan, sqrt
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from common.errors import BadInput, Conflict
from common.problems import shown
from common.text import storable
from models_app.models import PlaygroundRequest, PlaygroundVote
from models_app.playground.showing import can_be_voted_on

Verdict = PlaygroundVote.Verdict
Z = 1.959963984540054  # 95 %
HEADER = (
    "request", "voted_at", "rater", "mode", "source_lang", "target_lang", "source",
    "system_a", "system_b", "output_a", "output_b", "verdict", "note",
)  # fmt: skip


class Comparison(NamedTuple):
    """Two systems in one vote: `winner` is a, b, tie or both_bad."""

    vote: PlaygroundVote
    a: Any
    b: Any
    winner: str


class Standing(NamedTuple):
    """A system's votes; `share` of the decided ones is with Wilson's interval at 95 %."""

    system: str
    wins: int
    losses: int
    ties: int
    both_bad: int
    share: float
    low: float
    high: float

    @property
    def n(self) -> int:
        return self.wins + self.losses + self.ties + self.both_bad


def cast(*, request: PlaygroundRequest, user: Any, choice: str, note: str = "") -> PlaygroundVote:
    """Store which answer is best (a letter), tie or both_bad. Raises BadInput and Conflict."""
    answers = list(request.answers.all())
    if not can_be_voted_on(request, answers):
        raise Conflict("this request cannot be voted on; only finished blind ones can")
    by_letter = {item.letter: item for item in answers}
    best = by_letter.get(choice.upper())
    if best is None and choice not in (Verdict.TIE, Verdict.BOTH_BAD):
        known = ", ".join([*by_letter, Verdict.TIE, Verdict.BOTH_BAD])
        raise BadInput(f"{shown(choice)} is no vote; write one of {known}")
    if len(note) > 2000:
        raise BadInput(f"the note has {len(note)} characters; write 2000 at most")
    try:
        with transaction.atomic():
            return PlaygroundVote.objects.create(
                request=request, created_by=user, best=best, note=storable(note),
                verdict=Verdict.BEST if best else choice,
            )  # fmt: skip
    except IntegrityError as problem:
        raise Conflict("this request has its vote already") from problem


def comparisons() -> Iterator[Comparison]:
    """Pairs in every vote, oldest first; of more than two answers the best beats each other."""
    votes = (
        PlaygroundVote.objects.select_related("request", "best", "created_by")
        .prefetch_related("request__answers__system")
        .order_by("pk")
    )
    for vote in votes:
        for a, b in combinations(vote.request.answers.all(), 2):
            if vote.verdict != Verdict.BEST:
                yield Comparison(vote, a, b, vote.verdict)
            elif vote.best_id in (a.pk, b.pk):
                yield Comparison(vote, a, b, "a" if vote.best_id == a.pk else "b")


def standings() -> list[Standing]:
    """Every system that was voted on, by its share of decided votes, the best first."""
    counts: dict[str, Counter[str]] = {}
    for _, a, b, winner in comparisons():
        for item, own in ((a, "a"), (b, "b")):
            outcome = winner if winner not in ("a", "b") else "win" if winner == own else "loss"
            counts.setdefault(item.system.name, Counter())[outcome] += 1
    found = [_standing(name, count) for name, count in counts.items()]
    return sorted(
        found, key=lambda row: (-(row.share if row.share == row.share else -1), row.system)
    )


def _standing(system: str, count: Counter[str]) -> Standing:
    wins, losses = count["win"], count["loss"]
    return Standing(
        system, wins, losses, count["tie"], count["both_bad"], *wilson(wins, wins + losses)
    )


def wilson(successes: int, n: int) -> tuple[float, float, float]:
    """A share with Wilson's score interval at 95 % (Wilson, 1927); all nan when n is 0."""
    if n == 0:
        return nan, nan, nan
    share = successes / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    return share, max(0.0, centre - half), min(1.0, centre + half)


def rows() -> Iterator[tuple[Any, ...]]:
    """The export: a line for each comparison, columns as in HEADER."""
    for vote, a, b, winner in comparisons():
        request = vote.request
        yield (
            request.pk, vote.created_at.isoformat(), f"person-{vote.created_by_id}", request.mode,
            request.source_lang, request.target_lang, request.text, a.system.name, b.system.name,
            a.translation or a.text, b.translation or b.text, winner, vote.note,
        )  # fmt: skip
