"""A planner's answer as the page shows it: sentence, numbers, curve, tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from metrics.reports.words import DASH, interval, number, percent, points

if TYPE_CHECKING:
    from metrics.analyses.pilots import Pilot
    from metrics.analyses.sizes import Allocation, Size
    from metrics.statistics import MixedModel

Shown = dict[str, Any]
Values = Mapping[str, Any]

PARTS = {
    "segment": lambda: _("segments"),
    "rater": lambda: _("annotators"),
    "system:segment": lambda: _("outputs beyond their segments"),
    "residual": lambda: _("the rest, in every rating"),
}


def shown_size(question: str, size: "Size", values: Values) -> Shown:
    """What templates/metrics/partials/planner_size.html asks for."""
    return {
        "n": size.n,
        "what": _unit_of(question, size.n),
        "sentence": _sentence(question, size, values),
        "facts": _facts(question, size, values),
        "figure": _curve(question, size),
        "others": _others(size) if "others" in size.extra else None,
        "allocations": _allocations(size.extra.get("allocations", [])),
    }


def _unit_of(question: str, n: int) -> str:
    if question == "agreement":
        return npgettext("unit", "output", "outputs", n)
    return ngettext("segment", "segments", n)


def _sentence(question: str, size: "Size", values: Values) -> str:
    words = {
        "n": size.n,
        "power": percent(values.get("power"), 0),
        "alpha": f"{100 * values.get('alpha', 0):g}%",
    }
    if question == "agreement":
        return _(
            "With %(n)s outputs, each rated by %(raters)s people, the 95%% interval of an "
            "agreement of %(agreement)s will be about %(width)s wide."
        ) % {
            **words,
            "raters": values["each"],
            "agreement": number(values["agreement"], 2),
            "width": number(values["width"], 2),
        }
    found = {
        "difference": _("a difference of %s") % f"{values.get('smallest', 0):g}",
        "wins": _("%(win)s wins against %(loss)s losses in a hundred segments")
        % {
            "win": f"{values.get('win', 0):g}",
            "loss": f"{100 - values.get('win', 0) - values.get('tie', 0):g}",
        },
        "correlation": _("a correlation of %s") % number(values.get("r"), 2),
        "metrics": _("the difference between correlations of %(a)s and %(b)s")
        % {"a": number(values.get("r_first"), 2), "b": number(values.get("r_second"), 2)},
    }[question]
    if (n_comparisons := size.extra["n_comparisons"]) == 1:
        return _(
            "A study of %(n)s segments finds %(found)s with a chance of %(power)s, and calls equal "
            "ones different in %(alpha)s of cases."
        ) % {**words, "found": found}
    words |= {"comparisons": n_comparisons, "each": _level(size.extra["alpha"])}
    return _(
        "A study of %(n)s segments finds %(found)s with a chance of %(power)s, and in %(alpha)s of "
        "cases at most calls any equal ones different in %(comparisons)s comparisons read "
        "together, each tested at %(each)s (Bonferroni; with Holm's correction the chance is no "
        "smaller)."
    ) % {**words, "found": found}


def _level(alpha: float) -> str:
    """A level in percent, with the digits that a divided one needs."""
    return f"{100 * alpha:.2g}%"


def _facts(question: str, size: "Size", values: Values) -> list[Shown]:
    facts: list[Shown] = []
    if question == "difference":
        n_ratings = size.extra["n_ratings"]
        facts.append({"label": _("ratings in all"), "value": n_ratings})
        each = -(-n_ratings // values["n_raters"])
        facts.append({"label": _("ratings of each annotator"), "value": each})
    if (n := size.extra.get("n_comparisons", 1)) > 1:
        label = _("pairs of systems") if size.extra["are_pairs"] else _("comparisons read together")
        note = _("each tested at %s") % _level(size.extra["alpha"])
        facts.append({"label": label, "value": n, "note": note})
    if question == "wins":
        facts.append({"label": _("of them without a tie"), "value": size.extra["untied"]})
    if question == "correlation":
        low, high = size.extra["interval"].low, size.extra["interval"].high
        facts.append({"label": _("95% interval to expect"), "value": interval(low, high, 2)})
    return facts


def _curve(question: str, size: "Size") -> Shown:
    is_width = question == "agreement"
    title = _("Width of the interval") if is_width else _("Power")
    across = _("outputs") if is_width else _("segments")
    heads = [
        ngettext("%s rating of each output", "%s ratings of each output", int(line.name))
        % line.name
        if line.name
        else title
        for line in size.lines
    ]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": head,
            "x": size.sizes,
            "y": line.values,
            "marker": {"size": 6},
            "hovertemplate": "n = %{x}: %{y:.3f}",
        }
        for head, line in zip(heads, size.lines, strict=True)
    ]
    wanted = {
        "type": "scatter",
        "mode": "lines",
        "name": _("wanted"),
        "x": [size.sizes[0], size.sizes[-1]],
        "y": [size.target, size.target],
        "line": {"dash": "dot", "width": 2, "color": "token:ink-soft"},
        "hoverinfo": "skip",
    }
    y_axis: Shown = {"title": {"text": title}, "fixedrange": True, "rangemode": "tozero"}
    if not is_width:
        y_axis["range"] = [0, 1.02]
    spec = {
        "data": [*traces, wanted],
        "layout": {
            "height": 380,
            "showlegend": True,
            "xaxis": {"title": {"text": across}, "fixedrange": True, "rangemode": "tozero"},
            "yaxis": y_axis,
        },
    }
    rows = [
        [str(n), *(number(line.values[i], 3) for line in size.lines)]
        for i, n in enumerate(size.sizes)
    ]
    table = {"columns": [across.capitalize(), *heads], "rows": rows, "numeric_from": 0}
    note = (
        _("from drawn studies")
        if question in ("metrics", "agreement")
        else _("exact, or by the formula of the test")
    )
    return {"id": "planner-curve", "title": title, "note": note, "spec": spec, "table": table}


def _others(size: "Size") -> Shown:
    """Segments for other differences and other numbers of ratings."""
    columns = [
        _("Difference"),
        *(ngettext("%s rating", "%s ratings", r) % r for r in size.extra["counts"]),
    ]
    rows = [
        [points(delta), *(DASH if n is None else str(n) for n in row)]
        for delta, row in size.extra["others"]
    ]
    return {"columns": columns, "rows": rows, "numeric_from": 1}


def _allocations(rows: "Sequence[Allocation]") -> Shown | None:
    if not rows:
        return None
    return {
        "columns": [
            _("Who judges"),
            _("Finds the difference"),
            _("Finds one between equal systems"),
        ],
        "rows": [
            [
                _("the same people, both systems")
                if row.same_raters
                else _("each system its own people"),
                percent(row.power.estimate, 0),
                percent(row.false.estimate, 0),
            ]
            for row in rows
        ],
        "numeric_from": 1,
    }


def shown_pilot(pilot: "Pilot") -> Shown:
    """Where a pilot's assumptions come from."""
    parts = _parts(pilot.model) if pilot.model is not None else None
    return {"campaign": pilot.campaign, "unit": pilot.unit, "reason": pilot.reason, "parts": parts}


def _parts(model: "MixedModel") -> Shown:
    """Variance components, with a column of notes where there are any."""
    has_notes = any(part.reason for part in model.components)
    rows = []
    for part in model.components:
        known = part.variance == part.variance
        row = [PARTS[part.name]()] + [part.reason] * has_notes
        row += [number(v, 2) if known else DASH for v in (part.variance, part.variance**0.5)]
        rows.append([*row, str(part.n_levels)])
    columns = [_("Between")] + [_("Note")] * has_notes
    columns += [_("Variance"), _("Standard deviation"), _("n")]
    return {"columns": columns, "rows": rows, "numeric_from": 1 + has_notes}
