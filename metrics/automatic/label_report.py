"""What stands beside the F1 of each system's labels, as plain data for a page or a file."""

import math
from collections.abc import Sequence
from typing import Any

from metrics.automatic.degeneracy import Degeneracy, degeneracy

MOST_LABELS = 50  # more are no classes but texts
SHOWN = 5

Plain = dict[str, Any]


def label_report(system: str, gold: Sequence[str], predicted: Sequence[str]) -> Plain:
    """Distributions, constant answers and a verdict; undefined numbers are None.

    verdict : "" or why the F1 must not be read as reasoning: "constant" (always the same answer),
        "near constant" (within one standard error of the best constant answer), "phantom classes",
        "texts" (too many different labels to be classes; then nothing else is said)
    """
    n_labels = len({*gold, *predicted})
    if n_labels > MOST_LABELS:
        return {"system": system, "n": len(gold), "n_labels": n_labels, "verdict": "texts"}
    found = degeneracy(gold, predicted)
    numbers = {
        name: _plain(getattr(found, name))
        for name in (
            "accuracy",
            "macro_f1",
            "macro_f1_se",
            "predicted_entropy_bits",
            "majority_accuracy",
            "best_constant_macro_f1",
        )
    }
    return {
        "system": system,
        "n": found.n,
        "n_labels": n_labels,
        **numbers,
        "majority_label": found.majority_label,
        "gold": _most(found.gold_counts),
        "predicted": _most(found.predicted_counts),
        "phantom_classes": [[c.label, c.support, c.weight] for c in found.phantom_classes],
        "verdict": _verdict(found),
    }


def _verdict(found: Degeneracy) -> str:
    if not found.n:
        return ""
    if found.is_constant:
        return "constant"
    if found.near_constant:
        return "near constant"
    return "phantom classes" if found.phantom_classes else ""


def _most(counts: dict[str, int]) -> list[list[Any]]:
    """[label, count], the most frequent first; the rest together under ""."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[SHOWN:])
    shown = [[label, count] for label, count in ordered[:SHOWN]]
    return [*shown, ["", rest]] if rest else shown


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
