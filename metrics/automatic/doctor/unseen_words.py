"""No word is invisible to the metric."""

from collections import Counter

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import NOTHING, Check, Finding, Patient
from metrics.automatic.token_f1 import ARTICLES, bare

MOST_WORDS, SHOWN = 30, 5


@CHECKS.register("unseen_words")
class UnseenWords(Check):
    """Each frequent word taken out of the shortest text that has it; the language's own articles
    may be dropped.

    Famous failure: token F1 of the usual script deletes Irish *a* (his, her, their) as English.
    """

    name = "unseen_words"
    label = "no word can be left out for nothing"

    def examine(self, patient: Patient) -> Finding:
        homes: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for text in sorted(patient.texts, key=len):
            for word in map(bare, text.split()):
                counts[word] += 1
                homes.setdefault(word, text)
        articles = ARTICLES.get(patient.language, frozenset())
        tried = [w for w, _ in counts.most_common(MOST_WORDS) if w and w not in articles]
        if not tried:
            return self.does_not_apply("the sample has no words")
        variants = [_without(homes[word], word) for word in tried]
        losses = patient.losses(variants, [homes[word] for word in tried])
        unseen = [word for word, loss in zip(tried, losses, strict=True) if loss <= NOTHING]
        numbers = {"words": float(len(tried)), "unseen": float(len(unseen))}
        if not unseen:
            return self.passed(**numbers)
        return self.failed(
            f"leaving out a word costs nothing: {', '.join(unseen[:SHOWN])}",
            "let the metric delete no words: for token_f1 and exact_match articles=none; "
            "otherwise take one that knows the script",
            **numbers,
        )


def _without(text: str, word: str) -> str:
    return " ".join(other for other in text.split() if bare(other) != word)
