"""Did the blinding hold? What annotators guessed about which output was the tuned model's.

Where two outputs stand side by side, the true source is the letter under which the tuned one was
shown; where one output stands alone, it is tuned or not. Guesses on outputs of which both or
neither are tuned have no right answer and are left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q

from annotation.models import Assignment, Campaign, Guess, ItemOutput
from annotation.quality_settings import tuned_names
from metrics.analyses.frame import counted
from metrics.analyses.settings import Settings
from metrics.statistics import BlindingIndex, bang_blinding_index, james_blinding_index

CANNOT_TELL = 2  # the column of those who could not tell
SOURCES = {True: ("shown as A", "shown as B"), False: ("tuned", "not tuned")}
Cell = tuple[int, int]  # true source and guess, as in james_blinding_index


class Given(NamedTuple):
    annotator: str
    cell: Cell | None  # none where no answer is right


def blinding_table(campaign: Campaign, settings: Settings) -> list[dict[str, Any]]:
    """James's index and Bang's two, of everybody and of each annotator; [] without a guess."""
    given = _given(campaign, settings.with_excluded)
    if not given:
        return []
    sources = SOURCES[campaign.protocol_object.compares]
    codes = sorted({guess.annotator for guess in given})
    rows = list(_rows(None, given, sources, settings))
    for code in codes:
        rows += _rows(code, [g for g in given if g.annotator == code], sources, settings)
    return rows


def tuned_systems(campaign: Campaign) -> set[int]:
    """Systems with an adapter, and those that the campaign's options name."""
    tuned = Q(adapter__isnull=False) | Q(name__in=tuned_names(campaign))
    return set(campaign.systems.filter(tuned).values_list("pk", flat=True))


def _given(campaign: Campaign, with_excluded: bool) -> list[Given]:
    """Four queries."""
    guesses = list(
        Guess.objects.filter(rating__in=counted(campaign, with_excluded=with_excluded))
        .order_by("rating__annotator__code", "rating")
        .values_list(
            "rating__item", "rating__annotator", "rating__annotator__code", "output", "is_tuned"
        )
    )
    if not guesses:
        return []
    tuned = tuned_systems(campaign)
    asked = {"item__campaign": campaign, "item__ratings__guess__isnull": False}
    slots: dict[int, dict[int, tuple[int, bool]]] = {}
    shown = ItemOutput.objects.filter(**asked).distinct()
    for item, slot, output, system in shown.values_list("item", "slot", "output", "output__system"):
        slots.setdefault(item, {})[slot] = (output, system in tuned)
    held = Assignment.objects.filter(**asked).distinct().values_list("item", "annotator", "order")
    orders = {(item, annotator): order for item, annotator, order in held}
    cell = _pair_cell if campaign.protocol_object.compares else _single_cell
    found = []
    for item, annotator, code, output, is_tuned in guesses:
        order = orders.get((item, annotator)) or sorted(slots[item])
        outputs = [slots[item][slot] for slot in order]
        found.append(Given(code, cell(outputs, output, is_tuned)))
    return found


def _pair_cell(
    outputs: Sequence[tuple[int, bool]], output: int | None, is_tuned: bool | None
) -> Cell | None:
    flags = [flag for _output, flag in outputs]
    if sum(flags) != 1 or len(flags) != 2:
        return None
    place = [pk for pk, _flag in outputs].index(output) if is_tuned else CANNOT_TELL
    return flags.index(True), place


def _single_cell(
    outputs: Sequence[tuple[int, bool]], output: int | None, is_tuned: bool | None
) -> Cell | None:
    flags = {flag for _output, flag in outputs}
    if len(flags) != 1:
        return None
    return int(not flags.pop()), CANNOT_TELL if is_tuned is None else int(not is_tuned)


def _rows(
    annotator: str | None, given: Sequence[Given], sources: tuple[str, str], settings: Settings
) -> Iterator[dict[str, Any]]:
    table = np.zeros((2, 3))
    for cell, n in Counter(guess.cell for guess in given if guess.cell).items():
        table[cell] = n
    left_out = sum(guess.cell is None for guess in given)
    yield _row(
        annotator, None, james_blinding_index(table, level=settings.coverage), table, left_out
    )
    both = bang_blinding_index(table, level=settings.coverage)
    for place, (source, index) in enumerate(zip(sources, both, strict=True)):
        alone = np.zeros((2, 3))
        alone[place] = table[place]
        yield _row(annotator, source, index, alone, left_out)


def _row(
    annotator: str | None,
    source: str | None,
    index: BlindingIndex,
    table: np.ndarray,
    left_out: int,
) -> dict[str, Any]:
    right = int(table[0, 0] + table[1, 1])
    cannot_tell = int(table[:, CANNOT_TELL].sum())
    nothing = "no guess has a right answer: both or neither of the outputs are tuned"
    return {
        "annotator": annotator,
        "statistic": index.statistic,
        "source": source,
        "value": index.value,
        "low": index.low,
        "high": index.high,
        "n": index.n,
        "n_right": right,
        "n_wrong": index.n - right - cannot_tell,
        "n_cannot_tell": cannot_tell,
        "n_left_out": left_out,
        "reason": (nothing if left_out and source is None and not index.n else index.reason)
        or None,
    }
