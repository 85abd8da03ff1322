"""Two systems, such as a base model and its adapter: a plain sentence on each metric."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.contenders import BASELINES, names
from metrics.reports.figures import Rows, Spec, dots, line_spec
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, VERDICTS, estimate, interval, number, p_value, with_p


@SECTIONS.register("two_systems")
class TwoSystems(Section):
    name = "two_systems"
    title = gettext_lazy("Two systems, segment by segment")
    place = 12
    sometimes = ("two_systems",)  # where there are few systems

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.two_systems import two_system_table as rows

        return {"two_systems": lambda: rows(material.frame, material.contenders, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("two_systems", ())
        pairs = list(dict.fromkeys((row["system_a"], row["system_b"]) for row in rows))
        parts = [
            _part(payload, [row for row in rows if (row["system_a"], row["system_b"]) == pair], n)
            for n, pair in enumerate(pairs)
        ]
        return {"parts": parts} if parts else None


def _part(payload: Payload, rows: Rows, place: int) -> dict[str, Any]:
    first, second = rows[0]["system_a"], rows[0]["system_b"]
    called = names(payload)
    title = _("%(a)s against %(b)s") % {"a": first, "b": second}
    return {
        "title": title,
        "people": people_sentence(payload, rows[0]),
        "sentences": [sentence(row, rows, called) for row in rows if not row["is_baseline"]],
        "figure": figure(
            f"figure-two-systems-{place}",
            _("Where people see a larger difference, does the metric?"),
            delta_figure(rows, called),
            together_table(rows, called),
            _("Correlation of the segments' differences, %(title)s") % {"title": title},
        ),
        "tests": test_table(rows, called),
    }


def people_sentence(payload: Payload, row: Mapping[str, Any]) -> str:
    said = _numbers(row, "human") | {"unit": payload["protocol_details"]["unit"], "n": row["n"]}
    who = _("Simulated raters") if payload["is_simulated"] else _("People")
    said["people"] = who
    if row["people_say"] in ("better", "worse"):
        return (
            _(
                "%(people)s prefer %(system)s: by %(delta)s (%(unit)s; %(ends)s; %(p)s; d_z "
                "%(effect)s)."
            )
            % said
        )
    return _("%(people)s cannot separate the two: %(delta)s (%(unit)s; %(ends)s; %(p)s).") % said


def sentence(row: Mapping[str, Any], rows: Rows, called: Mapping[str, str]) -> str:
    """What a metric says of the two, whether people do, and whether it beats length alone."""
    said = _numbers(row, "metric") | {"metric": called[row["metric"]]}
    said["verdict"] = str(VERDICTS[row["verdict"]])
    words = {
        "agree": _("%(metric)s agrees with people: it prefers %(system)s (%(p)s)."),
        "opposite": _("%(metric)s says the opposite: it prefers %(system)s (%(p)s)."),
        "only people": _("%(metric)s sees no difference where people see one (%(p)s)."),
        "only metric": _("%(metric)s prefers %(system)s, where people see no difference (%(p)s)."),
        "neither": _("%(metric)s sees no difference either (%(p)s)."),
        "not defined": _("%(metric)s: not defined."),
    }
    return f"{words[row['verdict']] % said} {_beside_baselines(row, rows)}".strip()


def _beside_baselines(row: Mapping[str, Any], rows: Rows) -> str:
    """How it follows the segments' differences, and the baseline that follows them best."""
    if row["pearson"] is None:
        return _("Its differences cannot be correlated with people's: %(reason)s.") % {
            "reason": row["pearson_reason"]
        }
    beaten = [r for r in rows if r["is_baseline"] and r["pearson"] is not None]
    best = max(beaten, key=lambda r: r["pearson"], default=None)
    said = {"r": _r(row), "best": "", "other": ""}
    if best is None:
        return _("Segment by segment its differences follow people's with r = %(r)s.") % said
    said |= {"best": str(BASELINES[best["metric"]]), "other": number(best["pearson"], 2)}
    return (
        _(
            "Segment by segment its differences follow people's with r = %(r)s; the best baseline, "
            "%(best)s, has %(other)s."
        )
        % said
    )


def _numbers(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    delta = row[f"{side}_delta"]
    ends = row[f"{side}_low"], row[f"{side}_high"]
    better = row["system_a"] if (delta or 0) > 0 else row["system_b"]
    digits = 2 if delta is None or abs(delta) >= 1 else 3
    if None not in ends and (delta or 0) < 0:
        ends = -ends[1], -ends[0]
    return {
        "system": better,
        "delta": number(None if delta is None else abs(delta), digits),
        "ends": _("95%% interval %(ends)s") % {"ends": interval(*ends, digits)},
        "p": with_p(row[f"{side}_p_adjusted"]),
        "effect": number(abs(row[f"{side}_effect_size"] or 0), 2),
    }


def _r(row: Mapping[str, Any]) -> str:
    ends = row["pearson_low"], row["pearson_high"]
    return number(row["pearson"], 2) + ("" if None in ends else f" ({interval(*ends, 2)})")


def test_table(rows: Rows, called: Mapping[str, str]) -> dict:
    """People first, then every metric and baseline: the tests of the difference."""
    columns = [
        _("Who"),
        _("Difference (95% interval)"),
        _("p (signs flipped)"),
        _("p (Wilcoxon)"),
        _("Effect size (d_z)"),
        _("Verdict"),
        _("n"),
    ]
    first = [_("People"), *_test_cells(rows[0], "human"), DASH, rows[0]["n"]]
    others = [
        [
            called[row["metric"]],
            *_test_cells(row, "metric"),
            DASH if row["verdict"] is None else str(VERDICTS[row["verdict"]]),
            row["metric_n"],
        ]
        for row in rows
    ]
    return table(columns, [first, *others], 1)


def _test_cells(row: Mapping[str, Any], side: str) -> list[str]:
    return [
        estimate(row[f"{side}_delta"], row[f"{side}_low"], row[f"{side}_high"]),
        p_value(row[f"{side}_p_adjusted"]),
        p_value(row[f"{side}_signed_rank_p"]),
        number(row[f"{side}_effect_size"], 2),
    ]


def together_table(rows: Rows, called: Mapping[str, str]) -> dict:
    columns = [
        _("Metric"),
        _("r of the differences"),
        _("τ-b of the differences"),
        _("acc_eq"),
        _("All tied"),
        _("By chance"),
        _("Soft pairwise accuracy"),
        _("n"),
    ]
    return table(
        columns,
        [
            [
                called[row["metric"]],
                *(_correlation(row, name) for name in ("pearson", "kendall_b")),
                _accuracy(row),
                number(row["constant"], 2),
                number(row["coin"], 2),
                number(row["soft_pairwise_accuracy"]),
                row["metric_n"],
            ]
            for row in rows
        ],
        1,
    )


def _correlation(row: Mapping[str, Any], name: str) -> str:
    if row[name] is None:
        return _("not defined: %(reason)s") % {"reason": row[f"{name}_reason"]}
    ends = row[f"{name}_low"], row[f"{name}_high"]
    return number(row[name], 2) + ("" if None in ends else f" ({interval(*ends, 2)})")


def _accuracy(row: Mapping[str, Any]) -> str:
    if row["acc_eq"] is None:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    ends = row["acc_eq_low"], row["acc_eq_high"]
    return number(row["acc_eq"], 2) + ("" if None in ends else f" ({interval(*ends, 2)})")


def delta_figure(rows: Rows, called: Mapping[str, str]) -> Spec:
    """r of the segments' differences of every metric and baseline."""
    lines = [
        {
            "label": called[row["metric"]],
            "is_baseline": row["is_baseline"],
            "value": row["pearson"],
            "low": row["pearson_low"],
            "high": row["pearson_high"],
        }
        for row in rows
        if row["pearson"] is not None
    ]
    labels = [line["label"] for line in lines][::-1]
    traces = [
        dots(chosen, "value", [line["label"] for line in chosen], name)
        for wanted, name in ((False, _("Metrics")), (True, _("Baselines")))
        if (chosen := [line for line in lines if line["is_baseline"] == wanted])
    ]
    return line_spec(traces, _("r with people's differences"), labels)
