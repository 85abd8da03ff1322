"""Corpus scores of every system on a dataset, with intervals."""

from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from metrics.automatic import METRICS
from metrics.models import SegmentScore
from metrics.scoring import latest_signatures
from metrics.statistics.intervals import bootstrap_chunks, percentile_interval
from models_app.models import Dataset
from studies.tables import TABLES
from studies.tables.base import Column, Picture, Table

RESAMPLES = 1000


@TABLES.register("scores")
class Scores(Table):
    """Options: `dataset`; `systems`, all unless told; `metrics`, all that were computed."""

    title = _("Automatic metrics")
    columns = (
        Column("system", "System", "text"),
        Column("metric", "Metric", "text"),
        Column("score", "Corpus score", "interval"),
        Column("n", "n"),
        Column("signature", "Signature", "text"),
    )
    picture = Picture("score", "system", ("metric",))
    recipe = "corpus score; 95 % percentile interval, bootstrap over segments, 1000 resamples"

    def rows(self) -> list[dict[str, Any]]:
        dataset = Dataset.objects.get(name=self.work.name(self.options["dataset"]))
        signatures = latest_signatures(dataset)
        chosen = self.options.get("metrics", sorted(signatures))
        rows = []
        for metric in chosen:
            if metric not in signatures:
                reason = f"{metric} was not computed on {self.options['dataset']}"
                rows.append({"metric": metric, "score": None, "n": 0, "reason": reason})
                continue
            for system, statistics in self._statistics(dataset, metric, signatures).items():
                rows.append(
                    {
                        "system": self.short(system),
                        "metric": str(METRICS.get(metric)().label),
                        "signature": signatures[metric]["corpus"],
                        "n": len(statistics),
                        **self._interval(metric, np.asarray(statistics, dtype=np.float64)),
                    }
                )
        return rows

    def _statistics(
        self, dataset: Dataset, metric: str, signatures: dict[str, dict[str, str]]
    ) -> dict[str, list[Any]]:
        """The sufficient statistics of each system's segments."""
        found = SegmentScore.objects.filter(
            output__segment__dataset=dataset,
            metric=metric,
            signature=signatures[metric]["segment"],
        ).order_by("output__system__name", "output__segment__position")
        if names := self.options.get("systems"):
            found = found.filter(output__system__name__in=self.work.systems(names))
        by_system: dict[str, list[Any]] = {}
        for system, statistics in found.values_list("output__system__name", "statistics"):
            by_system.setdefault(system, []).append(statistics)
        return by_system

    def _interval(self, metric: str, statistics: np.ndarray) -> dict[str, Any]:
        scorer = METRICS.get(metric)()
        estimate = float(scorer.score_sums(statistics.sum(axis=0)[None, :])[0])
        rng = np.random.default_rng(self.work.seed)
        draws = np.concatenate(
            [
                scorer.score_sums(counts @ statistics)
                for counts in bootstrap_chunks(len(statistics), RESAMPLES, rng)
            ]
        )
        _, low, high = percentile_interval(estimate, draws)
        defined = [None if np.isnan(value) else float(value) for value in (estimate, low, high)]
        reason = "not defined for these outputs" if defined[0] is None else None
        return {"score": defined[0], "low": defined[1], "high": defined[2], "reason": reason}
