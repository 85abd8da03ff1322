"""All causes of many outputs at once, and the one to name first."""

from collections.abc import Iterable, Mapping
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
    extents: NDArray[np.float64]  # (n, k) 0-1, the share of the text concerned; else the strength
    main: NDArray[np.int64]  # (n,) column of the cause to name first, -1 for none
    named: tuple[tuple[str, ...], ...]  # (n,) causes strong enough to name, that one first
    said: tuple[tuple[str, ...], ...]  # (n,) a sentence for each of those; `words.Said`

    @property
    def explanations(self) -> tuple[str, ...]:
        """(n,) the sentences in English, one after the other."""
        return tuple(" ".join(sentences) for sentences in self.said)


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
    limits = _limits(causes.values())
    strengths, extents, named, said = [], [], [], []
    for case in cases:
        findings = [cause.find(case) for cause in causes.values()]
        row = np.array([finding.strength for finding in findings])
        order = _order(row, limits)
        strengths.append(row)
        extents.append([f.strength if f.extent is None else f.extent for f in findings])
        named.append(order)
        said.append(tuple(findings[place].explanation for place in order))
    names = tuple(causes)
    return Strengths(
        names,
        np.array(strengths, dtype=np.float64).reshape(len(strengths), len(names)),
        np.array(extents, dtype=np.float64).reshape(len(strengths), len(names)),
        np.array([order[0] if order else -1 for order in named], dtype=np.int64),
        tuple(tuple(names[place] for place in order) for order in named),
        tuple(said),
    )


def main_cause(findings: Mapping[str, Finding]) -> str:
    """The strongest cause worth a label; of about equally strong ones the more specific; or ""."""
    causes = all_causes()
    row = np.array([findings[name].strength for name in causes])
    order = _order(row, _limits(causes.values()))
    return list(causes)[order[0]] if order else ""


def _limits(causes: Iterable[Cause]) -> NDArray[np.float64]:
    return np.array([cause.shown_from for cause in causes])


def _order(row: NDArray[np.float64], limits: NDArray[np.float64]) -> list[int]:
    """The causes worth a label, the one to name first, then the others by strength."""
    strong = [int(place) for place in np.flatnonzero(row >= limits)]
    if not strong:
        return []
    best = max(row[place] for place in strong)
    first = next(place for place in strong if row[place] >= best - ABOUT_AS_STRONG)
    return sorted(strong, key=lambda place: (place != first, -row[place]))
