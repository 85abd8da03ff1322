"""Systems' strengths from comparisons of two."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import exp
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dot_groups, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, interval, number, p_value, pair_name, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
COVARIATES = {
    "length": gettext_lazy("length, in characters"),
    "lists": gettext_lazy("list items"),
    "headings": gettext_lazy("headings"),
    "bold": gettext_lazy("bold passages"),
}


@SECTIONS.register("strengths")
class Strengths(Section):
    name = "strengths"
    title = gettext_lazy("Strengths from comparisons of two")
    place = 23
    sometimes = ("strengths", "strength_covariates", "strength_pairs")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.strengths import pair_rows, strength_table
        from metrics.analyses.strengths import strengths as fitted
        from metrics.analyses.style import controlled_strengths, covariate_table

        frame, settings = material.frame, material.settings
        model = cache(lambda: fitted(frame, settings))
        styled = cache(lambda: controlled_strengths(material.campaign, frame, settings))
        return {
            "strengths": lambda: strength_table(frame, model(), settings, styled()) or None,
            "strength_covariates": lambda: covariate_table(styled()) or None,
            "strength_pairs": lambda: pair_rows(frame, model(), settings) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("strengths")
        if not rows:
            return None
        pairs = payload.get("strength_pairs", ())
        covariates = payload.get("strength_covariates", ())
        plain_reason = rows[0]["reason"] if rows[0]["strength"] is None else ""
        return {
            "reason": plain_reason,
            "uncontrolled": "" if plain_reason else uncontrolled(rows[0]),
            "figure": figure(
                "figure-strengths",
                _("Strength of each system"),
                strength_figure(rows),
                strength_table(rows),
                _("Log of the odds to win, beside the mean of all systems (0)."),
            ),
            "tie": tie_sentence(rows[0]),
            "covariates": None if plain_reason else covariate_table(covariates),
            "pairs": pair_table(pairs) if pairs else None,
        }


def tie_sentence(row: Row) -> str:
    """What Davidson's nu says of two equal systems."""
    if not row["tie"]:
        return ""
    share = row["tie"] / (2 + row["tie"])
    return _("Two equal systems would tie in %(share)s of the comparisons.") % {
        "share": percent(share)
    }


def uncontrolled(row: Row) -> str:
    """Why there are no strengths under control, or ""."""
    return (row.get("controlled_reason") or "") if row.get("controlled") is None else ""


def is_controlled(rows: Rows) -> bool:
    return any(row.get("controlled") is not None for row in rows)


def strength_table(rows: Rows) -> dict[str, Any]:
    beside = is_controlled(rows)
    columns = [
        _("System"),
        _("Strength (95% interval)"),
        _("Ranks"),
        *([_("Length and format controlled"), _("Ranks, controlled")] if beside else []),
        _("Wins"),
        _("Ties"),
        _("Losses"),
    ]
    cells = [
        [
            row["system"],
            _strength(row["strength"], row["low"], row["high"]),
            _ranks(row["rank_low"], row["rank_high"]),
            *(_controlled(row) if beside else []),
            row["wins"],
            row["ties"],
            row["losses"],
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def _controlled(row: Row) -> list[str]:
    return [
        _strength(row["controlled"], row["controlled_low"], row["controlled_high"]),
        _ranks(row["controlled_rank_low"], row["controlled_rank_high"]),
    ]


def _strength(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return DASH
    return number(value, 2) + ("" if low is None else f" ({interval(low, high, 2)})")


def _ranks(low: int | None, high: int | None) -> str:
    if low is None:
        return DASH
    return str(low) if low == high else f"{low}–{high}"


def covariate_table(rows: Rows) -> dict[str, Any] | None:
    """How much each difference in style moves the odds to win."""
    if not rows or all(row["coefficient"] is None for row in rows):
        return None
    notes = any(row["reason"] for row in rows)
    columns = [
        _("The two outputs differ in"),
        _("Typical difference"),
        _("What it adds to the log odds (95% interval)"),
        _("p"),
        *([_("Note")] if notes else []),
    ]
    cells = [
        [
            str(COVARIATES[row["covariate"]]),
            _typical(row),
            _strength(row["coefficient"], row["low"], row["high"]),
            p_value(row["p"]),
            *([row["reason"] or ""] if notes else []),
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def _typical(row: Row) -> str:
    """A log ratio as a factor, a share as it is."""
    if row["covariate"] == "length":
        return f"× {number(exp(row['scale']), 2)}"
    return number(row["scale"], 2)


def pair_table(rows: Rows) -> dict[str, Any]:
    columns = [
        _("Pair"),
        _("The first wins, ties aside (95% interval)"),
        _("Log odds"),
        _("p"),
        _("p (Holm)"),
    ]
    cells = [
        [
            pair_name(row),
            _chance(row),
            number(row["log_odds"], 2),
            p_value(row["p"]),
            p_value(row["p_adjusted"]),
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def _chance(row: Row) -> str:
    if row["chance_low"] is None:
        return percent(row["chance"])
    ends = {"low": percent(row["chance_low"]), "high": percent(row["chance_high"])}
    return f"{percent(row['chance'])} ({_('%(low)s to %(high)s') % ends})"


def strength_figure(rows: Rows) -> Spec:
    known = [row for row in rows if row["strength"] is not None][::-1]
    names = [row["system"] for row in known]
    axis = _("log odds; higher is better")
    if not is_controlled(known):
        return line_spec([dots(known, "strength", names, "")], axis, names, legend=False)
    beside = [
        row
        | {"strength": row["controlled"]}
        | {end: row[f"controlled_{end}"] for end in ("low", "high")}
        for row in map(dict, known)
    ]
    groups = {_("Plain"): known, _("Length and format controlled"): beside}
    traces = dot_groups(groups, "strength", "system", names)
    return line_spec(traces, axis, names, numbered=True)
