"""What BLEU, chrF and TER share: sacreBLEU counts and scores, we keep the rows.

sacreBLEU has no public way to a segment's statistics; the three methods used here are the ones
its own significance tests use. The version is pinned and the tests compare with its public API.
"""

from collections.abc import Sequence

from sacrebleu.metrics.base import Metric as SacreScorer

from metrics.automatic.base import Metric, Pair


class SacreMetric(Metric):
    """A metric computed by a sacreBLEU scorer; the signature is sacreBLEU's own."""

    unit = "points, 0-100"

    def __init__(self, scorer: SacreScorer, *, normalize: str = "none") -> None:
        super().__init__(normalize=normalize)
        self.scorer = scorer

    def row(self, pair: Pair) -> Sequence[float]:
        prepare = self.scorer._preprocess_segment
        references = [prepare(self.clean(reference)) for reference in pair.references]
        hypothesis = prepare(self.clean(pair.hypothesis))
        info = self.scorer._extract_reference_info(references)
        return self.scorer._compute_segment_statistics(hypothesis, info)

    def signature(self) -> str:
        return self._sign(self.scorer)

    def _sign(self, scorer: SacreScorer, **extra: object) -> str:
        """sacreBLEU's string; what it does not know (our normalisation) comes after."""
        scorer.num_refs = -1 if self.n_references == "var" else int(self.n_references)
        if self.normalize != "none":
            extra["norm"] = self.normalize
        return "|".join([str(scorer.get_signature()), *(f"{k}:{v}" for k, v in extra.items())])
