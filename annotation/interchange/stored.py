"""Rows that every way in makes alike."""

import uuid

from annotation.models import ErrorSpan, Rating
from annotation.protocols.base import Span
from common.text import text_hash
from models_app.models import Output

NAMESPACE = uuid.UUID("6f0c3c52-6b1c-4b6e-9a2e-0d9b5c1a7f10")
"""Of the keys of events that nobody's browser made."""


def error_span(
    rating: Rating, output: Output, span: Span, changed_text: str | None = None
) -> ErrorSpan:
    """The row of a marked error; of a control item, on the text that was shown instead."""
    target = output.text if changed_text is None else changed_text
    shown = output.segment.source if span.side == "source" else target
    return ErrorSpan(
        rating_id=rating.pk,
        output_id=output.pk,
        side=span.side,
        start=span.start,
        end=span.end,
        quoted=span.quoted,
        text_hash=text_hash(shown),
        category=span.category,
        severity=span.severity,
        note=span.note,
    )
