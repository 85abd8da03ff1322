"""What a simulated rater notices of a text: rightness, form, fullness, and the wrong words."""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from common.text import map_digits, nfc, words
from models_app.models import Segment

SENTENCE_ENDS = ("।", ".", "?", "!")
FULL_SENTENCE_WORDS = 5
WORD = re.compile(r"\S+")


class Quality(NamedTuple):
    """What a rater notices of a text, each from 0 to 1."""

    correct: float
    fluent: float
    full: float

    supported: float = 0.0  # share of its words that stand in the source

    @property
    def overall(self) -> float:
        return 0.6 * self.correct + 0.2 * self.fluent + 0.2 * self.full


def quality(text: str, segment: Segment) -> Quality:
    """Right: the key's (or the reference's) words stand in the text; fluent: an end, no loops."""
    found = _tokens(text)
    if not found:
        return Quality(0.0, 0.0, 0.0)
    reference = _tokens(segment.references[0]) if segment.references else []
    is_key = "sentence" in segment.extra  # the reference is a terse key: it has to be in there
    correct = _share(reference, found) if is_key and reference else _overlap(reference, found)
    pairs = list(itertools.pairwise(found))
    repeats = len(pairs) - len(set(pairs))
    ends = text.rstrip().endswith(SENTENCE_ENDS)
    fluent = max(0.0, (0.6 if not ends else 1.0) - 0.3 * repeats)
    wanted = FULL_SENTENCE_WORDS if is_key else min(FULL_SENTENCE_WORDS, len(reference) or 1)
    supported = _share(found, _tokens(segment.source)) if segment.source else 0.0
    return Quality(correct, fluent, min(1.0, len(found) / wanted), supported)


def _tokens(text: str) -> list[str]:
    return words(map_digits(nfc(text)).casefold())


def _share(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Share of the wanted words that stand in the text, inflected ones (same beginning) too."""
    stems = _stems(wanted)
    return sum(any(word.startswith(stem) for word in found) for stem in stems) / len(stems)


def _stems(words_: Sequence[str]) -> list[str]:
    return [word[: max(2, len(word) - 1)] for word in words_]


def _overlap(reference: Sequence[str], found: Sequence[str]) -> float:
    """F1 of the two sets of words."""
    common = len(set(reference) & set(found))
    return 2 * common / (len(set(reference)) + len(set(found))) if reference else 0.0


class WrongWords(NamedTuple):
    """A run of words that the reference does not have; code points [start, end)."""

    start: int
    end: int
    n_words: int


def wrong_words(text: str, segment: Segment) -> Iterator[WrongWords]:
    """The runs of words that are not in the reference, in any inflection; none without one."""
    wanted = _stems(_tokens(segment.references[0])) if segment.references else []
    run: list[re.Match[str]] = []
    for match in WORD.finditer(text):
        token = _tokens(match[0])
        if wanted and token and not any(token[0].startswith(stem) for stem in wanted):
            run.append(match)
        elif run:
            yield WrongWords(run[0].start(), run[-1].end(), len(run))
            run = []
    if run:
        yield WrongWords(run[0].start(), run[-1].end(), len(run))
