"""Two systems in detail: errors of each kind, and the segments that changed most."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, better, dots, line_spec
from metrics.reports.pieces import MOST_ROWS, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, alike, brief, estimate, interval, number

Row = Mapping[str, Any]
Rows = Sequence[Row]
Pair = tuple[str, str]
ANY = "any error"
SEVERITIES = {
    "all": gettext_lazy("all severities"),
    "major or critical": gettext_lazy("major or critical"),
}


@SECTIONS.register("changes")
class Changes(Section):
    name = "changes"
    title = gettext_lazy("Two systems in detail")
    place = 28
    sometimes = ("category_deltas", "changes")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.changes import category_delta_table, change_table, pairs_in_detail

        frame, settings = material.frame, material.settings

        def deltas() -> list[dict[str, Any]] | None:
            if material.campaign.protocol != "mqm":
                return None
            pairs = pairs_in_detail(material.campaign, frame)
            return category_delta_table(frame, material.marked, pairs, settings) or None

        return {
            "category_deltas": deltas,
            "changes": lambda: (
                change_table(frame, pairs_in_detail(material.campaign, frame)) or None
            ),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        changes, deltas = payload.get("changes", ()), payload.get("category_deltas", ())
        pairs = list(dict.fromkeys(_pair(row) for row in (*deltas, *changes)))
        if not pairs:
            return None
        parts = [
            _part(place, pair, payload, [r for r in deltas if _pair(r) == pair], link)
            for place, pair in enumerate(pairs)
        ]
        return {"parts": parts}


def _pair(row: Row) -> Pair:
    return row["system_a"], row["system_b"]


def _part(
    place: int, pair: Pair, payload: Payload, deltas: Rows, link: Link | None
) -> dict[str, Any]:
    a, b = pair
    changes = [row for row in payload.get("changes", ()) if _pair(row) == pair]
    title = _("%(a)s beside %(b)s") % {"a": a, "b": b}
    kinds = None
    if deltas:
        kinds = figure(
            f"figure-kinds-{place}",
            _("Errors in an output: %(a)s minus %(b)s") % {"a": a, "b": b},
            kind_figure(deltas),
            kind_table(deltas, pair),
            _("Left of 0 %(a)s makes fewer. Intervals are not corrected for their number.")
            % {"a": a},
        )
    return {
        "title": title,
        "summary": summary(payload, pair),
        "kinds": kinds,
        "losses_title": _("Segments where %(a)s lost most against %(b)s") % {"a": a, "b": b},
        "losses": change_table([row for row in changes if row["change"] == "loss"], pair, link),
        "gains_title": _("Segments where %(a)s gained most over %(b)s") % {"a": a, "b": b},
        "gains": change_table([row for row in changes if row["change"] == "gain"], pair, link),
    }


def summary(payload: Payload, pair: Pair) -> str:
    """Mean difference, wins and effect size, as the table of pairs has them."""
    details = payload["protocol_details"]
    for row in payload["pairs"]:
        turned = (row["system_b"], row["system_a"]) == pair
        if turned or _pair(row) == pair:
            sign = -1 if turned else 1
            ends = [None if row[e] is None else sign * row[e] for e in ("human_low", "human_high")]
            low, high = ends[::-1] if turned else ends
            delta, effect = row["human_delta"], row["effect_size"]
            counts = [row["wins"], row["ties"], row["losses"]]
            wins, ties, losses = counts[::-1] if turned else counts
            words = {
                "delta": DASH if delta is None else number(sign * delta, 2),
                "interval": interval(low, high, 2),
                "unit": details["unit"],
                "better": better(details["direction"]),
                "wins": wins,
                "ties": ties,
                "losses": losses,
                "effect": DASH if effect is None else number(sign * effect, 2),
            }
            return (
                _(
                    "Mean difference %(delta)s (95%% interval %(interval)s; %(unit)s; %(better)s). "
                    "Better on %(wins)s segments, even on %(ties)s, worse on %(losses)s. "
                    "Effect size (d_z, above 0 is better) %(effect)s."
                )
                % words
            )
    return ""


def kind_table(rows: Rows, pair: Pair) -> dict[str, Any]:
    columns = [_("Kind of error"), _("Severity"), *pair, _("Difference (95% interval)"), _("n")]
    cells = [
        [
            _kind(row),
            str(SEVERITIES[row["severity"]]),
            number(row["errors_a"], 2),
            number(row["errors_b"], 2),
            estimate(row["delta"], row["low"], row["high"]),
            row["n_segments"],
        ]
        for row in rows
    ]
    return table(columns, cells, 2)


def _kind(row: Row) -> str:
    return _("any error") if row["category"] == ANY else str(row["category"])


def kind_figure(rows: Rows) -> Spec:
    """All severities together; the widest differences first, under those of any error."""
    chosen = [row for row in rows if row["severity"] == "all"]
    chosen.sort(key=lambda row: (row["category"] != ANY, -abs(row["delta"])))
    shown = chosen[:MOST_ROWS][::-1]
    names = brief([_kind(row) for row in shown])
    axis = _("errors in an output")
    return line_spec([dots(shown, "delta", names, "")], axis, names, legend=False)


def change_table(rows: Rows, pair: Pair, link: Link | None) -> dict[str, Any]:
    columns = [_("Segment"), _("Domain"), *pair, _("Difference"), _("Annotators who say so")]
    word = alike(row[name] for row in rows for name in ("score_a", "score_b", "delta"))
    cells = [
        [
            {"text": row["key"], "href": link(row["segment"])} if link else row["key"],
            row["domain"] or DASH,
            *(word(row[name]) for name in ("score_a", "score_b", "delta")),
            _("%(some)s of %(all)s") % {"some": row["n_agree"], "all": row["n_raters"]},
        ]
        for row in rows
    ]
    return table(columns, cells, 2)
