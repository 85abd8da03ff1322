"""What MQM and ESA share: errors marked in the output or the source, one by one."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.numerals import digits
from annotation.protocols.base import AnnotationProtocol, Answer, Span, Texts
from annotation.spans import check_quoted, snap
from common.errors import BadInput
from common.problems import shown

LONGEST_NOTE = 500
MOST_ERRORS = 100  # in one output, whatever the campaign allows
NO_PLACE = 2**31  # no text is so long, and no database counts so far
SIDES = ("source", "target")
# No database stores these; PostgreSQL refuses NUL, and half a character is no text.
NOT_TEXT = re.compile("[\0\ud800-\udfff]")
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
    "needs_note": _("Please write in the note what kind of error it is."),
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

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            "max_errors": forms.IntegerField(
                label=_("Errors at most in an item"),
                min_value=1,
                max_value=MOST_ERRORS,
                required=False,
                help_text=_("5 as in WMT 2021; empty: no limit"),
            )
        }

    def check_options(self) -> None:
        most = self.options.get("max_errors")
        if most is not None and (not is_whole(most) or not 1 <= most <= MOST_ERRORS):
            raise BadInput(f"max_errors is a whole number from 1 to {MOST_ERRORS}, or absent")
        self.max_errors: int | None = most
        self.most_errors: int = most or MOST_ERRORS

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        return [
            (("←", "→"), _("move from word to word; with Shift, select")),
            (("Space",), _("mark the word or the selection")),
            (("o", "O"), _("mark a gap after the cursor, before it")),
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
        """Outputs that read the same are shown once; what was marked holds for each of them.

        The page writes the field "errors" itself: an empty one says that its script did not run.
        """
        try:
            errors = json.loads(data.get("errors", ""))
        except (ValueError, RecursionError):
            raise BadInput(
                gettext("the marked errors cannot be read; load the page again")
            ) from None
        return {"outputs": {str(slot): {"errors": errors} for slot in order}}

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        """What is marked goes by another name than the field: an empty field says nothing of it."""
        given = (answer.get("outputs") or {}).get(str(order[0])) or {}
        return {"marked": given.get("errors", [])}

    def checked_errors(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The errors of one output; one that concerns the whole segment is not counted."""
        errors = given.get("errors", [])
        if not isinstance(errors, list):
            raise BadInput("the marked errors are a list")
        checked = [self.checked_error(error) for error in errors]
        n = len(checked) - any(error["start"] is None for error in checked)
        if n > self.most_errors:
            raise BadInput(
                gettext("%(n)s errors are marked; %(most)s is the most")
                % {"n": digits(n), "most": digits(self.most_errors)}
            )
        return checked

    def checked_error(self, error: Any) -> dict[str, Any]:
        """One error without what is not the protocol's; severity may still be open in a draft."""
        if not isinstance(error, Mapping):
            raise BadInput("a marked error has a side, a place and a severity")
        severity, side = _text(error, "severity").lower(), _text(error, "side") or "target"
        if severity and severity not in self.severities:
            raise BadInput(f"no severity {shown(severity)}; write {', '.join(self.severities)}")
        if side not in SIDES:
            raise BadInput(f"an error lies in the source or the target, not in {shown(side)}")
        note = _text(error, "note")
        if len(note) > LONGEST_NOTE:
            raise BadInput(
                gettext("a note has %(n)s characters; %(most)s is the most")
                % {"n": digits(len(note)), "most": digits(LONGEST_NOTE)}
            )
        start, end = error.get("start"), error.get("end")
        if not (start is None and end is None) and not _is_place(start, end):
            raise BadInput("a span is two whole numbers, start before end")
        if end is not None and end >= NO_PLACE:  # said of shorter ones where the text is at hand
            raise BadInput(f"a span that ends at {shown(end)} does not lie in the text")
        return {
            "side": side,
            "start": start,
            "end": end,
            "quoted": _text(error, "quoted"),
            "category": _text(error, "category"),
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
                check_quoted(text, error["start"], error["end"], error["quoted"])
                error["start"], error["end"] = snap(text, error["start"], error["end"])
                error["quoted"] = text[error["start"] : error["end"]]
        return answer

    def spans(self, answer: Answer, n_outputs: int) -> Sequence[Span]:
        return [
            Span(slot, **error)
            for slot in range(n_outputs)
            for error in answer["outputs"][str(slot)]["errors"]
        ]


def given_for(answer: Any, slot: int) -> Mapping[str, Any]:
    """What an answer says of one output; BadInput where it is not shaped as an answer."""
    given = answer
    for name in ("outputs", str(slot)):
        given = given.get(name) or {} if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping):
        raise BadInput('an answer is {"outputs": {"0": {"errors": [...]}}}')
    return given


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_place(start: Any, end: Any) -> bool:
    return is_whole(start) and is_whole(end) and 0 <= start <= end


def _text(error: Mapping[str, Any], name: str) -> str:
    value = error.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"an error's {name} is text")
    return NOT_TEXT.sub("", value)
