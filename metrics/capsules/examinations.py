"""What was found of metrics and labels before a run, in a capsule's first line of metric values."""

from collections.abc import Mapping
from typing import Any

from annotation.models import Campaign
from common.errors import BadInput
from metrics.examining import doctor_findings
from metrics.labels import label_findings

TEXTS = (
    "metric",
    "label",
    "signature",
    "language",
    "check",
    "check_label",
    "state",
    "cause",
    "fix",
)
FLAGS = ("serious", "used_knowingly")


def examinations(campaign: Campaign) -> dict[str, Any]:
    """The findings that the report of the campaign shows."""
    return {"doctor": doctor_findings(campaign), "labels": label_findings(campaign)}


def restored(head: Mapping[str, Any], file: str) -> dict[str, Any]:
    """The same for a run's environment; older capsules have none. BadInput where it is not so."""
    doctor, labels = head.get("doctor") or [], head.get("labels") or []
    if not isinstance(doctor, list) or not all(map(_is_finding, doctor)):
        raise BadInput("holds no findings of the doctor", file=file, row=1, column="doctor")
    if not isinstance(labels, list) or not all(
        isinstance(one, dict) and isinstance(one.get("system"), str) for one in labels
    ):
        raise BadInput("must name a system in each entry", file=file, row=1, column="labels")
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for finding in doctor:
        by_metric.setdefault(finding["metric"], []).append(finding)
    return {"doctor": by_metric, "labels": labels}


def _is_finding(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in TEXTS)
        and all(isinstance(value.get(name), bool) for name in FLAGS)
        and isinstance(value.get("numbers"), dict)
        and all(isinstance(number, int | float) for number in value["numbers"].values())
    )
