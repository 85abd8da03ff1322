"""How alike two people answer, category by category, and why kappa may be low all the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import proportion_interval
from metrics.statistics.kappa import label_codes
from metrics.statistics.types import NAN, IntArray, Interval


class CategoryBalance(NamedTuple):
    """One category against the rest.

    `prevalence` is (both - neither) / n: near 1 or -1, kappa is low though people agree.  `bias`
    is (only_first - only_second) / n: above 0, the first person gives the category more often.
    `specific` is the share of the category's answers that the other person gave, too.
    """

    category: str
    prevalence: float
    bias: float
    specific: float
    both: int
    only_first: int
    only_second: int
    neither: int


class PairAgreement(NamedTuple):
    """Agreement of two people on `n` units: `percent` from 0 to 1, `pabak` from below 0 to 1."""

    percent: Interval
    pabak: Interval
    categories: tuple[CategoryBalance, ...]
    n: int
    reason: str = ""


def pair_agreement(
    a: ArrayLike, b: ArrayLike, *, labels: ArrayLike | None = None, coverage: float = 0.95
) -> PairAgreement:
    """Percent agreement with prevalence and bias indices, and PABAK.

    Parameters
    ----------
    a, b : (units,) answers, nan or None where a person gave none; such units are left out
    labels : all the categories that could be chosen; without it, those found, sorted

    Returns
    -------
    PairAgreement.  PABAK is (k p - 1) / (k - 1) for k labels and percent agreement p: kappa if
    every category were chosen alike often; with two labels 2 p - 1.  Both have Wilson's interval.
    PABAK is nan with a reason when both people gave one and the same answer throughout; all is
    nan when no unit has both answers.

    Source: Byrt, Bishop and Carlin (1993); for k labels Bennett, Alpert and Goldstein (1954);
    specific agreement: Cicchetti and Feinstein (1990).
    """
    first, second = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"{first.size} answers against {second.size}; give one each per unit")
    codes, scale = _codes(np.stack([first, second]), labels)
    n = codes.shape[1]
    nothing = Interval(NAN, NAN, NAN)
    if not n:
        return PairAgreement(nothing, nothing, (), 0, "no unit has both answers")
    percent = proportion_interval(int((codes[0] == codes[1]).sum()), n, level=coverage)
    categories = tuple(_balance(name, codes == code) for code, name in enumerate(scale))
    if (codes == codes[0, 0]).all():
        reason = "both gave one and the same answer throughout"
        return PairAgreement(percent, nothing, categories, n, reason)
    k = len(scale)
    pabak = Interval(*((k * share - 1) / (k - 1) for share in percent))
    return PairAgreement(percent, pabak, categories, n)


def _codes(pair: np.ndarray, labels: ArrayLike | None) -> tuple[IntArray, list[str]]:
    """(2, n) codes of the units with both answers, and the names of the labels."""
    given = [v for v in pair.ravel() if v is not None and v == v]
    scale = sorted(set(given)) if labels is None else np.asarray(labels).tolist()
    codes = label_codes(pair, scale)[0]
    return codes[:, (codes >= 0).all(axis=0)], [str(label) for label in scale]


def _balance(category: str, yes: np.ndarray) -> CategoryBalance:
    both, neither = int(yes.all(axis=0).sum()), int((~yes).all(axis=0).sum())
    only_first, only_second = int((yes[0] & ~yes[1]).sum()), int((yes[1] & ~yes[0]).sum())
    n, given = yes.shape[1], int(yes.sum())
    return CategoryBalance(
        category,
        (both - neither) / n,
        (only_first - only_second) / n,
        2 * both / given if given else NAN,
        both,
        only_first,
        only_second,
        neither,
    )
