"""The evaluation harness's tasks: every system's values, and what adaptation changed."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from metrics.benchmarks.loading import comparisons, frames
from metrics.benchmarks.report import RECIPES, report
from models_app.models import System
from studies.tables import TABLES
from studies.tables.base import Column, Picture, Table

LOOK_ALIKE = (
    "The items are our own look-alikes of the benchmarks: they say nothing of the real ones."
)


class OfBenchmarks(Table):
    """The study's systems, compared task by task under one setting."""

    def reports(self) -> Iterator[dict[str, Any]]:
        asked = self.work.configuration["benchmarks"]["systems"]
        systems = System.objects.filter(name__in=self.work.systems(asked))
        for frame, found in frames(comparisons(systems)).items():
            yield report(frame, found)

    def notes(self) -> list[str]:
        source = self.work.configuration["benchmarks"].get("source", "sample")
        return [LOOK_ALIKE] if source == "sample" else []


@TABLES.register("benchmarks")
class Benchmarks(OfBenchmarks):
    """Option: `values`, names of the measures; all unless told."""

    title = _("Benchmarks")
    columns = (
        Column("task", "Task", "text"),
        Column("system", "System", "text"),
        Column("measure", "Measure", "text"),
        Column("value", "Value", "interval"),
        Column("n", "n"),
        Column("flags", "Look at", "text"),
    )
    recipe = f"{RECIPES['accuracy']}; {RECIPES['f1']}"

    def rows(self) -> list[dict[str, Any]]:
        wanted = self.options.get("values")
        rows = []
        for found in self.reports():
            for task in found["tasks"]:
                for system in task["systems"]:
                    link = reverse("models_app:benchmark", args=[system["run"]])
                    flags = (system["labels"] or {}).get("verdict", "")
                    rows += [
                        {
                            "task": task["label"],
                            "system": self.short(system["system"]),
                            "measure": value["name"],
                            "value": value["value"],
                            "low": value["low"],
                            "high": value["high"],
                            "n": value["n"],
                            "flags": flags,
                            "reason": value["reason"],
                            "link": link,
                        }
                        for value in system["values"]
                        if wanted is None or value["name"] in wanted
                    ]
        return rows


@TABLES.register("adaptation")
class Adaptation(OfBenchmarks):
    title = _("What adaptation changed, and what became of English")
    columns = (
        Column("adapter", "Adapted", "text"),
        Column("task", "Task", "text"),
        Column("before", "Before"),
        Column("after", "After"),
        Column("delta", "Change", "interval"),
        Column("gained", "Gained"),
        Column("lost", "Lost"),
        Column("p", "p (Holm)", "p"),
        Column("n", "n"),
    )
    picture = Picture("delta", "task", ("adapter",))
    recipe = "; ".join(RECIPES[name] for name in ("change", "test", "retention"))

    def rows(self) -> list[dict[str, Any]]:
        rows = []
        for found in self.reports():
            for row in found["changes"]:
                rows.append(
                    {
                        "adapter": self.short(row["adapter"]),
                        "task": row["label"],
                        **{name: row[name] for name in ("before", "after", "delta")},
                        "delta_low": row["low"],
                        "delta_high": row["high"],
                        **{name: row[name] for name in ("gained", "lost", "n", "reason")},
                        "p": row["p_adjusted"],
                    }
                )
            for row in found["retention"]:
                rows.append(
                    {
                        "adapter": self.short(row["adapter"]),
                        "task": f"English, mean of {row['n_tasks']} tasks",
                        "delta": row["delta"],
                        "delta_low": row["low"],
                        "delta_high": row["high"],
                        "n": row["n_items"],
                        "reason": row["reason"],
                    }
                )
        return rows
