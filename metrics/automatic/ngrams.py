"""How many n-grams two texts share, order by order, for many pairs of texts at once.

Tokens (characters or words) become small numbers, an n-gram with the number of its pair one
64-bit integer, and one sort brings equal n-grams together. Exact: no hashes, no collisions.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
AT_ONCE = 128  # pairs in one sort
_BITS = 62  # of an n-gram with its pair; one more says which side it is of


def shared_characters(firsts: Sequence[str], seconds: Sequence[str], order: int) -> IntArray:
    """(pairs, order) shared n-grams of 1 to `order` code points, white space left out.

    An n-gram counts as often as the side that has it less often.
    """
    return _in_batches(
        ["".join(text.split()) for text in firsts],
        ["".join(text.split()) for text in seconds],
        order,
        _code_points,
    )


def shared_words(
    firsts: Sequence[Sequence[str]], seconds: Sequence[Sequence[str]], order: int
) -> IntArray:
    """(pairs, order) shared n-grams of 1 to `order` words."""
    return _in_batches(firsts, seconds, order, _word_numbers)


def n_grams(lengths: Sequence[int], order: int) -> IntArray:
    """(texts, order) how many n-grams texts of so many tokens have."""
    counts = np.array(lengths, dtype=np.int64)[:, None] - np.arange(order)
    found: IntArray = np.maximum(counts, 0)
    return found


def _code_points(texts: Sequence[str]) -> IntArray:
    data = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, dtype=np.uint32).astype(np.int64)
    if not len(codes):
        return codes
    there = np.zeros(int(codes.max()) + 1, dtype=bool)
    there[codes] = True
    numbers: IntArray = np.cumsum(there, dtype=np.int64) - 1
    return numbers[codes]


def _word_numbers(texts: Sequence[Sequence[str]]) -> IntArray:
    known: dict[str, int] = {}
    numbers = [known.setdefault(word, len(known)) for text in texts for word in text]
    return np.array(numbers, dtype=np.int64)


def _in_batches(firsts: Sequence[Any], seconds: Sequence[Any], order: int, number: Any) -> IntArray:
    found = np.zeros((len(firsts), order), dtype=np.int64)
    for start in range(0, len(firsts), AT_ONCE):
        stop = start + AT_ONCE
        found[start:stop] = _shared(firsts[start:stop], seconds[start:stop], order, number)
    return found


def _shared(firsts: Sequence[Any], seconds: Sequence[Any], order: int, number: Any) -> IntArray:
    tokens = number([*firsts, *seconds])
    n = len(firsts)
    if not len(tokens):
        return np.zeros((n, order), dtype=np.int64)
    bits = int(tokens.max()).bit_length() or 1
    if bits * order + n.bit_length() > _BITS:
        if n == 1:
            return np.array([_shared_slowly(firsts[0], seconds[0], order)], dtype=np.int64)
        half = n // 2
        parts = (slice(half), slice(half, n))
        return np.vstack([_shared(firsts[part], seconds[part], order, number) for part in parts])
    lengths = [len(text) for text in (*firsts, *seconds)]
    return _counted(tokens, np.array(lengths), n, order, bits)


def _counted(tokens: IntArray, lengths: IntArray, n: int, order: int, bits: int) -> IntArray:
    """tokens : of n first texts and n second texts, one after the other"""
    owner = np.repeat(np.arange(2 * n), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(tokens))  # tokens to the end
    pair, side = owner % n << bits * order, owner // n
    found = np.zeros((n, order), dtype=np.int64)
    grams = tokens
    for place in range(order):
        if place:
            grams = (grams[:-1] << bits) | tokens[place:]
        whole = np.flatnonzero(left[: len(grams)] > place)
        if not len(whole):
            break
        keys = ((pair[whole] | grams[whole]) << 1) | side[whole]
        keys.sort()
        found[:, place] = _smaller_sides(keys, n, bits * order)
    return found


def _smaller_sides(keys: IntArray, n: int, bits: int) -> IntArray:
    """Of sorted keys (pair, n-gram, side): for each pair, the sum of the smaller counts."""
    same = keys >> 1
    starts = np.flatnonzero(np.concatenate([[True], same[1:] != same[:-1]]))
    seconds = np.add.reduceat(keys & 1, starts)
    counts = np.diff(starts, append=len(keys))
    smaller = np.minimum(seconds, counts - seconds)
    return np.bincount(same[starts] >> bits, weights=smaller, minlength=n).astype(np.int64)


def _shared_slowly(first: Sequence[Any], second: Sequence[Any], order: int) -> list[int]:
    """The same for one pair with more different tokens than fit into a number."""
    return [
        (Counter(zip(*(first[i:] for i in range(k)), strict=False))
         & Counter(zip(*(second[i:] for i in range(k)), strict=False))).total()
        for k in range(1, order + 1)
    ]  # fmt: skip
