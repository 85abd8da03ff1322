"""What each factor of a grid of trainings does to a metric, alone and with another."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from metrics.automatic import METRICS
from metrics.models import MetricScore
from metrics.scoring import latest_signatures
from models_app.models import Dataset
from models_app.sweeps.effects import Effects, effects
from studies.configuration import Planned, planned_runs
from studies.tables import TABLES
from studies.tables.base import Column, Table

REPLICATE = "seed"
TEST = "test set"


@TABLES.register("effects")
class FactorEffects(Table):
    """Options: `training`, a grid; `outcome`, a metric; `datasets`, several make one more factor.

    Seeds of a condition are its replicates, not a factor.
    """

    title = _("What each factor does")
    columns = (
        Column("factor", "Factor", "text"),
        Column("level", "Level", "text"),
        Column("mean", "Mean"),
        Column("sd", "SD of runs"),
        Column("adjusted", "Mean, conditions weighed alike"),
        Column("share", "Share of the variance"),
        Column("df", "df"),
        Column("f", "F"),
        Column("p", "p", "p"),
        Column("n", "n"),
        Column("reason", "Not defined because", "text"),
    )
    recipe = (
        "least squares with type II sums of squares (Langsrud 2003); each run's score on each test "
        "set counts once; p unadjusted"
    )

    def rows(self) -> list[dict[str, Any]]:
        observed = list(self._observed())
        factors = list(dict.fromkeys(f for levels, _ in observed for f in levels if f != REPLICATE))
        levels = {f: [str(given.get(f, "")) for given, _ in observed] for f in factors}
        found = effects(levels, np.array([value for _, value in observed]))
        if not found.terms:
            return [{"factor": "all", "n": found.n, "reason": found.reason}]
        return [row for term in found.terms for row in _rows(term.factors, found)]

    def notes(self) -> list[str]:
        metric = METRICS.get(self.options["outcome"])()
        better = "higher" if metric.higher_is_better else "lower"
        lacking = [plan.name for plan in self._plans() if plan.name not in self._scored()]
        notes = [f"The outcome is {metric.label}, corpus score; {better} is better."]
        if lacking:
            notes.append(f"Without a score, since it failed or was dropped: {', '.join(lacking)}.")
        return notes

    def _plans(self) -> list[Planned]:
        entries = self.work.configuration["training"]
        entry = next(e for e in entries if e["name"] == self.options["training"])
        return planned_runs(entry, self.work.seed)

    def _scored(self) -> set[str]:
        return {levels["run"] for levels, _ in self._with_run()}

    def _observed(self) -> Iterator[tuple[dict[str, Any], float]]:
        for levels, value in self._with_run():
            yield {name: level for name, level in levels.items() if name != "run"}, value

    def _with_run(self) -> Iterator[tuple[dict[str, Any], float]]:
        """(levels and run, corpus score) of each run on each test set."""
        datasets = self.options["datasets"]
        outcome = self.options["outcome"]
        for key in datasets:
            dataset = Dataset.objects.get(name=self.work.name(key))
            signature = latest_signatures(dataset).get(outcome, {}).get("corpus")
            scores = dict(
                MetricScore.objects.filter(
                    dataset=dataset, metric=outcome, signature=signature, corpus__isnull=False
                ).values_list("system__name", "corpus")
            )
            for plan in self._plans():
                system = self._system(plan)
                if system in scores:
                    test = {TEST: key} if len(datasets) > 1 else {}
                    yield {**plan.cell, **test, "run": plan.name}, scores[system]

    def _system(self, plan: Planned) -> str:
        """The full name of the system that a run makes."""
        for entry in self.work.configuration["systems"]:
            if entry.get("training") == self.options["training"]:
                return self.work.name(f"{entry['name']} {plan.name}")
        return ""


def _rows(factors: tuple[str, ...], found: Effects) -> list[dict[str, Any]]:
    """A factor's line, then a line for each of its levels; a pair has its line alone."""
    term = next(t for t in found.terms if t.factors == factors)
    rows = [
        {
            "factor": " × ".join(factors),
            "level": "",
            "share": _number(term.share),
            "df": term.df,
            "f": _number(term.f),
            "p": _number(term.p),
            "n": found.n,
            "reason": term.reason,
        }
    ]
    if len(factors) > 1:
        return rows
    for level in found.levels:
        if level.factor == factors[0]:
            rows.append(
                {
                    "factor": level.factor,
                    "level": str(level.level),
                    "mean": _number(level.mean),
                    "sd": _number(level.sd),
                    "adjusted": _number(level.adjusted),
                    "n": level.n,
                    "reason": "",
                }
            )
    return rows


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
