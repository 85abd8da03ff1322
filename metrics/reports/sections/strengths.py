"""Systems' strengths from comparisons of two."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, interval, number, p_value, pair_name, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]


@SECTIONS.register("strengths")
class Strengths(Section):
    name = "strengths"
    title = gettext_lazy("Strengths from comparisons of two")
    place = 23
    sometimes = ("strengths", "strength_pairs")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.strengths import pair_rows, strength_table
        from metrics.analyses.strengths import strengths as fitted

        frame, settings = material.frame, material.settings
        model = cache(lambda: fitted(frame, settings))
        return {
            "strengths": lambda: strength_table(frame, model(), settings) or None,
            "strength_pairs": lambda: pair_rows(frame, model(), settings) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("strengths")
        if not rows:
            return None
        pairs = payload.get("strength_pairs", ())
        return {
            "reason": rows[0]["reason"] if rows[0]["strength"] is None else "",
            "figure": figure(
                "figure-strengths",
                _("Strength of each system"),
                strength_figure(rows),
                strength_table(rows),
                _("Log of the odds to win, beside the mean of all systems (0)."),
            ),
            "tie": tie_sentence(rows[0]),
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


def strength_table(rows: Rows) -> dict[str, Any]:
    columns = [
        _("System"),
        _("Strength (95% interval)"),
        _("Ranks"),
        _("Wins"),
        _("Ties"),
        _("Losses"),
    ]
    cells = [
        [
            row["system"],
            _strength(row),
            _ranks(row),
            row["wins"],
            row["ties"],
            row["losses"],
        ]
        for row in rows
    ]
    return table(columns, cells, 1)


def _strength(row: Row) -> str:
    if row["strength"] is None:
        return DASH
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return number(row["strength"], 2) + ends


def _ranks(row: Row) -> str:
    if row["rank_low"] is None:
        return DASH
    low, high = row["rank_low"], row["rank_high"]
    return str(low) if low == high else f"{low}–{high}"


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
    return line_spec([dots(known, "strength", names, "")], axis, names, legend=False)
