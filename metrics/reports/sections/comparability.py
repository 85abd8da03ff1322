"""A warning where numbers that stand side by side are not of the same outputs or recipe."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import labels, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import joined

PROBLEMS = {
    "signatures": gettext_lazy(
        "%(metric)s was computed with several recipes; of %(systems)s some judged outputs have no "
        "value under the one shown. Compute it again for all systems with one recipe."
    ),
    "not_scored": gettext_lazy(
        "%(metric)s has no value for some judged outputs of %(systems)s: where it stands beside "
        "another metric, the two are of different outputs. Compute it for all systems."
    ),
    "not_judged": gettext_lazy(
        "%(metric)s also scored outputs of %(systems)s that nobody has judged: its corpus scores "
        "are of more outputs than people's means. Comparisons in this report use those judged."
    ),
}


@SECTIONS.register("comparability")
class Comparability(Section):
    name = "comparability"
    title = gettext_lazy("What cannot be compared")
    place = 6
    sometimes = ("comparability",)  # where something cannot

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.comparability import comparability_table as rows

        return {"comparability": lambda: rows(material.campaign, material.frame, material.values)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("comparability", ())
        if not rows:
            return None
        called = labels(payload)
        found: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            found.setdefault((row["problem"], row["metric"]), []).append(row["system"])
        return {
            "warnings": [
                PROBLEMS[problem] % {"metric": called[metric], "systems": joined(systems)}
                for (problem, metric), systems in found.items()
            ],
            "why": list(dict.fromkeys(why for row in rows for why in row["why"])),
            "table": count_table(payload),
        }


def count_table(payload: Payload) -> dict:
    called = labels(payload)
    columns = [_("Metric"), _("System"), _("Recipe"), _("Judged"), _("Scored"), _("Both")]
    rows = [
        [
            called[row["metric"]],
            row["system"],
            row["signature"],
            row["n_judged"],
            row["n_scored"],
            row["n_both"],
        ]
        for row in payload["comparability"]
    ]
    return table(columns, rows, 3)
