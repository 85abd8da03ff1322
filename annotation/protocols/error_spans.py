"""What MQM and ESA share: errors marked in the output or the source, one by one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.numerals import digits
from annotation.protocols.base import AnnotationProtocol, Answer, Span, Texts
from annotation.spans import check_span, snap
from common.errors import BadInput
from common.problems import shown

LONGEST_NOTE = 500
MOST_ERRORS = 100  # in one output, whatever the campaign allows
SIDES = ("source", "target")
SEVERITY_WORDS = {
    "neutral": _("neutral"),
    "minor": _("minor"),
    "major": _("major"),
    "critical": _("critical"),
}
WORDS = {
    "severity": _("How bad is it?"),
    "category": _("What kind of error is it?"),
    "note": _("Note"),
    "done": _("Done"),
    "remove": _("Remove"),
    "removed": _("Removed; undo brings it back."),
    "open": _("not described yet"),
    "whole": _("the whole text"),
    "missing_here": _("something is missing here"),
    "non_translation": _("No translation at all"),
    "not_set": _("not set"),
    "source_label": _("Source text, in which errors are marked too"),
    "too_many": _("No more errors can be marked in this item; remove one first."),
    "unfinished": _("Please say of every marked error how bad it is, and of what kind."),
    "nothing_marked": _("Nothing is marked. If there is no error, go on once more."),
    "low_without_error": _(
        "The score is low but no error is marked. If that is right, go on once more."
    ),
}


class ErrorSpanProtocol(AnnotationProtocol):
    """Answers are {"outputs": {slot: {"errors": [error, ...]}}}.

    An error is {"side", "start", "end", "quoted", "category", "severity", "note"}: code points
    [start, end) of the output (target) or the source. A span of length 0 is a place where something
    is missing; one without start and end concerns the whole segment.
    """

    severities: ClassVar[tuple[str, ...]]
    scripts = ("js/marking_page.js",)
    styles = ("css/marking.css",)

    def check_options(self) -> None:
        most = self.options.get("max_errors")
        if most is not None and (not isinstance(most, int) or not 1 <= most <= MOST_ERRORS):
            raise BadInput(f"max_errors is a whole number from 1 to {MOST_ERRORS}, or absent")
        self.max_errors: int | None = most

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        return [
            (("←", "→"), _("move from word to word; with Shift, select")),
            (("Space",), _("mark the word or the selection")),
            (("o",), _("mark a place where something is missing")),
            (("1", "2"), _("severity of the open error")),
            (("a", "b", "…"), _("category of the open error")),
            (("Del",), _("remove the error under the cursor")),
            (("Ctrl Z", "Ctrl Y"), _("undo, redo")),
        ]

    def words(self) -> dict[str, Any]:
        """What the page says while errors are marked, in the reader's language."""
        return {name: str(text) for name, text in WORDS.items()} | {
            "severities": {name: str(text) for name, text in SEVERITY_WORDS.items()}
        }

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        """Outputs that read the same are shown once; what was marked holds for each of them."""
        try:
            errors = json.loads(data.get("errors") or "[]")
        except ValueError as problem:
            raise BadInput(
                gettext("the marked errors cannot be read; load the page again")
            ) from problem
        return {"outputs": {str(slot): {"errors": errors} for slot in order}}

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        given = (answer.get("outputs") or {}).get(str(order[0])) or {}
        return {"errors": given.get("errors", [])}

    def checked_errors(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        errors = given.get("errors", [])
        if not isinstance(errors, list):
            raise BadInput("the marked errors are a list")
        most = self.max_errors or MOST_ERRORS
        if len(errors) > most:
            raise BadInput(
                gettext("%(n)s errors are marked; %(most)s is the most")
                % {"n": digits(len(errors)), "most": digits(most)}
            )
        return [self.checked_error(error) for error in errors]

    def checked_error(self, error: Any) -> dict[str, Any]:
        """One error without what is not the protocol's; severity may still be open in a draft."""
        if not isinstance(error, Mapping):
            raise BadInput("a marked error has a side, a place and a severity")
        severity, side = str(error.get("severity") or "").lower(), error.get("side", "target")
        if severity and severity not in self.severities:
            raise BadInput(f"no severity {shown(severity)}; write {', '.join(self.severities)}")
        if side not in SIDES:
            raise BadInput(f"an error lies in the source or the target, not in {shown(side)}")
        note = str(error.get("note") or "").replace("\0", "")
        if len(note) > LONGEST_NOTE:
            raise BadInput(
                gettext("a note has %(n)s characters; %(most)s is the most")
                % {"n": digits(len(note)), "most": digits(LONGEST_NOTE)}
            )
        start, end = error.get("start"), error.get("end")
        if not (start is None and end is None) and not _is_place(start, end):
            raise BadInput("a span is two whole numbers, start before end")
        return {
            "side": side,
            "start": start,
            "end": end,
            "quoted": str(error.get("quoted") or ""),
            "category": str(error.get("category") or ""),
            "severity": severity,
            "note": note,
        }

    def check_places(self, answer: Answer, texts: Texts) -> Answer:
        """The answer with every span on whole characters; BadInput where it quotes another text."""
        for slot, given in answer.get("outputs", {}).items():
            for error in given["errors"]:
                if error["start"] is None:
                    continue
                text = texts.source if error["side"] == "source" else texts.outputs[int(slot)]
                check_span(text, error["start"], error["end"], error["quoted"])
                error["start"], error["end"] = snap(text, error["start"], error["end"])
                error["quoted"] = text[error["start"] : error["end"]]
        return answer

    def spans(self, answer: Answer, n_outputs: int) -> Sequence[Span]:
        return [
            Span(slot, **error)
            for slot in range(n_outputs)
            for error in answer["outputs"][str(slot)]["errors"]
        ]


def _is_place(start: Any, end: Any) -> bool:
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (start, end))
    return whole and 0 <= start <= end
