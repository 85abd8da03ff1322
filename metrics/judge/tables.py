"""A judge's standing as tables of a page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from metrics.benchmarks.tables import with_interval
from metrics.judge.standing import Check, Standing
from metrics.statistics.types import Interval

Table = dict[str, Any]


def standing_table(found: Sequence[Standing]) -> Table:
    rows = [
        [
            one.judge, one.language, one.n, one.no_verdict, interval(one.order),
            interval(one.first_bias, signed=True), *[check_text(check) for check in one.checks],
            verdict(one),
        ]
        for one in found
    ]  # fmt: skip
    return {
        "columns": [
            _("Judge"), _("Language"), _("Pairs"), _("Answers without a verdict"),
            _("Same in both orders"), _("Lean to what comes first"), _("Kappa with people"),
            _("Lean to its own family"), _("May be summed up"),
        ],
        "rows": rows,
    }  # fmt: skip


def win_table(found: Sequence[Standing]) -> Table:
    """Win shares of the judges that may be summed up; the others are not in it."""
    rows = [
        [one.judge, one.language, a, b, n, interval(share)]
        for one in found
        for a, b, share, n in one.wins
    ]
    return {
        "columns": [_("Judge"), _("Language"), _("System"), _("Against"), "n", _("Win share")],
        "rows": rows,
        "numeric_from": 4,
    }


def verdict(one: Standing) -> str:
    refused = "; ".join(check.refused for check in one.checks if check.refused)
    return f"{_('no')}: {refused}" if refused else _("yes")


def check_text(check: Check) -> str:
    if np.isnan(check.estimate):
        return check.refused or _("not needed: neither system, or both, are its kin")
    found = Interval(check.estimate, check.low, check.high)
    return f"{interval(found, signed=check.name != 'agreement')}, n {check.n}"


def interval(found: Interval, *, signed: bool = False) -> str:
    numbers = dict(zip(("value", "low", "high"), found, strict=True))
    known = {name: float(x) if np.isfinite(x) else None for name, x in numbers.items()}
    return with_interval(known, signed=signed)
