"""Other forms of the same words: endings, postpositions, initial mutations."""

from collections import Counter, defaultdict

import regex
from rapidfuzz.distance import Prefix

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding, listed, shown
from metrics.causes.diacritics import is_slip
from metrics.causes.spelling import DEVANAGARI_LANGUAGES

FEWEST = 3  # code points that two forms of a word share at least
SHARE = 0.6  # of the longer form
MOST_ADDED = 3  # code points of an ending on a Devanagari word of two: घर, घरात
_ECLIPSED = regex.compile(
    r"^(?:m(?=b)|g(?=c)|n-?(?=[dg])|bh(?=f)|b(?=p)|d(?=t)|t(?=s)|[nth]-?(?=[aeiouáéíóú]))"
)
_DIGIT = regex.compile(r"\p{N}")
_LENITED = regex.compile(r"^([bcdfgmpst])h")


@CAUSES.register("word_forms")
class WordForms(Cause):
    """Words compared whole count as wrong in another case or tense, or mutated."""

    label = words.gettext_noop("Other forms of the same words")
    about = words.gettext_noop(
        "share of the differing words that begin alike (Irish: but for initial mutations)"
    )
    rank = 45

    def find(self, case: Case) -> Finding:
        pairs = forms(*case.really_differing, case.language)
        if not pairs:
            return NOTHING
        evidence = shown(pairs)
        return Finding(
            2 * len(pairs) / case.n_differing,
            words.ngettext(
                "%(n)s word has another form than in the reference: %(words)s.",
                "%(n)s words have another form than in the reference: %(words)s.",
                len(pairs),
                words=listed(evidence, len(pairs)),
            ),
            evidence,
            2 * len(pairs) / case.n_words,
        )


def forms(missing: Counter[str], extra: Counter[str], language: str) -> list[tuple[str, str]]:
    """(missing, extra) words that are forms of one word, the most alike first."""
    near: dict[str, list[str]] = defaultdict(list)
    for word in missing:
        near[plain(word, language)[:2]].append(word)
    found = [
        (likeness(ours, theirs, language), ours, theirs)
        for theirs in extra
        for ours in near.get(plain(theirs, language)[:2], ())
    ]
    left, others = Counter(missing), Counter(extra)
    pairs = []
    for share, ours, theirs in sorted(found, key=lambda match: -match[0]):
        n = min(left[ours], others[theirs]) if share else 0
        left[ours] -= n
        others[theirs] -= n
        pairs += [(ours, theirs)] * n
    return pairs


def likeness(one: str, other: str, language: str) -> float:
    """Share of the longer word that both begin with; 0 where they are no forms of one word.

    one, other : the reference's word and the output's
    """
    if _DIGIT.search(one) or _DIGIT.search(other):
        return 0.0
    begin, other_begin = plain(one, language), plain(other, language)
    n = Prefix.similarity(begin, other_begin)
    short, long = sorted((len(begin), len(other_begin)))
    is_ending = language in DEVANAGARI_LANGUAGES and n == short >= 2 and long - n <= MOST_ADDED
    if not is_ending and (n < FEWEST or n < SHARE * long):
        return 0.0
    return 0.0 if is_slip(one, other) else n / long


def plain(word: str, language: str) -> str:
    """The word without an Irish initial mutation."""
    if language != "ga":
        return word
    return str(_LENITED.sub(r"\1", _ECLIPSED.sub("", word)))
