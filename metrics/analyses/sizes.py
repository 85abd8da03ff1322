"""From a planner's assumptions to the number of segments, with what smaller numbers would do."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from metrics.statistics import (
    Design,
    agreement_sample_size,
    agreement_spread,
    correlation_power,
    correlation_sample_size,
    dependent_correlations_power,
    design_power,
    difference_sd,
    fisher_interval,
    paired_t_power,
    paired_t_sample_size,
    win_rate_power,
    win_rate_sample_size,
)

SEED = 12345
POINTS = 12
LARGEST = 100_000
LARGEST_DRAWN = 5_000  # segments of a study that is drawn
DRAWS = 600
RATINGS = (1, 2, 3, 5)
EASIER = (0.5, 0.75, 1.0, 1.5, 2.0)
CELLS = 2_000_000  # ratings drawn for each line of the table of who judges what

Values = Mapping[str, Any]


class Line(NamedTuple):
    """What every n of a curve reaches: power, or the width of an interval."""

    name: str
    values: list[float]


class Size(NamedTuple):
    """n, and the curve around it; `extra` is what only this question has."""

    n: int
    sizes: list[int]
    lines: list[Line]
    target: float
    extra: dict[str, Any]


class Allocation(NamedTuple):
    """How often systems are told apart under one way to hand out the work."""

    same_raters: bool
    power: Any  # Interval: where they differ by the smallest that matters
    false: Any  # Interval: where they are equal


def size_for(question: str, values: Values) -> Size:
    """Raises ValueError with one sentence for assumptions that no study can meet."""
    return QUESTIONS[question](values)


def _difference(values: Values) -> Size:
    pairs = values["n_systems"] * (values["n_systems"] - 1) // 2
    tests = _tests(values, pairs)
    alpha, smallest = tests["alpha"], values["smallest"]

    def sd(ratings: int) -> float:
        return difference_sd(values["sd_output"] ** 2, values["sd_rating"] ** 2, ratings)

    def size(delta: float, ratings: int) -> int | None:
        try:
            return paired_t_sample_size(
                delta, sd(ratings), alpha=alpha, power=values["power"], largest=LARGEST
            )
        except ValueError:
            return None

    chosen = values["ratings"]
    n = paired_t_sample_size(
        smallest, sd(chosen), alpha=alpha, power=values["power"], largest=LARGEST
    )
    sizes = _around(n)
    counts = sorted({1, 2, 3, chosen})
    lines = [
        Line(str(r), [paired_t_power(m, smallest, sd(r), alpha=alpha) for m in sizes])
        for r in counts
    ]
    extra = {
        **tests,
        "n_ratings": n * values["n_systems"] * chosen,
        "counts": RATINGS,
        "others": [(smallest * k, [size(smallest * k, r) for r in RATINGS]) for k in EASIER],
        "allocations": _allocations(values, n, alpha),
    }
    return Size(n, sizes, lines, values["power"], extra)


def _allocations(values: Values, n: int, alpha: float) -> list[Allocation]:
    """Drawn campaigns of two systems; none where they would be too big to draw."""
    ratings = values["ratings"]
    simulations = min(1000, CELLS // (2 * n * ratings))
    if simulations < 100:
        return []
    base = Design(
        n,
        (0.0, 0.0),
        values["sd_rating"] ** 2,
        values["sd_output"] ** 2,
        values["sd_segment"] ** 2,
        values["sd_rater"] ** 2,
        max(values["n_raters"], ratings),
        ratings,
    )
    found = []
    for same in (True, False):
        design = base._replace(same_raters=same)
        apart = design._replace(means=(values["smallest"], 0.0))
        shares = [
            design_power(each, rng=_rng(k), alpha=alpha, simulations=simulations).pairs[0].rejected
            for k, each in enumerate((apart, design))
        ]
        found.append(Allocation(same, *shares))
    return found


def _wins(values: Values) -> Size:
    tests = _tests(values)
    win, tie, alpha = values["win"] / 100, values["tie"] / 100, tests["alpha"]
    n = win_rate_sample_size(win, tie, alpha=alpha, power=values["power"], largest=LARGEST)
    sizes = _around(n)
    line = Line("", [win_rate_power(m, win, tie, alpha=alpha) for m in sizes])
    return Size(n, sizes, [line], values["power"], {**tests, "untied": round(n * (1 - tie))})


def _correlation(values: Values) -> Size:
    tests = _tests(values)
    r, alpha = values["r"], tests["alpha"]
    n = correlation_sample_size(r, alpha=alpha, power=values["power"])
    sizes = _around(n, 4)
    line = Line("", [correlation_power(m, r, alpha=alpha) for m in sizes])
    return Size(n, sizes, [line], values["power"], {**tests, "interval": fisher_interval(r, n)})


def _metrics(values: Values) -> Size:
    three = values["r_first"], values["r_second"], values["r_between"]
    if three[0] == three[1]:
        raise ValueError("two equal correlations cannot be told apart; give two that differ")

    tests = _tests(values)

    def power(n: int) -> float:
        return dependent_correlations_power(
            n, *three, rng=_rng(), alpha=tests["alpha"], simulations=DRAWS
        ).estimate

    n = _smallest(lambda m: power(m) >= values["power"], 20)
    sizes = _around(n, 4, 8)
    return Size(n, sizes, [Line("", [power(m) for m in sizes])], values["power"], tests)


def _agreement(values: Values) -> Size:
    shares, raters, level = values["shares"], values["each"], values["level"]
    options: dict[str, Any] = {"level": level, "simulations": DRAWS // 3}
    n = agreement_sample_size(
        values["width"],
        raters,
        values["agreement"],
        shares,
        rng=_rng(),
        largest=LARGEST_DRAWN,
        **options,
    )
    sizes = _around(n, 5, 8)
    spreads = [
        agreement_spread(m, raters, values["agreement"], shares, rng=_rng(), **options)
        for m in sizes
    ]
    line = Line("", [spread.high - spread.low for spread in spreads])
    return Size(n, sizes, [line], values["width"], {"spreads": spreads})


QUESTIONS: dict[str, Callable[[Values], Size]] = {
    "difference": _difference,
    "wins": _wins,
    "correlation": _correlation,
    "metrics": _metrics,
    "agreement": _agreement,
}


def _tests(values: Values, usual: int = 1) -> dict[str, Any]:
    """How many tests are read together, and the level of each, by Bonferroni.

    Holm's correction rejects whatever Bonferroni's does, so that no more segments are needed.
    """
    n = values.get("comparisons") or usual
    return {"n_comparisons": n, "alpha": values["alpha"] / n, "are_pairs": n == usual}


def _smallest(enough: Callable[[int], bool], start: int) -> int:
    """The first n that is enough, found upwards so that no large study is drawn in vain."""
    high = start
    while not enough(high):
        if high >= LARGEST_DRAWN:
            raise ValueError(f"more than {LARGEST_DRAWN} segments are needed")
        high = min(2 * high, LARGEST_DRAWN)
    low = 4 if high == start else high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def _around(n: int, least: int = 2, points: int = POINTS) -> list[int]:
    """Sizes from an eighth to twice n, n among them but none right beside it."""
    sizes = {max(least, round(k * n)) for k in np.linspace(0.125, 2, points).tolist()}
    return sorted({size for size in sizes if abs(size - n) > 0.06 * n} | {n})


def _rng(*stream: int) -> np.random.Generator:
    return np.random.default_rng([SEED, *stream])
