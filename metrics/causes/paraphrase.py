"""The reference's meaning in other words, where a model of meaning was asked."""

import math

from metrics.causes import CAUSES
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding

LEAST_SIMILAR = 0.5  # embeddings of unrelated texts in one language are often this near


@CAUSES.register("paraphrase")
class Paraphrase(Cause):
    """Meaning is a model's opinion: entailment both ways or, without it, embeddings' similarity."""

    label = "Paraphrase"
    about = "how surely the meaning is the same, times the share of words that are not"
    rank = 60

    def find(self, case: Case) -> Finding:
        meaning, said = same_meaning(case)
        if math.isnan(meaning):
            return Finding(NAN, "neither entailment both ways nor a similarity was computed")
        if not meaning or case.overlap == 1:
            return NOTHING
        return Finding(
            meaning * (1 - case.overlap),
            f"{said}, while the words overlap by {case.overlap:.2f}.",
            (said,),
        )


def same_meaning(case: Case) -> tuple[float, str]:
    """0-1, nan where nothing is known; and what it rests on."""
    both = case.entailment
    if not any(map(math.isnan, both)):
        return min(both), f"Reference and output entail each other ({both[0]:.2f}, {both[1]:.2f})"
    if math.isnan(case.similarity):
        return NAN, ""
    meaning = max(0.0, (case.similarity - LEAST_SIMILAR) / (1 - LEAST_SIMILAR))
    return meaning, f"Embeddings of reference and output are alike ({case.similarity:.2f})"
