"""Random signs for permutation tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from metrics.statistics.types import FloatArray

SIGNS_AT_ONCE = 4_000_000


def random_signs(
    n: int, resamples: int, rng: np.random.Generator, cells: int = SIGNS_AT_ONCE
) -> Iterator[FloatArray]:
    """Rows of `n` signs, -1 or 1 alike often, at most about `cells` of them at once.

    The rows do not depend on `cells`: whole 64-bit words are drawn, one bit a sign.
    """
    if n < 1 or resamples < 1:
        raise ValueError("a permutation test needs at least one value and one permutation")
    step = max(1, cells // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        words = rng.integers(0, 2**64, size=(rows, -(-n // 64)), dtype=np.uint64)
        bits = np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, count=n)
        yield bits.astype(np.float64) * 2 - 1
