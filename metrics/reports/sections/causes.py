"""Why metrics and people part: causes in the texts, and how much of the gap is theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dots, line_spec
from metrics.reports.pieces import figure, labels, table
from metrics.reports.saying import label_of, sentences
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, estimate, interval, number, p_value

Row = Mapping[str, Any]
NO_CAUSE = gettext_lazy("no cause found")


@SECTIONS.register("causes")
class CausesSection(Section):
    name = "causes"
    title = gettext_lazy("Why metrics and people part")
    place = 84
    sometimes = ("gap_causes", "gaps")  # where a metric was computed on judged outputs

    def tables(self, material: Material) -> Tables:
        if not material.metrics:
            return {}

        def parts() -> tuple[Any, ...]:
            return material.frame, material.metrics, material.causes, material.settings

        return {
            "gap_causes": lambda: _model_rows(*parts()) or None,
            "gaps": lambda: _output_rows(*parts()) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        causes, gaps = payload.get("gap_causes", ()), payload.get("gaps", ())
        names = labels(payload)
        found = [
            _part(metric, names[metric], causes, gaps, link)
            for metric in names
            if any(row["metric"] == metric for row in causes)
        ]
        return {"parts": found} if found else None


def _model_rows(*parts: Any) -> list[dict[str, Any]]:
    from metrics.analyses.causes import cause_model_rows

    return cause_model_rows(*parts)


def _output_rows(*parts: Any) -> list[dict[str, Any]]:
    from metrics.analyses.causes import cause_rows

    return cause_rows(*parts)


def _part(
    metric: str, label: str, causes: Sequence[Row], gaps: Sequence[Row], link: Link | None
) -> dict[str, Any]:
    mine = [row for row in causes if row["metric"] == metric]
    signed = [row for row in mine if row["response"] == "gap"]
    size = [row for row in mine if row["response"] == "size"]
    outputs = [row for row in gaps if row["metric"] == metric]
    words = {"metric": label}
    return {
        "label": label,
        "sentence": _sentence(signed, label),
        "random": _random(signed),
        "shares": figure(
            f"figure-causes-{metric}",
            _("How much of the gap between %(metric)s and people each cause explains") % words,
            share_figure(signed),
            cause_table(signed),
            _("Share of the gap's variance, with its interval."),
        ),
        "size": cause_table(size),
        "quadrants": figure(
            f"figure-quadrants-{metric}",
            _("People against %(metric)s, a dot for each output") % words,
            quadrant_figure([row for row in outputs if row["is_sample"]], label, link),
            output_table(outputs, link),
            _("Top left: the metric overrates. Bottom right: people like what it does not."),
        ),
    }


def _sentence(rows: Sequence[Row], label: str) -> str:
    """How much all causes explain together, and which one most."""
    known = [row for row in rows if row["share"] is not None]
    if not known:
        reason = next((row["reason"] for row in rows if row["reason"]), DASH)
        return _("Not defined: %(reason)s.") % {"reason": reason}
    first = max(known, key=lambda row: row["share"])
    return _(
        "The causes explain %(r2)s of the variance of the gap between %(metric)s and people "
        "(%(n)s outputs, %(segments)s segments); %(cause)s most, %(share)s (95%% interval "
        "%(interval)s)."
    ) % {
        "r2": number(first["r2"], 2),
        "metric": label,
        "n": first["n"],
        "segments": first["n_segments"],
        "cause": f"“{label_of(first['label'])}”",
        "share": number(first["share"], 2),
        "interval": interval(first["share_low"], first["share_high"], 2),
    }


def _random(rows: Sequence[Row]) -> str:
    """What lies between segments and between systems; "" without a model."""
    first = next((row for row in rows if row["share"] is not None), None)
    if first is None or first.get("r2_conditional") is None:
        return ""
    parts = {"segment": _share_of(first, "segment"), "system": _share_of(first, "system")}
    return _(
        "Of the variance that the causes leave, segments hold %(segment)s and systems %(system)s; "
        "causes, segments and systems together explain %(all)s of the whole."
    ) % {**parts, "all": number(first["r2_conditional"], 2)}


def _share_of(row: Row, kind: str) -> str:
    value = row[f"{kind}_share"]
    if value is None:
        return _("a part that is not defined (%(reason)s)") % {"reason": row["shares_reason"]}
    return number(value, 2)


def cause_table(rows: Sequence[Row]) -> dict[str, Any]:
    """The cause that explains most first; those that are not defined last, with the reason."""
    columns = [
        _("Cause"),
        _("Share of the variance (95% interval)"),
        _("Effect on the gap (95% interval)"),
        _("p (Holm)"),
        _("Outputs with it"),
        _("Named first"),
        _("Their mean gap"),
    ]
    ordered = sorted(rows, key=lambda row: -1 if row["share"] is None else row["share"])[::-1]
    cells = [
        [
            label_of(row["label"]),
            _share(row),
            estimate(row["coefficient"], row["low"], row["high"]),
            p_value(row["p_adjusted"]),
            row["present"],
            row["labelled"],
            number(row["labelled_mean"], 2),
        ]
        for row in ordered
    ]
    return table(columns, cells, 1)


def _share(row: Row) -> str:
    if row["share"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    return f"{number(row['share'], 3)} ({interval(row['share_low'], row['share_high'])})"


def output_table(rows: Sequence[Row], link: Link | None = None) -> dict[str, Any]:
    """The widest gaps first, with what explains them."""
    columns = [
        _("Segment"),
        _("System"),
        _("Quadrant"),
        _("Why"),
        _("People's rank"),
        _("Metric's rank"),
        _("Gap"),
    ]
    cells = [
        [
            {"text": row["key"], "href": link(row["segment"])} if link else row["key"],
            row["system"],
            row["quadrant"],
            sentences(row.get("said"), row["explanation"]) or str(NO_CAUSE),
            number(row["human_rank"], 2),
            number(row["metric_rank"], 2),
            number(row["gap"], 2),
        ]
        for row in sorted(rows, key=lambda row: -abs(row["gap"]))
    ]
    return table(columns, cells, 4)


def share_figure(rows: Sequence[Row]) -> Spec:
    known = sorted((row for row in rows if row["share"] is not None), key=lambda r: r["share"])
    known = [{**row, "low": row["share_low"], "high": row["share_high"]} for row in known]
    names = [label_of(row["label"]) for row in known]
    trace = dots(known, "share", names, _("Share of the variance"))
    return line_spec([trace], _("Share of the gap's variance, 0-1"), names, legend=False)


def quadrant_figure(rows: Sequence[Row], label: str, link: Link | None = None) -> Spec:
    """One dot for each output, by the cause named first; a dot leads to its segment's page."""
    by_cause: dict[str, list[Row]] = {}
    for row in rows:
        by_cause.setdefault(label_of(row["cause_label"]) or str(NO_CAUSE), []).append(row)
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [row["human_rank"] for row in chosen],
            "y": [row["metric_rank"] for row in chosen],
            "text": [f"{row['key']} · {row['system']}" for row in chosen],
            "customdata": [link(row["segment"]) if link else "" for row in chosen],
            "hovertemplate": "%{text}<br>%{x:.2f}, %{y:.2f}",
            "marker": {"opacity": 0.7},
        }
        for name, chosen in sorted(by_cause.items(), key=lambda part: -len(part[1]))
    ]
    halves = {"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1], "zeroline": False}
    return {
        "data": traces,
        "layout": {
            "height": 460,
            "showlegend": len(traces) > 1,
            "xaxis": {"title": {"text": _("People's rank")}, **halves},
            "yaxis": {"title": {"text": label}, **halves},
        },
    }
