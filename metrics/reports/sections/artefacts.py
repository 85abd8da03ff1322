"""Traces of translation: how many outputs have them, what they cost, who agrees on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, estimate, number, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
SOURCES = {
    "people": gettext_lazy("People"),
    "rules": gettext_lazy("Rules"),
    "annotators": gettext_lazy("Annotators"),
    "people and rules": gettext_lazy("People and rules"),
}
TAGS = {
    None: gettext_lazy("any"),
    "literal": gettext_lazy("word for word"),
    "wrong_term": gettext_lazy("wrong term"),
    "transliteration": gettext_lazy("transliteration"),
    "code": gettext_lazy("code"),
    "untranslated": gettext_lazy("untranslated"),
    "other": gettext_lazy("other"),
    "empty": gettext_lazy("empty"),
    "other script": gettext_lazy("other script"),
    "loop": gettext_lazy("loop"),
    "short": gettext_lazy("short"),
    "long": gettext_lazy("long"),
}


@SECTIONS.register("artefacts")
class Artefacts(Section):
    name = "artefacts"
    title = gettext_lazy("Traces of translation")
    place = 32
    sometimes = ("artefact_shares", "artefact_scores", "artefact_agreement")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses import artefacts as analysis

        frame, settings = material.frame, material.settings

        def shares() -> list[dict[str, Any]] | None:
            return analysis.share_table(frame, material.tagged, settings) or None

        def scores() -> list[dict[str, Any]] | None:
            return analysis.score_table(frame, material.metrics, material.tagged, settings) or None

        def agreement() -> list[dict[str, Any]] | None:
            if not material.tagged:
                return None
            return analysis.agreement_table(material.tagged, settings)

        return {
            "artefact_shares": shares,
            "artefact_scores": scores,
            "artefact_agreement": agreement,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        shares = payload.get("artefact_shares")
        if not shares:
            return None
        return {
            "sentence": sentence(shares),
            "shares": share_table(shares),
            "scores": score_table(payload["artefact_scores"]),
            "agreement": agreement_table(payload["artefact_agreement"]),
        }


def sentence(shares: Rows) -> str:
    """How many outputs people found traces in."""
    row = next(r for r in shares if (r["source"], r["tag"], r["system"]) == ("people", None, None))
    if row["share"] is None:
        return _("No output has been judged yet.")
    return _("People tagged %(share)s of %(n)s outputs (%(low)s to %(high)s).") % {
        "share": percent(row["share"]),
        "n": row["n"],
        "low": percent(row["low"]),
        "high": percent(row["high"]),
    }


def _tag(row: Row) -> str:
    return str(TAGS.get(row["tag"], row["tag"]))


def _source(row: Row, field: str = "source") -> str:
    return str(SOURCES.get(row[field], row[field]))


def share_table(shares: Rows) -> dict[str, Any]:
    systems = list(dict.fromkeys(row["system"] for row in shares))
    found = {(row["source"], row["tag"], row["system"]): row for row in shares}
    lines = dict.fromkeys((row["source"], row["tag"]) for row in shares)
    lines = [line for line in lines if line[1] is None or found[*line, None]["n_tagged"]]
    rows = [
        [
            _tag(found[*line, None]),
            _source(found[*line, None]),
            *(_share(found[*line, system]) for system in systems),
        ]
        for line in lines
    ]
    return table([_("Trace"), _("Told by"), _("All"), *systems[1:]], rows, 2)


def _share(row: Row) -> str:
    if row["share"] is None:
        return DASH
    ends = _("%(low)s to %(high)s") % {"low": percent(row["low"]), "high": percent(row["high"])}
    return f"{percent(row['share'])} ({ends}), {row['n_tagged']} / {row['n']}"


def score_table(scores: Rows) -> dict[str, Any]:
    columns = [
        _("Trace"), _("Told by"), _("Score"), _("With it"), _("Without it"),
        _("Difference (95% interval)"), _("n with / without"),
    ]  # fmt: skip
    rows = [
        [
            _tag(row),
            _source(row),
            row["measure"],
            number(row["with_tag"], 2),
            number(row["without_tag"], 2),
            row["reason"] or estimate(row["difference"], row["low"], row["high"]),
            f"{row['n_with']} / {row['n_without']}",
        ]
        for row in scores
        if row["tag"] is None or row["n_with"]
    ]
    return table(columns, rows, 3)


def agreement_table(agreement: Rows) -> dict[str, Any]:
    rows = [
        [
            _tag(row),
            _source(row, "between"),
            row["reason"] or estimate(row["alpha"], row["low"], row["high"]),
            row["n"],
        ]
        for row in agreement
    ]
    return table([_("Trace"), _("Between"), _("Alpha (95% interval)"), _("Outputs")], rows, 2)
