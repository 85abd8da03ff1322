"""Intervals for any coefficient that can be told how often each unit counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from metrics.statistics.intervals import CELLS_AT_ONCE, bootstrap_chunks, percentile_interval
from metrics.statistics.types import NAN, Agreement, FloatArray

Recipe = Literal["bootstrap", "jackknife"]

JACKKNIFE_BELOW = 50

# counts (rows, units) -> coefficient per row: how often each unit takes part in a sample.
OfCounts = Callable[[FloatArray], FloatArray]


def with_interval(
    found: Agreement,
    of_counts: OfCounts,
    *,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
    recipe: Recipe = "bootstrap",
    cells: int = CELLS_AT_ONCE,
    n_drawn: int | None = None,
) -> Agreement:
    """`found` with bounds, and how they were made: method, resamples and seed.

    Left as it is when its value is not defined; a reason when there are fewer than three units
    or the samples do not vary.

    Parameters
    ----------
    of_counts : (rows, units) how often each unit is in a sample, to (rows,) coefficients
    recipe : percentile bootstrap of units, or Student's t on the delete-one-unit jackknife cut at 1
    cells : numbers of a chunk of samples held at once
    n_drawn : units to draw from, where those with one rating take part; else `found.n_units`
    """
    if np.isnan(found.value):
        return found
    if found.n_units < 3:
        return found._replace(reason=f"no interval from {found.n_units} units with two ratings")
    if recipe == "jackknife":
        low, high = _jackknife(of_counts, found.value, found.n_units, coverage, cells)
        made = found._replace(method="jackknife over units")
    elif recipe == "bootstrap":
        made = found._replace(
            method=f"bootstrap over units, {resamples} resamples",
            resamples=resamples,
            seed=seed_of(rng),
        )
        chunks = bootstrap_chunks(n_drawn or found.n_units, resamples, rng, cells)
        draws = np.concatenate([of_counts(counts) for counts in chunks])
        _, low, high = percentile_interval(found.value, draws, coverage)
    else:
        raise ValueError(f"no recipe called {recipe!r}; known: bootstrap, jackknife")
    if np.isnan(low):
        return made._replace(reason="no interval: too little variation between units")
    return made._replace(low=low, high=high)


def seed_of(rng: np.random.Generator) -> int | tuple[int, ...] | None:
    """What `numpy.random.default_rng` was given to make `rng`; None once it has been drawn from."""
    bits = rng.bit_generator
    seed = bits.seed_seq
    if not (isinstance(bits, np.random.PCG64) and isinstance(seed, np.random.SeedSequence)):
        return None
    if seed.spawn_key or seed.entropy is None:
        return None
    if np.random.PCG64(np.random.SeedSequence(seed.entropy)).state != bits.state:
        return None
    return seed.entropy if isinstance(seed.entropy, int) else tuple(int(n) for n in seed.entropy)


def _jackknife(
    of_counts: OfCounts, value: float, n_units: int, coverage: float, cells: int
) -> tuple[float, float]:
    step = max(1, cells // n_units)
    parts = []
    for start in range(0, n_units, step):
        left_out = np.arange(start, min(start + step, n_units))
        counts = np.ones((len(left_out), n_units))
        counts[np.arange(len(left_out)), left_out] = 0
        parts.append(of_counts(counts))
    values = np.concatenate(parts)
    if not np.isfinite(values).all():
        return NAN, NAN
    variance = (n_units - 1) / n_units * float(((values - values.mean()) ** 2).sum())
    half = float(stdtrit(n_units - 1, (1 + coverage) / 2)) * float(np.sqrt(variance))
    return value - half, min(1.0, value + half)
