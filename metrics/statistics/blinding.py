"""Did the blinding hold?  What people guess about the source of what they judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.detection import normal_quantile
from metrics.statistics.types import NAN, FloatArray


class BlindingIndex(NamedTuple):
    """An index of blinding over `n` guesses; "don't know" counts as a guess."""

    statistic: str
    value: float
    low: float
    high: float
    n: int
    reason: str = ""


def james_blinding_index(guesses: ArrayLike, *, level: float = 0.95) -> BlindingIndex:
    """James's index: 1 when nobody knows, 0 when all are right.

    With two sources judged equally often, 0.5 when all guess by chance and 1 when all are wrong.

    Parameters
    ----------
    guesses : (2, 3) counts; a row per true source, columns "the first", "the second", "don't
        know"
    level : coverage of the normal interval, between 0 and 1

    Returns
    -------
    BlindingIndex, its interval cut at 0 and 1; nan with a reason when the table is empty or all
    guesses are right and about one source; no interval when nobody guessed or all were right.

    Source: James et al. (1996), Statistics in Medicine 15, 1421-1434, a right guess weighing 0
    and "don't know" 1 (the weight of a wrong guess cancels out); variance by the delta method.
    """
    table, z = _table(guesses), normal_quantile(level)
    n = int(table.sum())
    if n == 0:
        return BlindingIndex("james", NAN, NAN, NAN, 0, "nobody was asked")
    (a, b, x), (c, d, y) = table / n
    unknown, known, wrong = float(x + y), float(a + b + c + d), float(b + c)
    if known == 0:
        reason = "no interval: nobody guessed"
        return BlindingIndex("james", 1.0, NAN, NAN, n, reason)
    chance = float((b + d) * (a + b) + (a + c) * (c + d))  # wrong by chance, times `known`
    if chance == 0:
        return BlindingIndex(
            "james", NAN, NAN, NAN, n, "all guesses are right and about one source"
        )
    value = unknown + known**2 * wrong / (2 * chance)
    slopes = np.array([b + c + 2 * d, a + 2 * b + d, a + 2 * c + d, 2 * a + b + c])
    is_wrong = np.array([0.0, 1.0, 1.0, 0.0])
    guessed = known * wrong / chance + known**2 / (2 * chance) * (
        is_wrong - wrong * slopes / chance
    )
    shares, gradient = np.array([a, b, c, d, unknown]), np.append(guessed, 1.0)
    variance = float(shares @ gradient**2 - (shares @ gradient) ** 2) / n
    return _index("james", value, variance, n, z, 0.0)


def bang_blinding_index(
    guesses: ArrayLike, *, level: float = 0.95
) -> tuple[BlindingIndex, BlindingIndex]:
    """Bang's index per true source: right minus wrong guesses, over all asked about it.

    1 when all are right, 0 for chance or when nobody knows, -1 when all are wrong.

    Parameters
    ----------
    guesses : (2, 3) counts as in `james_blinding_index`

    Returns
    -------
    Two BlindingIndex, first and second source, intervals cut at -1 and 1; nan with a reason
    without a guess about a source; no interval when all guesses about it are alike.

    Source: Bang, Ni and Davis (2004), Controlled Clinical Trials 25, 143-156, the 2 x 3 format.
    """
    table, z = _table(guesses), normal_quantile(level)
    first = _bang(float(table[0, 0]), float(table[0, 1]), int(table[0].sum()), z)
    second = _bang(float(table[1, 1]), float(table[1, 0]), int(table[1].sum()), z)
    return first, second


def _bang(right: float, wrong: float, n: int, z: float) -> BlindingIndex:
    if n == 0:
        return BlindingIndex("bang", NAN, NAN, NAN, 0, "nobody was asked about this source")
    value = (right - wrong) / n
    variance = ((right + wrong) / n - value**2) / n
    return _index("bang", value, variance, n, z, -1.0)


def _index(
    name: str, value: float, variance: float, n: int, z: float, lowest: float
) -> BlindingIndex:
    if variance <= 1e-15:
        return BlindingIndex(name, value, NAN, NAN, n, "no interval: the guesses do not vary")
    half = z * float(np.sqrt(variance))
    return BlindingIndex(name, value, max(lowest, value - half), min(1.0, value + half), n)


def _table(guesses: ArrayLike) -> FloatArray:
    table = np.asarray(guesses, dtype=np.float64)
    if table.shape != (2, 3):
        raise ValueError(
            f"guesses must be a 2 x 3 table (true source; first, second, don't know), "
            f"not {' x '.join(map(str, table.shape)) or 'one number'}"
        )
    if not np.isfinite(table).all() or (table < 0).any() or (table % 1).any():
        raise ValueError("guesses must be counts: whole numbers, none below 0")
    return table
