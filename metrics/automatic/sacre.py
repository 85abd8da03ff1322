"""What BLEU, chrF and TER share: sacreBLEU's options, text preparation and signature.

sacreBLEU has no public way to a segment's statistics. TER takes them by the methods that its own
significance tests use; BLEU and chrF count for themselves. The version is pinned, and the tests
compare every number with the public API.
"""

from sacrebleu.metrics.base import Metric as SacreScorer

from metrics.automatic.base import Metric


class SacreMetric(Metric):
    """A metric computed by a sacreBLEU scorer; the signature is sacreBLEU's own."""

    unit = "points, 0-100"

    def __init__(self, scorer: SacreScorer, *, normalize: str = "none") -> None:
        super().__init__(normalize=normalize)
        self.scorer = scorer

    def signature(self) -> str:
        return self._sign(self.scorer)

    def _sign(self, scorer: SacreScorer, **extra: object) -> str:
        """sacreBLEU's string; what it does not know (our normalisation) comes after."""
        scorer.num_refs = -1 if self.n_references == "var" else int(self.n_references)
        if self.normalize != "none":
            extra["norm"] = self.normalize
        return "|".join([str(scorer.get_signature()), *(f"{k}:{v}" for k, v in extra.items())])
