"""What sections are shown with: tables and figures as the partial templates take them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports.words import interval, number

MOST_ROWS = 40


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], numeric_from: int | None
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


def figure(
    name: str, title: str, spec: dict[str, Any], shown: dict[str, Any], note: str = ""
) -> dict[str, Any]:
    """For partials/drawn.html: a figure beside its table, or the table alone.

    name : an id, "figure-..."; spec : from reports.figures
    """
    drawn = any(len(trace.get("y", ())) for trace in spec["data"])
    return {
        "id": name,
        "title": title,
        "note": note,
        "spec": spec if drawn else None,
        "table": shown,
    }


def labels(payload: Mapping[str, Any]) -> dict[str, str]:
    """Metric name to what people call it."""
    return {metric["metric"]: metric["label"] for metric in payload["metrics"]}


def defined(row: Mapping[str, Any], digits: int = 3) -> str:
    """`value` with `low` and `high`, or why there is none (`reason`)."""
    if row["value"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return number(row["value"], digits) + ends
