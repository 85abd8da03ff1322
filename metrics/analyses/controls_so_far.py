"""What control items say of each annotator so far: counts for a first look, no statistics."""

from collections.abc import Sequence
from typing import NamedTuple

from annotation.models import Campaign, Item
from metrics.analyses.control_answers import EQUAL, Answered, control_answers


class Controls(NamedTuple):
    """One annotator's counts; distance: mean difference of repeats, in the protocol's unit."""

    code: str
    n_known: int
    n_right: int
    n_damaged: int
    n_found: int
    n_repeats: int
    n_alike: int
    distance: float | None


def controls_so_far(campaign: Campaign) -> list[Controls]:
    """By code, of those who have answered a control; three queries, one where there is none."""
    by_code: dict[str, list[Answered]] = {}
    for answered in control_answers(campaign):
        by_code.setdefault(answered.code, []).append(answered)
    direction = -1 if campaign.protocol_object.direction == "lower" else 1
    return [_row(code, answers, direction) for code, answers in by_code.items()]


def _row(code: str, answers: Sequence[Answered], direction: int) -> Controls:
    right = [a.is_right for a in answers if a.purpose == Item.Purpose.KNOWN]
    right = [answer for answer in right if answer is not None]
    found = [a.found(direction) for a in answers if a.purpose == Item.Purpose.DAMAGED]
    found = [answer for answer in found if answer is not None]
    gaps = [a.gap for a in answers if a.purpose == Item.Purpose.REPEAT]
    distances = [abs(gap) for gap in gaps if gap is not None]
    alike = sum(distance < EQUAL for distance in distances)
    mean = sum(distances) / len(distances) if distances else None
    return Controls(
        code, len(right), sum(right), len(found), sum(found), len(distances), alike, mean
    )
