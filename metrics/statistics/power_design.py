"""Power of a whole campaign by drawing it: raters x segments x systems, who judges what included.

Formulas assume that the people who judge one system judge the other.  Where they do not, a
paired test takes strict and lenient people for bad and good systems: this shows how often.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from metrics.statistics.intervals import proportion_interval
from metrics.statistics.mixed import mixed_contrasts, mixed_model
from metrics.statistics.significance import holm
from metrics.statistics.types import FloatArray, IntArray, Interval

CELLS_AT_ONCE = 2_000_000


class Design(NamedTuple):
    """A campaign: variances in the squared unit of the scores, `means` of the systems.

    Every output is judged by `ratings` of `n_raters` people in turn: the same for all systems of
    a segment, or, not `same_raters`, by each system's own `n_raters` people.
    """

    n_segments: int
    means: tuple[float, ...]
    residual: float
    system_segment: float = 0.0
    segment: float = 0.0
    rater: float = 0.0
    n_raters: int = 4
    ratings: int = 1
    same_raters: bool = True


class PairPower(NamedTuple):
    """How often two systems are told apart: their power, or if equal the false positives."""

    first: int
    second: int
    rejected: Interval


class DesignPower(NamedTuple):
    """Of every pair, and how often at least one pair of equal systems is told apart."""

    pairs: tuple[PairPower, ...]
    any_false: Interval
    simulations: int


def draw_study(
    design: Design, *, rng: np.random.Generator
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """One campaign as scores, systems, segments and raters, each (ratings,)."""
    check_design(design)
    scores = _draw(design, 1, rng)[0]  # (segments, systems, ratings)
    n_segments, n_systems, ratings = scores.shape
    segment, system, turn = (
        side.ravel()
        for side in np.meshgrid(
            np.arange(n_segments), np.arange(n_systems), np.arange(ratings), indexing="ij"
        )
    )
    rater = _turns(design)[segment, turn]
    if not design.same_raters:
        rater = rater + design.n_raters * system
    return scores.ravel(), system, segment, rater


def design_power(
    design: Design,
    *,
    rng: np.random.Generator,
    test: str = "paired",
    correct: bool = False,
    alpha: float = 0.05,
    simulations: int = 1000,
) -> DesignPower:
    """How often the tests of such campaigns reject, for every pair of systems.

    Parameters
    ----------
    test : `paired`, the t test of segments' differences; `mixed`, the contrast of `mixed_model`,
        which knows the raters and takes about 10 ms a campaign
    correct : whether p-values are corrected for the number of pairs (Holm)

    Returns
    -------
    DesignPower: shares with Wilson's intervals for the noise of drawing.

    Raises ValueError for a design that cannot be: fewer than two systems or segments, more
    ratings than people, negative variances.
    """
    check_design(design)
    if test not in ("paired", "mixed"):
        raise ValueError(f"no test called {test!r}; known: paired, mixed")
    pairs = list(combinations(range(len(design.means)), 2))
    p = _paired(design, simulations, rng) if test == "paired" else _mixed(design, simulations, rng)
    if correct and len(pairs) > 1:
        p = np.stack([holm(row) for row in p])
    rejected = p < alpha
    equal = np.array([design.means[a] == design.means[b] for a, b in pairs])
    return DesignPower(
        tuple(
            PairPower(a, b, proportion_interval(int(rejected[:, k].sum()), simulations))
            for k, (a, b) in enumerate(pairs)
        ),
        proportion_interval(int(rejected[:, equal].any(axis=1).sum()), simulations),
        simulations,
    )


def check_design(design: Design) -> None:
    """Raises ValueError with one sentence for a design that cannot be."""
    if design.n_segments < 2 or len(design.means) < 2:
        raise ValueError("a design needs at least two segments and two systems")
    if not 1 <= design.ratings <= design.n_raters:
        raise ValueError(
            f"{design.ratings} ratings of an output need as many people, not {design.n_raters}"
        )
    parts = (design.residual, design.system_segment, design.segment, design.rater)
    if min(parts) < 0 or not design.residual + design.system_segment > 0:
        raise ValueError("variances must not be negative, and the residual must be above 0")


def _turns(design: Design) -> IntArray:
    """(segments, ratings) people by number, each with as many segments as the others."""
    first = np.arange(design.n_segments)[:, None] * design.ratings
    return np.asarray((first + np.arange(design.ratings)) % design.n_raters)


def _draw(design: Design, rows: int, rng: np.random.Generator) -> FloatArray:
    """(rows, segments, systems, ratings) scores."""
    n, k = design.n_segments, len(design.means)
    pools = 1 if design.same_raters else k
    people = rng.normal(0.0, design.rater**0.5, (rows, pools, design.n_raters))
    of_raters = np.moveaxis(people[:, :, _turns(design)], 1, 2)  # (rows, segments, pools, ratings)
    scores = rng.normal(0.0, design.residual**0.5, (rows, n, k, design.ratings))
    scores += of_raters + np.asarray(design.means)[:, None]
    scores += rng.normal(0.0, design.segment**0.5, (rows, n, 1, 1))
    scores += rng.normal(0.0, design.system_segment**0.5, (rows, n, k, 1))
    return scores


def _paired(design: Design, simulations: int, rng: np.random.Generator) -> FloatArray:
    """(simulations, pairs) p of the paired t tests."""
    n, k = design.n_segments, len(design.means)
    step = max(1, CELLS_AT_ONCE // (n * k * design.ratings))
    found = []
    for start in range(0, simulations, step):
        means = _draw(design, min(step, simulations - start), rng).mean(axis=3)
        columns = []
        for a, b in combinations(range(k), 2):
            deltas = means[:, :, a] - means[:, :, b]
            t = deltas.mean(axis=1) / deltas.std(axis=1, ddof=1) * n**0.5
            columns.append(2 * student.sf(np.abs(t), n - 1))
        found.append(np.stack(columns, axis=1))
    return np.concatenate(found)


def _mixed(design: Design, simulations: int, rng: np.random.Generator) -> FloatArray:
    found = []
    for _ in range(simulations):
        rows = mixed_contrasts(mixed_model(*draw_study(design, rng=rng)))
        p = {tuple(sorted((int(row.first), int(row.second)))): row.p for row in rows}
        found.append([p[pair] for pair in combinations(range(len(design.means)), 2)])
    return np.array(found)
