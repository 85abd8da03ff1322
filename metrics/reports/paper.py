"""Which columns of a table a paper prints, and under which heading."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from metrics.reports.schema import schema


class Column(NamedTuple):
    """One printed column: a cell, and beside it the interval in two other cells."""

    name: str
    heading: str
    low: str = ""
    high: str = ""


class Shape(NamedTuple):
    caption: str
    columns: tuple[Column, ...]


SHAPES = {
    "systems": Shape(
        "Mean scores of the systems, best first",
        (
            Column("system", "System"),
            Column("score", "Score", "low", "high"),
            Column("score_z", "z"),
            Column("n_segments", "Segments"),
            Column("n_ratings", "Ratings"),
        ),
    ),
    "metric_scores": Shape(
        "The systems' scores under automatic metrics",
        (
            Column("system", "System"),
            Column("metric", "Metric"),
            Column("corpus", "Corpus score"),
            Column("segment_mean", "Segment mean"),
            Column("n", "Segments"),
        ),
    ),
    "pairs": Shape(
        "Systems compared by people and by metrics; differences are A minus B",
        (
            Column("system_a", "A"),
            Column("system_b", "B"),
            Column("metric", "Metric"),
            Column("human_delta", "People", "human_low", "human_high"),
            Column("human_p_adjusted", "p (Holm)"),
            Column("metric_delta", "Metric's difference", "metric_low", "metric_high"),
            Column("metric_p_adjusted", "p (Holm)"),
            Column("verdict", "Verdict"),
            Column("n", "Segments"),
        ),
    ),
    "pairs_by_domain": Shape(
        "Systems compared within each domain; differences are A minus B",
        (
            Column("domain", "Domain"),
            Column("system_a", "A"),
            Column("system_b", "B"),
            Column("metric", "Metric"),
            Column("human_delta", "People", "human_low", "human_high"),
            Column("metric_delta", "Metric's difference", "metric_low", "metric_high"),
            Column("verdict", "Verdict"),
            Column("n", "Segments"),
        ),
    ),
    "agreement": Shape(
        "Agreement between annotators",
        (
            Column("criterion", "Criterion"),
            Column("statistic", "Statistic"),
            Column("level", "Level"),
            Column("value", "Value", "low", "high"),
            Column("n_units", "Units"),
            Column("n_raters", "Annotators"),
            Column("n_ratings", "Ratings"),
        ),
    ),
    "correlations": Shape(
        "Metrics against people, both turned so that higher is better",
        (
            Column("metric", "Metric"),
            Column("level", "Level"),
            Column("grouping", "Grouping"),
            Column("statistic", "Statistic"),
            Column("value", "Value", "low", "high"),
            Column("n", "n"),
        ),
    ),
    "annotators": Shape(
        "Annotators and how they used the scale",
        (
            Column("annotator", "Annotator"),
            Column("origin", "Origin"),
            Column("languages", "Languages"),
            Column("years", "Years"),
            Column("state", "State"),
            Column("n_ratings", "Ratings"),
            Column("mean", "Mean"),
            Column("sd", "SD"),
            Column("median_seconds", "Median s"),
        ),
    ),
    "disagreements": Shape(
        "Where a metric and people part most; ranks from 0 to 1",
        (
            Column("metric", "Metric"),
            Column("key", "Segment"),
            Column("system", "System"),
            Column("pair", "Pair"),
            Column("human", "People"),
            Column("metric_value", "Metric's value"),
            Column("gap", "Gap"),
        ),
    ),
}

LEFT_OUT = ("reason", "method", "signature", "segment_signature", "segment", "document")
ENDS = (("_low", "_high"), ("low", "high"))


def shape_of(table: str) -> Shape:
    """The table's own shape, or all its columns with intervals beside what they belong to."""
    return SHAPES.get(table) or _derived(table)


def _derived(table: str) -> Shape:
    about = schema()["properties"][table]
    specs: Mapping[str, Any] = about["items"]["properties"]
    ends = {name for name in specs for low, high in ENDS if name in (low, high)}
    ends |= {name for name in specs if name.endswith(("_low", "_high"))}
    columns = []
    for name in specs:
        if name in ends or name in LEFT_OUT:
            continue
        low, high = (f"{name}_low", f"{name}_high")
        if name in ("value", "score", "slope", "estimate") and "low" in specs:
            low, high = "low", "high"
        has = low in specs and high in specs
        heading = name.replace("_", " ").capitalize()
        columns.append(Column(name, heading, low if has else "", high if has else ""))
    return Shape(str(about["description"]).rstrip("."), tuple(columns))
