"""Several raters' spans over one text, each rater in a lane of their own under the line.

The text is cut and wrapped and never changed: without its tags it is the text.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from annotation.spans import segments
from models_app.templatetags.hidden import shown

LANES = 6  # raters over one copy of the text; the sheet has as many lanes


class Mark(NamedTuple):
    """A span [start, end) in code points, in a lane from 0; `says` is read in its tooltip."""

    start: int
    end: int
    lane: int
    severity: str
    says: str


def drawn(text: str, marks: Sequence[Mark]) -> SafeString:
    """The text with its marks as nested spans; marks that do not lie in it are left out."""
    fitting = [mark for mark in marks if 0 <= mark.start <= mark.end <= len(text)]
    pieces = segments(text, [(mark.start, mark.end) for mark in fitting])
    return format_html_join(
        "",
        "{}",
        (
            [_wrapped(text[piece["start"] : piece["end"]], [fitting[i] for i in piece["marks"]])]
            for piece in pieces
        ),
    )


def _wrapped(text: str, marks: Sequence[Mark]) -> SafeString:
    inner = format_html("{}", shown(text))
    for mark in sorted(marks, key=lambda mark: -mark.lane):
        inner = format_html(
            '<span class="lane lane-{} is-{}{}" title="{}">{}</span>',
            mark.lane + 1,
            mark.severity,
            "" if text else " gap",
            mark.says,
            inner,
        )
    return inner
