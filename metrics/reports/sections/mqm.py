"""MQM: other weights, and which errors each system makes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import ROW_HEIGHT
from metrics.reports.pieces import table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import estimate, joined, number

Row = Mapping[str, Any]
MOST_COLOURS = 7  # categories with a colour of their own; the rest share one


@SECTIONS.register("mqm")
class MQM(Section):
    name = "mqm"
    title = gettext_lazy("Errors and their weights")
    place = 46
    sometimes = ("weight_profiles", "error_categories")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.categories import category_table as categories
        from metrics.analyses.profiles import profile_table as profiles

        if material.campaign.protocol != "mqm":
            return {}
        frame, settings = material.frame, material.settings
        return {
            "weight_profiles": lambda: profiles(frame, material.marked, settings),
            "error_categories": lambda: categories(frame, material.marked),
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        profiles, categories = payload.get("weight_profiles"), payload.get("error_categories")
        if profiles is None or categories is None:
            return None
        return {
            "sentences": order_sentences(profiles),
            "profiles": profile_table(profiles),
            "figure": {
                "id": "figure-error-categories",
                "title": _("Errors of each system by kind"),
                "note": _("Errors in a judged output, all raters together; the table is finer."),
                "spec": category_figure(categories) if categories else None,
                "table": category_table(categories),
            },
        }


def order_sentences(rows: Sequence[Row]) -> list[str]:
    """Whether each other profile would have ranked the systems otherwise."""
    return [
        _order_sentence(name, [row for row in rows if row["profile"] == name and not row["is_own"]])
        for name in dict.fromkeys(row["profile"] for row in rows if not row["is_own"])
    ]


def _order_sentence(name: str, rows: Sequence[Row]) -> str:
    if rows[0]["tau_b"] is None:
        return _("%(profile)s: there is no order of systems to compare.") % {"profile": name}
    swapped = {tuple(sorted((row["system"], o))) for row in rows for o in row["swaps_with"]}
    words = {
        "profile": name,
        "tau": number(rows[0]["tau_b"], 2),
        "pairs": joined([" / ".join(pair) for pair in sorted(swapped)]),
    }
    if swapped:
        return _("%(profile)s would rank otherwise (τ-b %(tau)s): %(pairs)s change places.") % words
    return _("%(profile)s ranks the systems alike (τ-b %(tau)s).") % words


def profile_table(rows: Sequence[Row]) -> dict[str, Any]:
    columns = [
        _("Weights"),
        _("System"),
        _("Rank"),
        _("Penalty a segment (95% interval)"),
        _("Penalty per 100 words (95% interval)"),
        _("Sentence score (95% interval)"),
        _("Segments"),
        _("Words"),
    ]
    cells = [
        [
            row["profile"] + (f" ({_('this campaign')})" if row["is_own"] else ""),
            row["system"],
            row["rank"],
            *(
                estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])
                for name in ("mean_penalty", "per_100_words", "sentence_score")
            ),
            row["n_segments"],
            row["n_words"],
        ]
        for row in rows
    ]
    return table(columns, cells, 2)


def category_table(rows: Sequence[Row]) -> dict[str, Any]:
    columns = [
        _("System"),
        _("Category"),
        _("neutral"),
        _("minor"),
        _("major"),
        _("critical"),
        _("Errors"),
        _("An output"),
    ]
    cells = [
        [
            row["system"],
            row["category"],
            *(row[severity] for severity in ("neutral", "minor", "major", "critical")),
            row["n"],
            number(row["per_rating"], 2),
        ]
        for row in rows
    ]
    return table(columns, cells, 2)


def category_figure(rows: Sequence[Row]) -> dict[str, Any]:
    """A bar for each system, stacked from the main categories, the most frequent first."""
    systems = list(dict.fromkeys(row["system"] for row in rows))[::-1]
    totals: Counter[str] = Counter()
    lengths: dict[tuple[str, str], float] = {}
    for row in rows:
        kind = row["category"].split("/")[0] or _("no category")
        totals[kind] += row["n"]
        place = (kind, row["system"])
        lengths[place] = lengths.get(place, 0.0) + row["per_rating"]
    kinds = [kind for kind, _n in totals.most_common()]
    shown, rest = kinds[:MOST_COLOURS], kinds[MOST_COLOURS:]
    traces = [_bar(kind, systems, [kind], lengths) for kind in shown]
    if rest:
        traces.append(_bar(_("all others"), systems, rest, lengths))
    return {
        "data": traces,
        "layout": {
            "height": 170 + ROW_HEIGHT * max(len(systems), 2),
            "barmode": "stack",
            "showlegend": True,
            "legend": {"traceorder": "normal"},
            "xaxis": {"title": {"text": _("errors in a judged output")}, "fixedrange": True},
            "yaxis": {
                "type": "category",
                "automargin": True,
                "fixedrange": True,
                "categoryorder": "array",
                "categoryarray": systems,
            },
        },
    }


def _bar(
    name: str,
    systems: Sequence[str],
    kinds: Sequence[str],
    lengths: Mapping[tuple[str, str], float],
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": [sum(lengths.get((kind, system), 0.0) for kind in kinds) for system in systems],
        "y": list(systems),
        "hovertemplate": "%{y}<br>%{x:.2f}",
    }
