"""Cohen's kappa, plain and weighted, for two people and averaged over pairs of people."""

from __future__ import annotations

from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from metrics.statistics.intervals import CELLS_AT_ONCE
from metrics.statistics.over_units import with_interval
from metrics.statistics.shared_units import PairTables
from metrics.statistics.types import NAN, Agreement, FloatArray, IntArray

Weights = Literal["linear", "quadratic"] | None


class PairKappa(NamedTuple):
    """Kappa of two people (their row numbers, or names in the long form) on `n` shared units."""

    rater_a: str
    rater_b: str
    value: float
    n: int


def cohen_kappa(
    a: ArrayLike, b: ArrayLike, *, labels: ArrayLike | None = None, weights: Weights = None
) -> float:
    """Cohen's kappa of two people's answers to the same units; 1 agrees, 0 is chance.

    Parameters
    ----------
    a, b : (units,) nan or None where a person gave none; such units are left out
    labels : the whole scale in order; a step nobody used still counts for the weights.
        Without it, the values found, sorted
    weights : None (all disagreements alike), "linear" or "quadratic" in steps of the scale

    Returns
    -------
    kappa; nan where chance agreement is complete, as when both use only one label.

    Source: Cohen (1960, 1968).
    """
    first, second = _two_dimensional(a, b)
    codes, n_labels = _codes(np.stack([first, second]), labels)
    both = (codes >= 0).all(axis=0)
    if not both.any():
        return NAN
    penalty = disagreement_weights(n_labels, weights)
    kappa = kappa_of_counts(codes[0][both], codes[1][both], penalty, np.ones((1, both.sum())))
    return float(kappa[0])


def kappa_interval(
    a: ArrayLike,
    b: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    weights: Weights = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """`cohen_kappa` as an Agreement with a percentile bootstrap interval over units.

    nan with a reason when no unit has both answers, or both people used one and the same label.
    """
    pair = np.stack(_two_dimensional(a, b))
    found = mean_pairwise_kappa(
        pair, labels=labels, weights=weights, rng=rng, coverage=coverage, resamples=resamples
    )
    return found._replace(statistic="cohen_kappa")


def kappa_from_table(a: float, b: float, c: float, d: float) -> float:
    """Kappa of a 2 x 2 table: both yes, only the first, only the second, both no.

    nan when both always say the same one thing (chance agreement 1), and for an empty table.
    """
    n = a + b + c + d
    if min(a, b, c, d) < 0:
        raise ValueError("a table of counts has no negative cell")
    if n == 0:
        return NAN
    expected = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return NAN if expected == 1 else ((a + d) / n - expected) / (1 - expected)


def pairwise_kappas(
    ratings: ArrayLike, *, labels: ArrayLike | None = None, weights: Weights = None
) -> list[PairKappa]:
    """Kappa of every two rows of a (raters, units) matrix that share a unit."""
    codes, n_labels = _codes(np.asarray(ratings), labels)
    penalty = disagreement_weights(n_labels, weights)
    found = []
    for i, j in combinations(range(len(codes)), 2):
        both = (codes[i] >= 0) & (codes[j] >= 0)
        if n := int(both.sum()):
            ones = np.ones((1, n))
            value = kappa_of_counts(codes[i][both], codes[j][both], penalty, ones)[0]
            found.append(PairKappa(str(i), str(j), float(value), n))
    return found


def mean_pairwise_kappa(
    ratings: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    weights: Weights = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Agreement:
    """Mean kappa over pairs of people, each weighing as much as the units they share.

    Parameters
    ----------
    ratings : (raters, units), nan where missing; `rater_matrix` makes one from long form

    Returns
    -------
    Agreement, `level` naming the weights; the interval is a percentile bootstrap over units.
    Pairs without a defined kappa are left out; nan with a reason when no pair has one.

    Source: Light (1971) for the mean over pairs; the weighting by shared units is ours (with
    complete ratings it is Light's kappa).
    """
    codes, n_labels = _codes(np.asarray(ratings), labels)
    shared = (codes >= 0).sum(axis=0) >= 2
    codes = codes[:, shared]
    n_units = codes.shape[1]
    known = codes >= 0
    n_raters, n_ratings = int(known.any(axis=1).sum()), int(known.sum())
    level = weights or "unweighted"
    penalty = disagreement_weights(n_labels, weights)
    tables = PairTables(codes, penalty)
    value = float(tables.mean_kappa(np.ones((1, n_units)))[0]) if n_units else NAN
    reason = ""
    if n_units == 0:
        reason = "no two people rated the same unit"
    elif np.isnan(value):
        reason = "all pairs agree by chance alone: only one answer was used"
    counts = (n_units, n_raters, n_ratings)
    return with_interval(
        Agreement("pairwise_kappa", level, value, NAN, NAN, *counts, reason),
        tables.mean_kappa,
        rng=rng,
        coverage=coverage,
        resamples=resamples,
        cells=CELLS_AT_ONCE * n_units // max(n_units, tables.n_cells, 1),
    )


def rater_matrix(
    values: ArrayLike, units: ArrayLike, raters: ArrayLike
) -> tuple[FloatArray, list[str], list[str]]:
    """Long form to a (raters, units) matrix with nan holes, and the names of rows and columns.

    Raises ValueError when a person rated a unit twice.
    """
    numbers = np.asarray(values, dtype=np.float64)
    unit_names, columns = np.unique(np.asarray(units), return_inverse=True)
    rater_names, rows = np.unique(np.asarray(raters), return_inverse=True)
    if not numbers.shape == columns.shape == rows.shape:
        raise ValueError("values, units and raters must have the same length")
    cells = rows * len(unit_names) + columns
    if len(np.unique(cells)) != len(cells):
        raise ValueError("a person rated the same unit twice; keep their last rating")
    matrix = np.full((len(rater_names), len(unit_names)), NAN)
    matrix[rows, columns] = numbers
    return matrix, [str(name) for name in rater_names], [str(name) for name in unit_names]


def _two_dimensional(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(a), np.asarray(b)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(f"{first.size} answers against {second.size}; give one each per unit")
    return first, second


def _codes(ratings: np.ndarray, labels: ArrayLike | None) -> tuple[IntArray, int]:
    if ratings.ndim != 2:
        raise ValueError(f"ratings must be a raters x units matrix, not {ratings.ndim}-dimensional")
    return label_codes(ratings, labels)


def label_codes(ratings: np.ndarray, labels: ArrayLike | None) -> tuple[IntArray, int]:
    """Answers as positions on the scale, -1 where missing, and how many steps the scale has."""
    flat = ratings.ravel()
    if flat.dtype.kind == "O":
        known = np.array([v is not None and v == v for v in flat], dtype=bool)
    else:
        known = np.isfinite(flat) if flat.dtype.kind == "f" else np.ones(flat.shape, dtype=bool)
    present = flat[known].tolist()
    scale = sorted(set(present)) if labels is None else np.asarray(labels).tolist()
    place = {label: i for i, label in enumerate(scale)}
    codes = np.full(flat.shape, -1, dtype=np.int64)
    try:
        codes[known] = [place[v] for v in present]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not among the labels {scale}") from None
    return codes.reshape(ratings.shape), len(scale)


def disagreement_weights(n_labels: int, weights: Weights) -> FloatArray:
    """(labels, labels) how far apart two answers are: 0 on the diagonal."""
    steps = np.abs(np.subtract.outer(np.arange(n_labels), np.arange(n_labels))).astype(np.float64)
    if weights is None:
        return np.asarray(steps > 0, dtype=np.float64)
    if weights not in ("linear", "quadratic"):
        raise ValueError(f"no weights called {weights!r}; known: None, linear, quadratic")
    return steps if weights == "linear" else steps**2


def kappa_of_counts(
    a: IntArray, b: IntArray, penalty: FloatArray, counts: FloatArray
) -> FloatArray:
    """1 - (observed / expected penalty) per row of (rows, units) counts."""
    n = counts.sum(axis=1)
    observed = counts @ penalty[a, b] * n
    steps = np.eye(len(penalty))
    expected = ((counts @ steps[a] @ penalty) * (counts @ steps[b])).sum(axis=1)
    out = np.full(len(counts), NAN)
    np.divide(observed, expected, out=out, where=expected > 0)
    return 1 - out
