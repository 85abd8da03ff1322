"""Raw, standardised and adjusted scores of the systems, side by side."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, better, dot_groups, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, alike, estimate, joined, number, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
SCALES = {
    "raw": gettext_lazy("Raw"),
    "z": gettext_lazy("z"),
    "adjusted": gettext_lazy("Adjusted"),
}
COMPONENTS = {
    "segment": gettext_lazy("segments: some are harder"),
    "rater": gettext_lazy("annotators: some are stricter"),
    "system:segment": gettext_lazy("systems on single segments"),
    "residual": gettext_lazy("the rest: what one judgement differs from another"),
}


@SECTIONS.register("scales")
class Scales(Section):
    name = "scales"
    title = gettext_lazy("Raw, standardised and adjusted scores")
    place = 22
    sometimes = ("system_scales", "score_variance")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.scales import fitted, scale_table, variance_table

        frame, settings = material.frame, material.settings
        model = cache(lambda: fitted(frame, settings))
        return {
            "system_scales": lambda: scale_table(frame, model(), settings) or None,
            "score_variance": lambda: variance_table(model()) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("system_scales")
        if not rows:
            return None
        details = payload["protocol_details"]
        return {
            "sentences": order_sentences(rows),
            "figure": figure(
                "figure-scales",
                _("Raw and adjusted scores of each system"),
                scale_figure(rows, f"{details['unit']}; {better(details['direction'])}"),
                scale_table(rows),
            ),
            "variance": variance_table(payload.get("score_variance", ())),
        }


def order_sentences(rows: Rows) -> list[str]:
    """Whether standardised and adjusted scores would rank the systems otherwise."""
    return [
        _order_sentence([r for r in rows if r["scale"] == scale]) for scale in ("z", "adjusted")
    ]


def _order_sentence(rows: Rows) -> str:
    words = {"scale": SCALES[rows[0]["scale"]]}
    if rows[0]["tau_b"] is None:
        reason = rows[0]["reason"]
        return _("%(scale)s: no order, as %(reason)s.") % {**words, "reason": reason}
    swapped = {tuple(sorted((row["system"], other))) for row in rows for other in row["swaps_with"]}
    words["tau"] = number(rows[0]["tau_b"], 2)
    words["pairs"] = joined([" / ".join(pair) for pair in sorted(swapped)])
    if swapped:
        text = _("%(scale)s scores would rank otherwise (τ-b %(tau)s): %(pairs)s change places.")
        return text % words
    return _("%(scale)s scores rank the systems as raw ones do.") % words


def scale_table(rows: Rows) -> dict[str, Any]:
    columns = [_("System")]
    for label in SCALES.values():
        columns += [_("%(scale)s (95%% interval)") % {"scale": label}, _("Rank (group)")]
    by_system: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_system.setdefault(row["system"], {})[row["scale"]] = row
    cells = [
        [name, *(cell for scale in SCALES for cell in _cells(found[scale]))]
        for name, found in by_system.items()
    ]
    return table(columns, cells, 1)


def _cells(row: Row) -> list[str]:
    return [estimate(row["value"], row["low"], row["high"]), rank_cell(row)]


def rank_cell(row: Row) -> str:
    """ "2 (2–4)": the rank, and the ranks of those it cannot be told from."""
    if row["rank"] is None:
        return DASH
    low, high = row["rank_low"], row["rank_high"]
    return f"{row['rank']} ({low}–{high})" if low != high else f"{row['rank']} ({low})"


def scale_figure(rows: Rows, axis: str) -> Spec:
    """Both in the protocol's unit; z has another and stands in the table."""
    known = [row for row in rows if row["value"] is not None]
    names = list(dict.fromkeys(row["system"] for row in known))[::-1]
    groups = {
        str(SCALES[scale]): chosen
        for scale in ("raw", "adjusted")
        if (chosen := [row for row in known if row["scale"] == scale])
    }
    return line_spec(dot_groups(groups, "value", "system", names), axis, names, numbered=True)


def variance_table(rows: Rows) -> dict[str, Any] | None:
    if not rows:
        return None
    columns = [_("What scores vary by"), _("Share"), _("Variance"), _("Levels")]
    notes = any(row["reason"] for row in rows)
    columns += [_("Note")] if notes else []
    word = alike(row["variance"] for row in rows)
    cells = [
        [
            str(COMPONENTS.get(row["component"], row["component"])),
            percent(row["share"]),
            word(row["variance"]),
            row["n_levels"],
            *([row["reason"] or ""] if notes else []),
        ]
        for row in rows
    ]
    return table(columns, cells, 1)
