"""Two systems within each domain."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Rows, Spec, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import estimate, p_value, preferred, telling_pair, with_p

FEW = 3  # pairs of systems that get a figure of their own


@SECTIONS.register("domains")
class Domains(Section):
    name = "domains"
    title = gettext_lazy("Domains")
    place = 30
    always = ("pairs_by_domain",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.pairs import domain_table

        return {
            "pairs_by_domain": lambda: domain_table(
                material.frame, material.metrics, material.settings
            )
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        figures = domain_figures(payload)
        return {"figures": figures} if figures else None


def domain_figures(payload: Payload) -> list[dict]:
    """One figure for each of the first pairs, the telling one first."""
    telling = telling_pair(payload["pairs"])[:1]
    ordered = [*telling, *payload["pairs"]] if payload["pairs_by_domain"] else []
    pairs = list(dict.fromkeys((row["system_a"], row["system_b"]) for row in ordered))[:FEW]
    return [
        figure(
            f"figure-domains-{place}",
            _("%(a)s against %(b)s in each domain") % {"a": pair[0], "b": pair[1]},
            domain_figure(payload["pairs_by_domain"], pair, payload["protocol_details"]["unit"]),
            domain_rows_table(payload, pair),
            _domain_note(payload, pair),
        )
        for place, pair in enumerate(pairs)
    ]


def domain_rows_table(payload: Payload, pair: tuple[str, str]) -> dict:
    columns = [
        _("Domain"),
        _("People prefer"),
        _("Difference (95% interval)"),
        _("p (Holm)"),
        _("Win / tie / loss"),
        _("n"),
    ]
    seen: dict[str, list[Any]] = {}
    for row in payload["pairs_by_domain"]:
        if (row["system_a"], row["system_b"]) == pair:
            cells = [
                preferred(row, "people_say"),
                estimate(row["human_delta"], row["human_low"], row["human_high"]),
                p_value(row["human_p_adjusted"]),
                f"{row['wins']} / {row['ties']} / {row['losses']}",
                row["n"],
            ]
            seen.setdefault(row["domain"], cells)
    return table(columns, [[name, *cells] for name, cells in seen.items()], 2)


def _domain_note(payload: Payload, pair: tuple[str, str]) -> str:
    """Which side is whose, and whether the domains differ."""
    right, left = pair if payload["protocol_details"]["direction"] == "higher" else pair[::-1]
    note = _("Left of 0 people prefer %(left)s, right of it %(right)s.") % {
        "left": left,
        "right": right,
    }
    for row in payload["pairs_by_domain"]:
        known = row["human_heterogeneity_p"] is not None
        if (row["system_a"], row["system_b"]) == pair and known:
            differ = _("Do the domains differ? %(p)s (permutation of the domains).")
            return f"{note} {differ % {'p': with_p(row['human_heterogeneity_p'])}}"
    return note


def domain_figure(rows: Rows, pair: tuple[str, str], unit: str) -> Spec:
    """People's difference between two systems in each domain."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if (row["system_a"], row["system_b"]) == pair and row["human_delta"] is not None:
            chosen.setdefault(row["domain"], row)
    lines = [
        {"value": row["human_delta"], "low": row["human_low"], "high": row["human_high"]}
        for row in chosen.values()
    ]
    names = list(chosen)[::-1]
    trace = dots(lines[::-1], "value", names, f"{pair[0]} - {pair[1]}")
    return line_spec([trace], unit, names, legend=False)
