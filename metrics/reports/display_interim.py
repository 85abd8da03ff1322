"""A running campaign's verdict on every two systems, as the planner's page shows it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics.reports.words import DASH, interval, percent, points

if TYPE_CHECKING:
    from metrics.analyses.interim import Standing
    from metrics.statistics import Sequential


def shown_standings(standings: "Sequence[Standing]") -> dict[str, Any]:
    """A row for each pair: what is known, and how many more."""
    columns = [
        _("Systems"),
        _("Verdict"),
        _("Finished"),
        _("Difference"),
        _("Chance to resolve"),
    ]
    rows = []
    for row in standings:
        verdict = row.verdict
        chance = verdict.at_trend if verdict.at_trend == verdict.at_trend else None
        rows.append(
            [
                f"{row.first} – {row.second}",
                _said(row),
                _("%(n)s of %(planned)s") % {"n": verdict.n, "planned": verdict.planned},
                _difference(verdict),
                percent(chance, 0),
            ]
        )
    return {"columns": columns, "rows": rows, "numeric_from": None}


def _said(row: "Standing") -> str:
    verdict = row.verdict
    if verdict.state == "resolved":
        better = row.first if verdict.looks[-1].z > 0 else row.second
        return _("resolved: %s is better") % better
    more = verdict.n_more
    if verdict.state == "waiting":
        return (
            ngettext(
                "%s more segment until the first look",
                "%s more segments until the first look",
                more,
            )
            % more
        )
    if verdict.state == "futile":
        return _("futile: what is left will hardly separate them")
    if verdict.state == "ended":
        return _("all judged: not separated")
    if verdict.by_then != verdict.by_then:
        return ngettext("%s more segment", "%s more segments", more) % more
    return ngettext(
        "%(more)s more segment, then a chance of %(chance)s",
        "%(more)s more segments, then a chance of %(chance)s",
        more,
    ) % {"more": more, "chance": percent(verdict.by_then, 0)}


def _difference(verdict: "Sequential") -> str:
    mean, low, high = verdict.difference
    if mean != mean:
        return DASH
    return points(mean) if low != low else f"{points(mean)} ({interval(low, high, 2)})"
