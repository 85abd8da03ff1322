"""Crossed ratings boiled down to the sums that the likelihood of the mixed model needs.

Whatever the number of ratings, what is kept has one row per segment and one column per system and
rater, so that an evaluation takes as long for a thousand ratings as for a hundred thousand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array, csr_array

from metrics.statistics.types import FloatArray, IntArray

EFFECTS = ("segment", "rater", "system:segment")
SAME = 1e-9  # share of a component's own size below which it is nothing new

WIDE = 200  # columns above which sums over segments are kept sparse


class Crossed(NamedTuple):
    """Ratings by number: who judged which system's output for which segment, centred on 0."""

    scores: FloatArray
    system: IntArray
    segment: IntArray
    rater: IntArray
    cell: IntArray  # system and segment together
    n_levels: dict[str, int]  # of every effect
    n_systems: int

    def incidence(self, effect: str) -> csr_array:
        """(n, levels) 1 where a rating has a level of the effect."""
        codes = {"segment": self.segment, "rater": self.rater, "system:segment": self.cell}[effect]
        return _ones(codes, self.n_levels[effect])

    @property
    def systems(self) -> csr_array:
        return _ones(self.system, self.n_systems)


class Sums(NamedTuple):
    """Columns are the systems, then the raters, then the score; outputs go by their m ratings."""

    products: FloatArray  # (columns, columns) over ratings
    sizes: FloatArray  # (m,) the distinct numbers of ratings of an output
    within: list[FloatArray]  # of each m, (columns, columns) products of the outputs' sums
    sums: list[Any]  # of each m, (segments, columns) sums of the outputs' sums; sparse if wide
    counts: FloatArray  # (m, segments) outputs of that size
    n_systems: int
    n: int


def cross(scores: FloatArray, systems: IntArray, segments: IntArray, raters: IntArray) -> Crossed:
    """Number the outputs and count the levels; codes must run from 0 without gaps."""
    n_systems = int(systems.max(initial=-1)) + 1
    outputs, cell = np.unique(segments * n_systems + systems, return_inverse=True)
    levels = {
        "segment": int(segments.max(initial=-1)) + 1,
        "rater": int(raters.max(initial=-1)) + 1,
        "system:segment": len(outputs),
    }
    return Crossed(scores, systems, segments, raters, cell, levels, n_systems)


def sums_of(data: Crossed) -> Sums:
    """Everything that `solve` asks of the ratings."""
    n, n_raters = len(data.scores), data.n_levels["rater"]
    width = data.n_systems + n_raters + 1
    rows = np.tile(np.arange(n), 3)
    columns = np.concatenate([data.system, data.n_systems + data.rater, np.full(n, width - 1)])
    values = np.concatenate([np.ones(2 * n), data.scores])
    each = coo_array((values, (rows, columns)), shape=(n, width)).tocsr()
    outputs = data.incidence("system:segment")
    per_output = (outputs.T @ each).tocsr()
    size = np.bincount(data.cell)
    segment = np.zeros(len(size), dtype=np.int64)
    segment[data.cell] = data.segment
    sizes = np.unique(size)
    within, sums, counts = [], [], []
    for m in sizes:
        chosen = np.flatnonzero(size == m)
        some = per_output[chosen]
        where = _ones(segment[chosen], data.n_levels["segment"])
        per_segment = where.T @ some
        within.append((some.T @ some).toarray())
        sums.append(per_segment.tocsr() if width > WIDE else per_segment.toarray())
        counts.append(np.bincount(segment[chosen], minlength=data.n_levels["segment"]))
    return Sums(
        (each.T @ each).toarray(),
        sizes.astype(np.float64),
        within,
        sums,
        np.stack(counts).astype(np.float64),
        data.n_systems,
        n,
    )


def told_apart(data: Crossed) -> dict[str, bool]:
    """Which variances these ratings can tell from the means, the residual and each other.

    By linear dependence among the matrices M Z Z' M of the effects, M the projection that takes
    the systems' means off; of two that cannot be told apart the later in `EFFECTS` goes.
    """
    names = ["residual", *EFFECTS]
    gram = np.array([[_inner(data, a, b) for b in names] for a in names])
    kept, found = [0], {}
    for j in range(1, len(names)):
        among = gram[np.ix_(kept, kept)]
        along = np.linalg.lstsq(among, gram[kept, j], rcond=None)[0]
        new = gram[j, j] - gram[kept, j] @ along
        whole = float(data.incidence(names[j]).sum(axis=0).astype(np.float64) @ _sizes(data, j))
        found[names[j]] = bool(new > SAME * whole)
        if found[names[j]]:
            kept.append(j)
    return found


def _sizes(data: Crossed, j: int) -> FloatArray:
    return np.asarray(data.incidence(EFFECTS[j - 1]).sum(axis=0), dtype=np.float64)


def _inner(data: Crossed, a: str, b: str) -> float:
    """trace(M Va M Vb) for V = I of the residual and Z Z' of an effect."""
    x = data.systems
    n_of = np.asarray(x.sum(axis=0), dtype=np.float64)
    if a == b == "residual":
        return float(x.shape[0] - (n_of > 0).sum())
    if "residual" in (a, b):
        z = data.incidence(b if a == "residual" else a)
        return float(z.sum() - ((x.T @ z).power(2).sum(axis=1) / n_of).sum())
    za, zb = data.incidence(a), data.incidence(b)
    between = (za.T @ zb).tocsr()
    xa, xb = (x.T @ za).tocsr(), (x.T @ zb).tocsr()
    own = [(side @ side.T).toarray() / n_of for side in (xa, xb)]
    mixed = (between @ xb.T).tocsr()  # (levels of a, systems)
    both = float((mixed.multiply(xa.T).sum(axis=0) / n_of).sum())
    return float(between.power(2).sum() - 2 * both + np.trace(own[0] @ own[1]))


def _ones(codes: IntArray, n: int) -> csr_array:
    rows = np.arange(len(codes))
    return csr_array((np.ones(len(codes)), (rows, codes)), shape=(len(codes), n))
