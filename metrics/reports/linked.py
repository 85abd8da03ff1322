"""What the words in a report's figures and tables stand for, so that one can mark the others."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports.contenders import names
from metrics.reports.words import pair_name

Payload = Mapping[str, Any]
KEYED = ("gaps", "disagreements", "changes", "points")  # tables whose rows name a segment


def linked_words(payload: Payload) -> dict[str, Any]:
    """For static/js/linked.js, from report.json alone.

    words : a text as the page has it to what it names, {"system": [...], ...};  segments : a
    segment's key to its domain;  metrics : the names that the explorer knows
    """
    words: dict[str, dict[str, list[str]]] = {}
    for text, kind, values in _named(payload):
        found = words.setdefault(text, {}).setdefault(kind, [])
        found.extend(value for value in values if value not in found)
    return {
        "words": words,
        "segments": _segments(payload),
        "metrics": [metric["metric"] for metric in payload["metrics"]],
    }


def _named(payload: Payload) -> Iterator[tuple[str, str, list[str]]]:
    """(text, kind, values) of everything that a reader may select."""
    for row in payload.get("systems", ()):
        yield row["system"], "system", [row["system"]]
        if row["is_human"]:
            yield f"{row['system']} ({_('person')})", "system", [row["system"]]
    for name, label in names(payload).items():
        yield label, "metric", [name]
    for row in payload.get("pairs", ()):
        first, second = row["system_a"], row["system_b"]
        yield pair_name(row), "system", [first, second]
        yield pair_name({"system_a": second, "system_b": first}), "system", [first, second]
    for row in payload.get("pairs_by_domain", ()):
        yield row["domain"], "domain", [row["domain"]]
    for row in payload.get("gap_causes", ()):
        yield row["label"], "cause", [row["cause"]]


def _segments(payload: Payload) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in KEYED:
        for row in payload.get(name, ()):
            if row.get("key"):
                found[row["key"]] = found.get(row["key"]) or row.get("domain") or ""
    return found
