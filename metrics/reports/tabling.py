"""A table as templates show it: not longer than one reads; the download has the rest."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

MOST_ROWS = 40


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], numeric_from: int
) -> dict[str, Any]:
    """For partials/table.html, with a caption where rows are left out."""
    caption = ""
    if len(rows) > MOST_ROWS:
        caption = _("The first %(shown)s of %(n)s rows; the download has all.") % {
            "shown": MOST_ROWS,
            "n": len(rows),
        }
    return {
        "columns": list(columns),
        "rows": list(rows[:MOST_ROWS]),
        "numeric_from": numeric_from,
        "caption": caption,
    }
