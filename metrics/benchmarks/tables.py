"""The comparison as tables of a page."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

Plain = dict[str, Any]
Table = dict[str, Any]
DIGITS = 3


def overview(report: Plain) -> Table:
    """Task by system: the main value with its interval."""
    systems = sorted({row["system"] for task in report["tasks"] for row in task["systems"]})
    rows = []
    for task in report["tasks"]:
        by_name = {row["system"]: row for row in task["systems"]}
        cells = [_main(task, by_name.get(system)) for system in systems]
        rows.append([task["label"], task["main"], *cells])
    return {
        "columns": [_("Task"), _("Measure"), *systems],
        "rows": rows,
        "numeric_from": 2,
    }


def _main(task: Plain, row: Plain | None) -> Any:
    if row is None:
        return "–"
    value = next(value for value in row["values"] if value["name"] == task["main"])
    return {
        "text": with_interval(value),
        "href": reverse("models_app:benchmark", args=[row["run"]]),
    }


def task_table(task: Plain) -> Table:
    """One row a system: what warns of its numbers first, then every number there is."""
    names = list(dict.fromkeys(v["name"] for row in task["systems"] for v in row["values"]))
    labels = any(row["labels"] for row in task["systems"])
    columns = [_("System"), *([_("Flag"), _("Chosen")] if labels else []), "n", *names]
    if labels:
        columns += [_("Always the commonest"), _("Best constant macro F1")]
    rows = []
    for row in task["systems"]:
        by_name = {value["name"]: value for value in row["values"]}
        link = {"text": row["system"], "href": reverse("models_app:benchmark", args=[row["run"]])}
        cells = [with_interval(by_name[name]) if name in by_name else "–" for name in names]
        warned, baselines = _labels(row["labels"]) if labels else ([], [])
        rows.append([link, *warned, row["n"], *cells, *baselines])
    return {"columns": columns, "rows": rows, "numeric_from": 3 if labels else 1}


def _labels(found: Plain) -> tuple[list[str], list[str]]:
    """Flag and distribution of the chosen labels; what constant answers would score."""
    if found["verdict"] == "texts":
        return [_("texts, no labels"), "–"], ["–", "–"]
    chosen = ", ".join(f"{label or _('others')} {n}" for label, n in found["predicted"])
    phantoms = ", ".join(f"{label} ({n})" for label, n, _weight in found["phantom_classes"])
    flag = {
        "": "–",
        "constant": _("always the same answer"),
        "near constant": _("no better than a constant answer"),
        "phantom classes": _("classes that hardly exist: %(which)s") % {"which": phantoms},
    }[found["verdict"]]
    constants = [number(found["majority_accuracy"]), number(found["best_constant_macro_f1"])]
    return [flag, chosen], constants


def change_table(report: Plain, base: str, adapter: str) -> Table:
    """The tasks of one adaptation, English ones marked, and its English retention at the top."""
    kept = next(
        row for row in report["retention"] if (row["base"], row["adapter"]) == (base, adapter)
    )
    head = _("English retention, mean of %(n)s tasks") % {"n": kept["n_tasks"]}
    delta = kept["reason"] or with_interval(kept | {"value": kept["delta"]}, signed=True)
    rows = [[head, "accuracy", kept["n_items"], "–", "–", delta, "–", "–", "–"]]
    for row in report["changes"]:
        if (row["base"], row["adapter"]) != (base, adapter):
            continue
        name = f"{row['label']} ({_('English')})" if row["english"] else row["label"]
        tested = row["reason"] or p_value(row["p_adjusted"])
        rows.append(
            [
                name, row["measure"], row["n"], number(row["before"]), number(row["after"]),
                with_interval(row | {"value": row["delta"]}, signed=True),
                f"{row['gained']} / {row['lost']}", row["test"], tested,
            ]
        )  # fmt: skip
    return {
        "columns": [
            _("Task"), _("Measure"), "n", _("Base"), _("Adapter"), _("Change"),
            _("Better / worse"), _("Test"), _("p, by Holm"),
        ],
        "rows": rows,
        "numeric_from": 2,
    }  # fmt: skip


def means_table(report: Plain, dimension: str) -> Table:
    rows = [
        [
            row["group"], row["system"], row["measure"],
            with_interval(row | {"value": row["macro"]}), number(row["weighted"]),
            row["n_tasks"], row["n_items"],
        ]
        for row in report["means"]
        if row["dimension"] == dimension
    ]  # fmt: skip
    return {
        "columns": [
            _("Group"), _("System"), _("Measure"), _("Mean of the tasks"), _("Mean of the items"),
            _("Tasks"), _("Items"),
        ],
        "rows": rows,
        "numeric_from": 3,
    }  # fmt: skip


def with_interval(value: Plain, *, signed: bool = False) -> str:
    """0.512 [0.430, 0.594]; "not defined" and why where there is no number."""
    if value["value"] is None:
        reason = value.get("reason")
        return f"{_('not defined')}: {reason}" if reason else _("not defined")
    estimate = f"{value['value']:{'+' if signed else ''}.{DIGITS}f}"
    if value["low"] is None or value["high"] is None:
        return f"{estimate} [{_('not defined')}]"
    return f"{estimate} [{value['low']:.{DIGITS}f}, {value['high']:.{DIGITS}f}]"


def number(value: float | None) -> str:
    return _("not defined") if value is None else f"{value:.{DIGITS}f}"


def p_value(p: float | None) -> str:
    if p is None:
        return _("not defined")
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
