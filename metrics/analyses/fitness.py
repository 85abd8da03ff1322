"""Whether the metrics read the language, and whether labels say anything: as a run found it."""

from typing import Any

from annotation.models import Campaign
from metrics.examining import doctor_findings
from metrics.labels import label_findings

NUMBERS = (
    "accuracy",
    "macro_f1",
    "macro_f1_se",
    "best_constant_macro_f1",
    "majority_label",
    "majority_accuracy",
)


def metric_checks(campaign: Campaign) -> list[dict[str, Any]]:
    """Every check of the doctor; [] where no run kept any. One query."""
    return [
        {
            "metric": found["metric"],
            "signature": found["signature"],
            "language": found["language"],
            "check": found["check"],
            "must_hold": found["check_label"],
            "state": found["state"],
            "is_serious": found["serious"],
            "used_knowingly": found["used_knowingly"],
            "cause": found["cause"],
            "fix": found["fix"],
            "numbers": ", ".join(f"{name} {value:g}" for name, value in found["numbers"].items()),
        }
        for found in doctor_findings(campaign)
    ]


def label_checks(campaign: Campaign) -> list[dict[str, Any]]:
    """A row for each system with labels; [] where no metric of labels was computed. Two queries."""
    return [
        {
            "system": found["system"],
            "verdict": found["verdict"],
            "n": found["n"],
            "n_labels": found["n_labels"],
            **{name: found.get(name) for name in NUMBERS},
            "gold": _counts(found.get("gold", [])),
            "predicted": _counts(found.get("predicted", [])),
            "phantom_classes": ", ".join(
                f"{label} {support} ({weight:.3g})"
                for label, support, weight in found.get("phantom_classes", [])
            ),
        }
        for found in label_findings(campaign)
    ]


def _counts(counts: list[list[Any]]) -> str:
    return ", ".join(f"{label or '…'} {n}" for label, n in counts)
