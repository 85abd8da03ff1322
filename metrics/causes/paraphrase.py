"""The reference's meaning in other words, where a model of meaning was asked."""

import math

from metrics.causes import CAUSES, words
from metrics.causes.base import NAN, NOTHING, Case, Cause, Finding

LEAST_SIMILAR = 0.5  # embeddings of unrelated texts in one language are often this near


@CAUSES.register("paraphrase")
class Paraphrase(Cause):
    """Meaning is a model's opinion: entailment both ways or, without it, embeddings' similarity."""

    label = words.gettext_noop("Paraphrase")
    about = words.gettext_noop(
        "how surely the meaning is the same, times the share of words that are not"
    )
    rank = 60

    def find(self, case: Case) -> Finding:
        meaning, said = same_meaning(case)
        if math.isnan(meaning):
            return Finding(
                NAN, words.gettext("neither entailment both ways nor a similarity was computed")
            )
        if not meaning or case.overlap == 1:
            return NOTHING
        return Finding(
            meaning * (1 - case.overlap),
            said,
            (said,),
        )


def same_meaning(case: Case) -> tuple[float, words.Said | str]:
    """0-1, nan where nothing is known; and what it rests on."""
    both = case.entailment
    if not any(map(math.isnan, both)):
        return min(both), words.gettext(
            "Reference and output entail each other (%(one)s, %(other)s), while the words overlap "
            "by %(overlap)s.",
            one=f"{both[0]:.2f}",
            other=f"{both[1]:.2f}",
            overlap=f"{case.overlap:.2f}",
        )
    if math.isnan(case.similarity):
        return NAN, ""
    meaning = max(0.0, (case.similarity - LEAST_SIMILAR) / (1 - LEAST_SIMILAR))
    return meaning, words.gettext(
        "Embeddings of reference and output are alike (%(similarity)s), while the words overlap by "
        "%(overlap)s.",
        similarity=f"{case.similarity:.2f}",
        overlap=f"{case.overlap:.2f}",
    )
