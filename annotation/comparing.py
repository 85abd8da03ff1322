"""One item's independent answers side by side: scores as a table, errors as lanes and a list."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotation.models import Assignment, ErrorSpan, Item, ItemOutput, Rating, SecondThought
from annotation.norming import Room
from annotation.numerals import digits
from annotation.overlay import LANES, Mark, drawn
from annotation.protocols.error_spans import SEVERITY_WORDS, ErrorSpanProtocol

DASH = "–"
LETTERS = "ABCDEFGH"
PREFERENCE = "preference"


class Shown(NamedTuple):
    """An output under the name that the reader may know: a letter, or its systems."""

    slots: list[int]
    name: str
    text: str


class Copy(NamedTuple):
    """A text with the lanes of at most LANES raters; `lanes` names them from the top."""

    side: str
    text: SafeString
    lanes: list[str]


def ratings_of(item: Item) -> list[Rating]:
    """The complete ratings by the raters' codes; two queries with all that is shown of them."""
    return list(
        item.ratings.filter(is_complete=True)
        .select_related("annotator", "second_thought")
        .prefetch_related("spans")
        .order_by("annotator__code")
    )


def outputs_of(room: Room, item: Item) -> list[Shown]:
    """In the order in which this annotator saw them, or by slot for a researcher; two queries."""
    slots = {slot.slot: slot for slot in item.slots.select_related("output__system")}
    order = sorted(slots)
    if not room.is_research:
        held = Assignment.objects.filter(item=item, annotator=room.annotator)
        order = held.values_list("order", flat=True).first() or order
    if not room.campaign.protocol_object.compares:
        return [Shown(sorted(slots), _names(room, list(slots.values())), slots[order[0]].text)]
    return [
        Shown(
            [slot],
            slots[slot].output.system.name
            if room.is_research
            else _("Answer %(letter)s") % {"letter": LETTERS[place]},
            slots[slot].text,
        )
        for place, slot in enumerate(order)
    ]


def _names(room: Room, slots: Sequence[ItemOutput]) -> str:
    """Outputs that read the same were judged once."""
    if room.is_research:
        return ", ".join(slot.output.system.name for slot in slots)
    is_translation = room.campaign.dataset.is_translation
    return _("Translation") if is_translation else _("Answer")


def scores_table(room: Room, ratings: Sequence[Rating], outputs: Sequence[Shown]) -> dict[str, Any]:
    """A row for each blind answer, and below it the second thought where the reader may see it."""
    protocol = room.campaign.protocol_object
    criteria = [name for name in protocol.criteria() if name != PREFERENCE]
    prefers = PREFERENCE in protocol.criteria()
    n_outputs = sum(len(shown.slots) for shown in outputs)
    several = len(outputs) > 1
    columns = [_("Annotator")]
    columns += [
        f"{shown.name}: {name}" if several else name for shown in outputs for name in criteria
    ]
    columns += [_("Preferred")] if prefers else []
    rows = []
    for rating in ratings:
        answers = [(_who(room, rating), rating.answer)]
        if second := second_thought(room, rating):
            name = _("%(code)s, after comparing") % {"code": rating.annotator.code}
            answers.append((name, second.answer))
        for name, answer in answers:
            given = protocol.scores(answer, n_outputs)
            found = {(score.slot, score.criterion): score.value for score in given}
            cells = [
                _number(found.get((shown.slots[0], criterion)))
                for shown in outputs
                for criterion in criteria
            ]
            rows.append([name, *cells, *([_preferred(found, outputs)] if prefers else [])])
    return {"columns": columns, "rows": rows, "numeric_from": None}


def second_thought(room: Room, rating: Rating) -> SecondThought | None:
    """What researchers and the annotator themselves may see."""
    if room.is_research or rating.annotator == room.annotator:
        return getattr(rating, "second_thought", None)
    return None


def _who(room: Room, rating: Rating) -> str:
    code = str(rating.annotator.code)
    return _("%(code)s (you)") % {"code": code} if rating.annotator == room.annotator else code


def _number(value: float | None) -> str:
    return DASH if value is None else digits(f"{round(value, 2):g}")


def _preferred(found: Mapping[tuple[int, str], float], outputs: Sequence[Shown]) -> str:
    wins = {shown.name: found.get((shown.slots[0], PREFERENCE)) for shown in outputs}
    if None in wins.values():
        return DASH
    best = max(wins, key=lambda name: wins[name] or 0.0)
    return _("both alike") if len(set(wins.values())) == 1 else best


def copies_of(
    room: Room, item: Item, ratings: Sequence[Rating], outputs: Sequence[Shown]
) -> list[Copy]:
    """The output and, where errors lie in it, the source, once for each LANES raters."""
    if not isinstance(room.campaign.protocol_object, ErrorSpanProtocol):
        return []
    copies = []
    for side, text in (("source", item.segment.source), ("target", outputs[0].text)):
        for first in range(0, len(ratings), LANES):
            group = ratings[first : first + LANES]
            marks = [
                Mark(span.start, span.end, lane, span.severity, _says(rating, span))
                for lane, rating in enumerate(group)
                for span in spans_of(rating)
                if span.side == side and span.start is not None and span.end is not None
            ]
            if marks or side == "target":
                names = [_who(room, rating) for rating in group]
                copies.append(Copy(side, drawn(text, marks), names))
    return copies


def spans_of(rating: Rating) -> list[ErrorSpan]:
    """Errors of one output: outputs that read the same hold the same errors each."""
    spans = sorted(rating.spans.all(), key=lambda span: span.pk)
    return [span for span in spans if span.output_id == spans[0].output_id]


def _says(rating: Rating, span: ErrorSpan) -> str:
    parts = [severity_word(span.severity), span.category]
    return f"{rating.annotator.code}: {', '.join(part for part in parts if part)}"


def severity_word(severity: str) -> str:
    return str(SEVERITY_WORDS.get(severity, severity))


def errors_table(room: Room, ratings: Sequence[Rating]) -> dict[str, Any]:
    """Every error as a row: what the lanes show, in words."""
    columns = [_("Annotator"), _("Side"), _("Text"), _("Severity"), _("Category"), _("Note")]
    rows = [
        [
            _who(room, rating),
            span.get_side_display(),
            span.quoted
            or (_("the whole text") if span.start is None else _("something is missing")),
            severity_word(span.severity),
            span.category or DASH,
            span.note or DASH,
        ]
        for rating in ratings
        for span in spans_of(rating)
    ]
    return {"columns": columns, "rows": rows, "numeric_from": None}
