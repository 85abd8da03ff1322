"""Texts that stand twice: the same but for case, spaces and punctuation, or nearly the same.

Nearly: the Jaccard index of two texts' sets of character 5-grams, after folding, reaches a
threshold. Candidates are found by MinHash and banding (Broder, 1997; Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, ch. 3), and each is then compared exactly: what is reported is
never a guess, but a pair may be missed. With 64 hashes in 16 bands, a pair at 0.8 is missed once
in 5,000 times, at 0.7 once in 80, at 0.5 once in 3.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from common.text import nfc

Hashes: TypeAlias = NDArray[np.uint64]

SHINGLE = 5  # characters
BANDS, ROWS = 16, 4
CROWD = 200  # texts in one bucket; of more, each is compared with the first only
_LEFT_OUT = regex.compile(r"[\s\p{P}\p{S}\p{Cf}\p{Cc}]+")
_RANDOM = np.random.default_rng(1997)
_FACTORS = _RANDOM.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)
_POWERS = np.array([1_000_003**n % 2**64 for n in range(SHINGLE)], dtype=np.uint64)


class Match(NamedTuple):
    """A text, by its place in one list, and the most similar earlier or other text."""

    place: int
    other: int
    similarity: float  # Jaccard index, 0-1; 1 where both are the same when folded


def folded(text: str) -> str:
    """NFC, case-folded, without spaces, punctuation, symbols and joiners.

    >>> folded("It’s  COLD, today!")
    'itscoldtoday'
    """
    return str(_LEFT_OUT.sub("", nfc(text).casefold()))


def repeats(texts: Sequence[str]) -> list[Match]:
    """Texts that are the same, folded, as an earlier one of the list, and which.

    Texts of which folding leaves nothing are passed over.
    """
    first: dict[str, int] = {}
    found = []
    for place, text in enumerate(map(folded, texts)):
        if text and (other := first.setdefault(text, place)) != place:
            found.append(Match(place, other, 1.0))
    return found


def found_among(texts: Sequence[str], among: Sequence[str]) -> list[Match]:
    """Texts that are the same, folded, as one of another list, and the first it is."""
    first: dict[str, int] = {}
    for place, text in enumerate(map(folded, among)):
        first.setdefault(text, place)
    return [
        Match(place, first[text], 1.0)
        for place, text in enumerate(map(folded, texts))
        if text and text in first
    ]


def near_repeats(texts: Sequence[str], threshold: float = 0.8) -> list[Match]:
    """Texts nearly the same as an earlier one, not the same, each with the most similar.

    Of texts that are the same when folded, only the first is looked at.
    """
    sketches = Sketches(texts)
    best: dict[int, Match] = {}
    for one, other in sketches.candidates():
        early, late = sorted((one, other))
        _keep(best, Match(late, early, sketches.similarity(late, early)), threshold)
    return sorted(best.values())


def near_among(texts: Sequence[str], among: Sequence[str], threshold: float = 0.8) -> list[Match]:
    """Texts nearly the same as one of another list and the same as none, with the most similar."""
    same = {match.place for match in found_among(texts, among)}
    sketches = Sketches([*among, *texts], n_left=len(among))
    best: dict[int, Match] = {}
    for other, one in sketches.candidates():
        if (place := one - len(among)) not in same:
            _keep(best, Match(place, other, sketches.similarity(one, other)), threshold)
    # A text that stands several times in its list is found as often.
    found = {folded(texts[place]): match for place, match in best.items()}
    return [
        Match(place, match.other, match.similarity)
        for place, text in enumerate(texts)
        if (match := found.get(folded(text)))
    ]


def _keep(best: dict[int, Match], match: Match, threshold: float) -> None:
    known = best.get(match.place)
    if match.similarity >= threshold and (known is None or match.similarity > known.similarity):
        best[match.place] = match


class Sketches:
    """MinHash sketches of texts, each distinct folded text once, and pairs worth comparing.

    n_left : how many of the first texts form the left side; only pairs across sides are given.
        Without it, all pairs.
    """

    def __init__(self, texts: Sequence[str], n_left: int | None = None) -> None:
        self.n_left = n_left
        self._texts = texts
        seen: set[tuple[bool, str]] = set()
        self.places = []
        rows = []
        for place, text in enumerate(map(folded, texts)):
            key = (n_left is not None and place >= n_left, text)
            if len(text) >= SHINGLE and key not in seen:
                seen.add(key)
                self.places.append(place)
                rows.append(_min_hash(shingles(text)))
        self._sketch = np.array(rows, dtype=np.uint64).reshape(len(rows), BANDS * ROWS)
        self._sets: dict[int, Hashes] = {}

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Pairs (earlier, later) of places whose sketches agree in a whole band, each once."""
        told: set[tuple[int, int]] = set()
        for band in range(BANDS):
            buckets: dict[bytes, list[int]] = defaultdict(list)
            for place, row in zip(self.places, self._sketch, strict=True):
                buckets[row[band * ROWS : (band + 1) * ROWS].tobytes()].append(place)
            for bucket in buckets.values():
                for pair in self._pairs(bucket):
                    if pair not in told:
                        told.add(pair)
                        yield pair

    def _pairs(self, bucket: list[int]) -> Iterator[tuple[int, int]]:
        if self.n_left is None:
            left, right = bucket, bucket
        else:
            left = [place for place in bucket if place < self.n_left]
            right = [place for place in bucket if place >= self.n_left]
        if len(left) > CROWD:
            left = left[:1]
        for one in left:
            yield from ((one, other) for other in right if other > one)

    def similarity(self, one: int, other: int) -> float:
        """Jaccard index of two texts' shingles, 0-1."""
        a, b = self._shingles(one), self._shingles(other)
        common = np.intersect1d(a, b, assume_unique=True).size
        return float(common / (a.size + b.size - common))

    def _shingles(self, place: int) -> Hashes:
        if place not in self._sets:
            if len(self._sets) > 20_000:
                self._sets.clear()
            self._sets[place] = shingles(folded(self._texts[place]))
        return self._sets[place]


def shingles(text: str) -> Hashes:
    """A hash for each distinct run of 5 characters, sorted; empty for a shorter text."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if codes.size < SHINGLE:
        return np.empty(0, dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes.astype(np.uint64), SHINGLE)
    mixed = (windows * _POWERS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(31)
    return np.unique(mixed * np.uint64(0x9E3779B97F4A7C15))


def _min_hash(hashes: Hashes) -> Hashes:
    lowest = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, hashes.size, 4096):
        part = hashes[start : start + 4096]
        mixed = part[:, None] * _FACTORS + _OFFSETS
        mixed ^= mixed >> np.uint64(29)
        lowest = np.minimum(lowest, (mixed * np.uint64(0xBF58476D1CE4E5B9)).min(axis=0))
    return lowest
