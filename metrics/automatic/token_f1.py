"""Token F1 of question answering, for any script (after Rajpurkar et al., 2016)."""

from collections import Counter

import regex

from common.text import map_digits
from metrics.automatic import METRICS
from metrics.automatic.base import MeanMetric, choose

# Removed only when asked for: "an" and "a" are Irish words, and a Marathi text has no articles.
ARTICLES: dict[str, frozenset[str]] = {
    "none": frozenset(),
    "en": frozenset({"a", "an", "the"}),
    "ga": frozenset({"an", "na"}),
    "mr": frozenset(),
    "hi": frozenset(),
}
_PUNCTUATION = regex.compile(r"[\p{P}$+<=>^`|~]+")  # Unicode P* and all of ASCII's


def bare(text: str) -> str:
    """The text in lower case and without punctuation."""
    return str(_PUNCTUATION.sub("", text.lower()))


class AnswerMetric(MeanMetric):
    """A metric over short answers: lower case, no punctuation, ASCII digits, no articles asked.

    Parameters
    ----------
    articles : language whose articles are dropped: none, en, ga, mr, hi (the last two have none)
    digits : whether २०२४ and 2024 are the same
    """

    unit = "share, 0-1"

    def __init__(
        self, *, articles: str = "none", digits: bool = True, normalize: str = "nfc"
    ) -> None:
        super().__init__(normalize=normalize)
        self.articles = choose(
            articles, list(ARTICLES), option="list of articles", metric=self.label
        )
        self.digits = digits

    def tokens(self, text: str) -> list[str]:
        """The words of an answer as they are compared."""
        text = bare(self.clean(text))
        if self.digits:
            text = map_digits(text)
        return [word for word in text.split() if word not in ARTICLES[self.articles]]

    def signature(self) -> str:
        return self.signed(
            agg="mean",
            case="lower",
            punct="no",
            articles=self.articles,
            digits="ascii" if self.digits else "kept",
        )


@METRICS.register("token_f1")
class TokenF1(AnswerMetric):
    """F1 of the bags of words, 0-1, higher is better; best reference, mean over segments.

    An answer without any word scores 1 against a reference without any, else 0.
    """

    name = "token_f1"
    label = "Token F1"

    def compare(self, hypothesis: str, reference: str) -> float:
        hyp, ref = self.tokens(hypothesis), self.tokens(reference)
        if not hyp or not ref:
            return float(hyp == ref)
        common = (Counter(hyp) & Counter(ref)).total()
        return 2.0 * common / (len(hyp) + len(ref))
