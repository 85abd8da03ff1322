"""Which errors each system makes: categories rolled up to the core, counted by severity."""

from collections import Counter
from typing import Any

from annotation.mqm import rolled_up
from annotation.scoring import SEVERITIES
from metrics.analyses.errors import Marked
from metrics.analyses.frame import Frame


def category_table(frame: Frame, marked: Marked) -> list[dict[str, Any]]:
    """A row per system and category, the most frequent first; every rating's errors count."""
    n_ratings = Counter(system for _segment, system in marked.spots)
    counts: dict[tuple[int, str], Counter[str]] = {}
    for (_segment, system), errors in zip(marked.spots, marked.errors, strict=True):
        for error in errors:
            place = counts.setdefault((system, rolled_up(error.category)), Counter())
            place[error.severity.lower()] += 1
    ordered = sorted(counts.items(), key=lambda row: (row[0][0], -row[1].total(), row[0][1]))
    return [
        {
            "system": frame.systems[system],
            "category": category,
            **{severity: found[severity] for severity in SEVERITIES},
            "n": found.total(),
            "n_ratings": n_ratings[system],
            "per_rating": found.total() / n_ratings[system],
        }
        for (system, category), found in ordered
    ]
