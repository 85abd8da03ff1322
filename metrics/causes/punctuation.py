"""Danda or full stop, other punctuation, and words written together or apart."""

from collections import Counter
from collections.abc import Sequence

from metrics.causes import CAUSES, words
from metrics.causes.base import NOTHING, Case, Cause, Finding, listed, shown
from metrics.causes.spelling import folding, paired, punctuation_of, unpaired, without_punctuation

Pairs = list[tuple[str, str]]
MOST_JOINED = 3  # words written as one


@CAUSES.register("punctuation")
class Punctuation(Cause):
    """What stands between blanks differs, the words do not."""

    label = words.gettext_noop("Punctuation or spacing")
    about = words.gettext_noop(
        "share of what differs between blanks that is only punctuation or spacing"
    )
    rank = 30

    def find(self, case: Case) -> Finding:
        missing, extra = unpaired(case.reference.split(), case.output.split())
        total = missing.total() + extra.total()
        if not total or not case.reference_words:
            return NOTHING
        fold = folding(case.language)
        alike = paired(missing, extra, lambda token: fold(without_punctuation(token)))
        signs = [pair for pair in alike if punctuation_of(pair[0]) != punctuation_of(pair[1])]
        alone = [
            (token if side is missing else "∅", "∅" if side is missing else token)
            for side in (missing, extra)
            for token in side.elements()
            if not without_punctuation(token)
        ]
        alone = [pair for pair in alone if pair not in signs]
        spaces, n_words = _spacing(case)
        n = 2 * len(signs) + len(alone) + n_words
        if not n:
            return NOTHING
        pairs = [(_signs(ours), _signs(theirs)) for ours, theirs in signs] + alone + spaces
        evidence = shown(list(dict.fromkeys(pairs)))
        return Finding(
            min(1.0, n / total),
            words.gettext(
                "Punctuation or spacing differs from the reference: %(words)s.",
                words=listed(evidence),
            ),
            evidence,
            min(1.0, n / (len(case.reference.split()) + len(case.output.split()))),
        )


def _signs(token: str) -> str:
    return punctuation_of(token) or "∅"


def _spacing(case: Case) -> tuple[Pairs, int]:
    """Words that the other side writes as one, and how many words that concerns."""
    missing, extra = case.really_differing
    apart = _joined(case.folded_reference, missing, extra)
    together = _joined(case.folded_output, extra, missing)
    pairs = [(" ".join(parts), whole) for parts, whole in apart]
    pairs += [(whole, " ".join(parts)) for parts, whole in together]
    return pairs, sum(len(parts) + 1 for parts, _whole in apart + together)


def _joined(
    words: Sequence[str], mine: Counter[str], others: Counter[str]
) -> list[tuple[tuple[str, ...], str]]:
    """Runs of my unpaired words that are one unpaired word on the other side."""
    if not mine or not others:
        return []
    found = []
    for n in range(2, MOST_JOINED + 1):
        for start in range(len(words) - n + 1):
            parts = tuple(words[start : start + n])
            whole = "".join(parts)
            if whole in others and all(part in mine for part in parts):
                found.append((parts, whole))
    return found
