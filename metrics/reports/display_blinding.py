"""The report's section on blinding: what annotators guessed, as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports.tabling import table
from metrics.reports.words import DASH, interval, number

Row = Mapping[str, Any]


def blinding_shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A sentence and a table; nothing where nobody was asked."""
    rows = payload.get("blinding")
    if not rows:
        return {}
    return {"sentence": _sentence(rows), "table": blinding_table(rows)}


def blinding_table(rows: Sequence[Row]) -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("Index"),
        _("Of"),
        _("Value (95% interval)"),
        _("Right"),
        _("Wrong"),
        _("Cannot tell"),
        _("n"),
    ]
    names = {"james": "James", "bang": "Bang"}
    cells = [
        [
            row["annotator"] or _("all"),
            names[row["statistic"]],
            _source(row["source"]),
            _value(row),
            row["n_right"],
            row["n_wrong"],
            row["n_cannot_tell"],
            row["n"],
        ]
        for row in rows
    ]
    return table(columns, cells, 3)


def _source(source: str | None) -> str:
    return {
        None: _("everything"),
        "tuned": _("tuned outputs"),
        "not tuned": _("other outputs"),
        "shown as A": _("tuned one shown as A"),
        "shown as B": _("tuned one shown as B"),
    }[source]


def _value(row: Row) -> str:
    if row["value"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return number(row["value"], 2) + ends


def _sentence(rows: Sequence[Row]) -> str:
    """What the guesses of all annotators come to."""
    everybody = rows[0]
    words = {
        "n": everybody["n"],
        "right": everybody["n_right"],
        "wrong": everybody["n_wrong"],
        "unknown": everybody["n_cannot_tell"],
        "out": everybody["n_left_out"],
    }
    said = _(
        "Of %(n)s guesses at the tuned model, %(right)s were right and %(wrong)s wrong; "
        "%(unknown)s said that they could not tell."
    )
    if words["out"]:
        said += " " + _(
            "%(out)s more are left out: both or neither of the outputs came from a tuned system."
        )
    return said % words if everybody["n"] else everybody["reason"] or DASH
