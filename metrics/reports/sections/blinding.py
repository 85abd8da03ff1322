"""Whether blinding held: what annotators guessed, against what is true."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import defined, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH

Row = Mapping[str, Any]


@SECTIONS.register("blinding")
class Blinding(Section):
    name = "blinding"
    title = gettext_lazy("Did the blinding hold?")
    place = 44
    sometimes = ("blinding",)  # where annotators were asked to guess

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.blinding import blinding_table as rows

        return {"blinding": lambda: rows(material.campaign, material.settings) or None}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("blinding")
        return {"sentence": _sentence(rows), "table": blinding_table(rows)} if rows else None


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
            defined(row, 2),
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
