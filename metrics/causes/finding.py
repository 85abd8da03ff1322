"""All causes of many outputs at once, and the one to name first."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.causes import CAUSES
from metrics.causes.base import Case, Cause, Finding

ABOUT_AS_STRONG = 0.1


class Strengths(NamedTuple):
    """Rows are the cases, columns the causes."""

    causes: tuple[str, ...]
    values: NDArray[np.float64]  # (n, k) 0-1, nan where not defined
    main: NDArray[np.int64]  # (n,) column of the cause to name first, -1 for none


def all_causes() -> dict[str, Cause]:
    """One of each, the most specific first."""
    made = {name: CAUSES.get(name)() for name in CAUSES}
    return dict(sorted(made.items(), key=lambda part: part[1].rank))


def explain(case: Case) -> dict[str, Finding]:
    """Every cause's finding for one case, the most specific cause first."""
    return {name: cause.find(case) for name, cause in all_causes().items()}


def find_all(cases: Iterable[Case]) -> Strengths:
    """Every cause's strength for every case.

    Give a generator of many cases: each keeps its words while it lives.
    """
    causes = all_causes()
    rows = [[cause.find(case).strength for cause in causes.values()] for case in cases]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(causes))
    return Strengths(tuple(causes), values, _main(values, list(causes.values())))


def main_cause(findings: Mapping[str, Finding]) -> str:
    """The strongest cause worth a label; of about equally strong ones the more specific; or ""."""
    causes = all_causes()
    values = np.array([[findings[name].strength for name in causes]])
    place = int(_main(values, list(causes.values()))[0])
    return "" if place < 0 else list(causes)[place]


def _main(values: NDArray[np.float64], causes: Sequence[Cause]) -> NDArray[np.int64]:
    limits = np.array([cause.shown_from for cause in causes])
    strong = np.where(values >= limits, values, -math.inf)
    best = strong.max(axis=1, initial=-math.inf)
    place = (strong >= (best - ABOUT_AS_STRONG)[:, None]).argmax(axis=1)
    return np.where(np.isfinite(best), place, -1)
