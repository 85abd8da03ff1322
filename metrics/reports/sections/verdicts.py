"""Whether each metric says of two systems what people say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import ROW_HEIGHT, Rows, Spec
from metrics.reports.pieces import figure, labels, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import (
    DASH,
    VERDICTS,
    estimate,
    number,
    p_value,
    pair_name,
    preferred,
)

MOST_PAIRS = 30
FEW_PAIRS = 2
COLOURS = {
    "agree": "token:good-bg",
    "neither": "token:surface-sunk",
    "only people": "token:warn-bg",
    "only metric": "token:info-bg",
    "opposite": "token:bad-bg",
}


@SECTIONS.register("verdicts")
class Verdicts(Section):
    name = "verdicts"
    title = gettext_lazy("Do the metrics say what people say?")
    place = 10
    always = ("pairs",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.pairs import pair_table

        return {"pairs": lambda: pair_table(material.frame, material.metrics, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        return {
            "figure": figure(
                "figure-verdicts",
                _("People say, metric says"),
                verdict_figure(payload["pairs"], labels(payload)),
                verdict_table(payload),
                _(
                    "Each cell compares the metric's verdict on a pair of systems "
                    "with the people's."
                ),
            ),
            "wins": wins_table(payload),
            "standardised": standardised_table(payload),
            "parted": parted(payload),
        }


def verdict_table(payload: Payload) -> dict:
    names = labels(payload)
    columns = [
        _("Pair"),
        _("Metric"),
        _("People prefer"),
        _("Metric prefers"),
        _("Together"),
        _("People's difference (95% interval)"),
        _("p (Holm)"),
        _("Metric's difference (95% interval)"),
        _("p (Holm)"),
        _("n"),
    ]
    rows = [
        [
            pair_name(row),
            names.get(row["metric"], DASH),
            preferred(row, "people_say"),
            preferred(row, "metric_says") if row["metric"] else row["reason"],
            str(VERDICTS[row["verdict"]]) if row["metric"] else DASH,
            estimate(row["human_delta"], row["human_low"], row["human_high"]),
            p_value(row["human_p_adjusted"]),
            estimate(row["metric_delta"], row["metric_low"], row["metric_high"]),
            p_value(row["metric_p_adjusted"]),
            row["n"],
        ]
        for row in by_disagreement(payload["pairs"])
    ]
    if len({row[0] for row in rows}) > 1:
        return table(columns, rows, 5)
    shown = table(columns[1:], [row[1:] for row in rows], 4)
    return shown | {"caption": rows[0][0] if rows else ""}


def wins_table(payload: Payload) -> dict:
    columns = [
        _("Pair"),
        _("First better"),
        _("Tie"),
        _("Second better"),
        _("Effect size (d_z)"),
        _("n"),
    ]
    seen: dict[str, list[Any]] = {}
    for row in payload["pairs"]:
        cells = [row["wins"], row["ties"], row["losses"], number(row["effect_size"], 2), row["n"]]
        seen.setdefault(pair_name(row), cells)
    return table(columns, [[name, *cells] for name, cells in seen.items()], 1)


def standardised_table(payload: Payload) -> dict:
    """People's difference as given beside that on each rater's own scale; of pairs that have it."""
    columns = [
        _("Pair"),
        _("As given (95% interval)"),
        _("People prefer"),
        _("z (95% interval)"),
        _("p (Holm)"),
        _("By z, people prefer"),
        _("Other raters"),
    ]
    seen: dict[str, list[Any]] = {}
    for row in payload["pairs"]:
        if row["human_z_delta"] is not None:
            cells = [
                estimate(row["human_delta"], row["human_low"], row["human_high"]),
                preferred(row, "people_say"),
                estimate(row["human_z_delta"], row["human_z_low"], row["human_z_high"]),
                p_value(row["human_z_p_adjusted"]),
                preferred(row, "people_say_z"),
                row["n_other_raters"],
            ]
            seen.setdefault(pair_name(row), cells)
    return table(columns, [[name, *cells] for name, cells in seen.items()], 1)


def parted(payload: Payload) -> list[str]:
    """Pairs of which the scores as given and z say different things."""
    names = [
        pair_name(row)
        for row in payload["pairs"]
        if row["human_z_delta"] is not None and row["people_say"] != row["people_say_z"]
    ]
    return list(dict.fromkeys(names))


def verdict_figure(pairs: Rows, labels: Mapping[str, str]) -> Spec:
    """Pairs by metrics; a cell says whether the metric's word is the people's.

    Most contradicted pairs on top, at most `MOST_PAIRS`; of few pairs, metrics go down the side.
    """
    rows = by_disagreement([row for row in pairs if row["metric"] is not None])
    names = list(dict.fromkeys(pair_name(row) for row in rows))[:MOST_PAIRS]
    metrics = list(dict.fromkeys(labels[row["metric"]] for row in rows))
    word = {(pair_name(row), labels[row["metric"]]): row["verdict"] for row in rows}
    across, down = (names, metrics) if len(names) <= FEW_PAIRS else (metrics, names)
    down = down[::-1]
    cells = [[word.get((x, y)) or word.get((y, x)) or "not defined" for x in across] for y in down]
    return {
        "data": [_cells(across, down, cells)],
        "layout": {
            "height": 90 + 1.4 * ROW_HEIGHT * max(len(down), 2),
            "xaxis": {"side": "top", "ticks": "", "fixedrange": True},
            "yaxis": {"ticks": "", "fixedrange": True},
            "margin": {"t": 48, "b": 16},
        },
    }


def _cells(across: Sequence[str], down: Sequence[str], words: list[list[str]]) -> Spec:
    kinds = list(COLOURS)
    scale: list[list[Any]] = []
    for place, kind in enumerate(kinds):
        scale += [[place / len(kinds), COLOURS[kind]], [(place + 1) / len(kinds), COLOURS[kind]]]
    return {
        "type": "heatmap",
        "x": list(across),
        "y": list(down),
        "z": [[kinds.index(c) if c in kinds else None for c in line] for line in words],
        "zmin": -0.5,
        "zmax": len(kinds) - 0.5,
        "text": [[_short(c) for c in line] for line in words],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}<br>%{x}: %{text}<extra></extra>",
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def by_disagreement(pairs: Rows) -> list[Mapping[str, Any]]:
    """Pairs with an opposite verdict first, then those that only one side separates."""
    weight = {"opposite": 10_000, "only people": 100, "only metric": 100, "agree": 1}
    total: dict[str, int] = {}
    for row in pairs:
        name = pair_name(row)
        total[name] = total.get(name, 0) + weight.get(row["verdict"], 0)
    return sorted(pairs, key=lambda row: -total[pair_name(row)])


def _short(verdict: str) -> str:
    return {
        "agree": _("agree"),
        "opposite": _("opposite"),
        "only people": _("only people"),
        "only metric": _("only metric"),
        "neither": _("neither"),
    }.get(verdict, str(VERDICTS["not defined"]))
