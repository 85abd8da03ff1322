"""The metrics' values on a campaign's outputs, as matrices beside the human scores."""

from dataclasses import dataclass

import numpy as np

from annotation.models import Campaign
from metrics.analyses.frame import FloatArray, Frame
from metrics.automatic import METRICS, Metric
from metrics.models import MetricScore, SegmentScore
from metrics.scoring import latest_signatures


@dataclass(frozen=True)
class MetricValues:
    """One metric under one signature; rows and columns as in the frame."""

    name: str
    signature: str
    segment_signature: str
    scorer: Metric  # made without options: scores of sums do not depend on them
    values: FloatArray  # (segments, systems) the metric's own unit, nan where there is none
    statistics: FloatArray  # (segments, systems, k) zeros where there are none
    known: np.ndarray  # (segments, systems) whether the output was scored

    @property
    def label(self) -> str:
        return str(self.scorer.label)

    @property
    def direction(self) -> int:
        return 1 if self.scorer.higher_is_better else -1

    def corpus(self, rows: np.ndarray, system: int) -> float:
        """Corpus score of a system over the segments in the mask `rows`."""
        chosen = rows & self.known[:, system]
        if not chosen.any():
            return float("nan")
        return float(self.scores_of_sums(self.statistics[chosen, system].sum(axis=0)[None, :])[0])

    def scores_of_sums(self, sums: FloatArray) -> FloatArray:
        return self.scorer.score_sums(sums)

    def of_counts(self, systems: np.ndarray):
        """From (samples, segments) counts to (samples, systems) corpus scores, higher = better."""

        def scores(counts: FloatArray) -> FloatArray:
            columns = [
                self.direction * self.scores_of_sums(counts @ self.statistics[:, s])
                for s in systems
            ]
            return np.stack(columns, axis=1) if columns else np.zeros((len(counts), 0))

        return scores


def load_values(campaign: Campaign, frame: Frame) -> list[MetricValues]:
    """One query for each metric, and two more."""
    signatures = latest_signatures(campaign.dataset)
    place = {int(pk): spot for spot, pk in np.ndenumerate(frame.outputs) if pk}
    found = []
    for name in sorted(signatures, key=_order):
        if name not in METRICS:
            continue
        rows = list(
            SegmentScore.objects.filter(
                metric=name,
                signature=signatures[name]["segment"],
                output__system__campaigns=campaign,
                output__segment__dataset=campaign.dataset,
            ).values_list("output", "value", "statistics")
        )
        rows = [row for row in rows if row[0] in place]
        if rows:
            found.append(_values(name, signatures[name], rows, place, frame))
    return found


def _order(name: str) -> tuple[int, str]:
    usual = ["bleu", "bleu_intl", "bleu_char", "chrf", "chrfpp", "ter", "rougeL", "token_f1"]
    return (usual.index(name) if name in usual else len(usual), name)


def _values(
    name: str, signature: dict[str, str], rows: list, place: dict[int, tuple], frame: Frame
) -> MetricValues:
    shape = frame.outputs.shape
    values = np.full(shape, np.nan)
    known = np.zeros(shape, dtype=bool)
    width = max(len(row[2]) for row in rows)
    statistics = np.zeros((*shape, width))
    for output, value, sums in rows:
        spot = place[output]
        values[spot] = np.nan if value is None else value
        statistics[spot] = sums
        known[spot] = True
    return MetricValues(
        name=name,
        signature=signature["corpus"],
        segment_signature=signature["segment"],
        scorer=METRICS.get(name)(),
        values=values,
        statistics=statistics,
        known=known,
    )


def stored_scores(campaign: Campaign) -> list[MetricScore]:
    """The systems' scores under the newest signatures; one query and that of the signatures."""
    signatures = latest_signatures(campaign.dataset)
    newest = {signature["corpus"] for signature in signatures.values()}
    rows = MetricScore.objects.filter(
        dataset=campaign.dataset, system__campaigns=campaign
    ).select_related("system")
    return sorted(
        (row for row in rows if row.signature in newest),
        key=lambda row: (_order(row.metric), row.system.name),
    )
