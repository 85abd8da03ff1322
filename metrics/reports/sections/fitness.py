"""Whether the metrics read this language, and whether a classifier has collapsed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import labels, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import number

FAILED = "failed"
STATES = {
    "passed": gettext_lazy("passed"),
    FAILED: gettext_lazy("failed"),
    "does not apply": gettext_lazy("does not apply"),
}
COLLAPSED = {
    "constant": gettext_lazy("always gives the same label: its F1 measures nothing else."),
    "near constant": gettext_lazy(
        "is within one standard error of always giving the same label: "
        "its F1 is no sign of reasoning."
    ),
    "phantom classes": gettext_lazy(
        "gave labels, or met gold ones, so rare that a single segment moves macro F1 far."
    ),
    "texts": gettext_lazy("gave texts instead of labels: class scores say little of them."),
}


@SECTIONS.register("fitness")
class Fitness(Section):
    name = "fitness"
    title = gettext_lazy("Can the metrics be trusted here?")
    place = 12
    sometimes = ("metric_checks", "label_checks")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.fitness import label_checks, metric_checks

        return {
            "metric_checks": lambda: metric_checks(material.campaign) or None,
            "label_checks": lambda: label_checks(material.campaign) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        checks, found = payload.get("metric_checks", ()), payload.get("label_checks", ())
        if not checks and not found:
            return None
        called = labels(payload)
        checks = [row for row in checks if row["metric"] in called]
        failures = [row for row in checks if row["state"] == FAILED]
        return {
            "failures": [row | {"label": called[row["metric"]]} for row in failures],
            "n_metrics": len({row["metric"] for row in checks}),
            "checks": _check_table(checks, called),
            "collapsed": [
                row | {"words": COLLAPSED[row["verdict"]]} for row in found if row["verdict"]
            ],
            "labels": _label_table(found) if found else None,
        }


def _check_table(rows: list[Mapping[str, Any]], called: Mapping[str, str]) -> dict[str, Any]:
    columns = [
        _("Metric"),
        _("What must hold"),
        _("Found"),
        _("Cause"),
        _("Fix"),
        _("Numbers seen"),
    ]
    cells = [
        [
            called[row["metric"]],
            row["must_hold"],
            str(STATES[row["state"]]),
            row["cause"],
            row["fix"],
            row["numbers"],
        ]
        for row in rows
    ]
    return table(columns, cells, None)


def _label_table(rows: Any) -> dict[str, Any]:
    columns = [
        _("System"),
        _("Macro F1 (SE)"),
        _("Best constant answer's"),
        _("Accuracy"),
        _("Majority label's"),
        _("Gold labels"),
        _("Given labels"),
        _("n"),
    ]
    cells = [
        [
            row["system"],
            f"{number(row['macro_f1'])} ({number(row['macro_f1_se'])})",
            number(row["best_constant_macro_f1"]),
            number(row["accuracy"]),
            number(row["majority_accuracy"]),
            row["gold"],
            row["predicted"],
            row["n"],
        ]
        for row in rows
    ]
    return table(columns, cells, None)
