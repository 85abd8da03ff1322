"""Who disagrees with whom, and on what: every two raters side by side, and all without each."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from metrics.analyses.frame import PREFERENCE, Frame
from metrics.analyses.judged import Judged, criteria_of, judged
from metrics.analyses.settings import Settings
from metrics.statistics import (
    RaterPair,
    alpha_without_each,
    pair_agreement,
    proportion_interval,
    rater_matrix,
    rater_pairs,
)

MOST_RATERS = 40  # more are compared in the main criterion only, without domains
FEW_PAIRS = 60  # as many get rows for each domain, and for each category
MOST_CATEGORIES = 7
Row = dict[str, Any]


def pair_table(frame: Frame, settings: Settings) -> list[Row]:
    """A row per criterion, domain (None: all) and two raters with a unit in common."""
    codes = np.array([rater.code for rater in frame.raters], dtype=str)
    criteria = criteria_of(frame)
    rows: list[Row] = []
    for criterion in criteria if len(codes) <= MOST_RATERS else criteria[:1]:
        given = judged(frame, criterion)
        rows += _rows(frame, given, codes, None, settings)
    main = judged(frame, criteria[0])
    n_pairs = len(rows) if len(criteria) == 1 else sum(r["criterion"] == criteria[0] for r in rows)
    domains = frame.domains[frame.segment[main.rows]]
    if n_pairs <= FEW_PAIRS and len(set(domains.tolist()) - {""}) > 1:
        rows += _rows(frame, main, codes, domains, settings)
    return rows


def _rows(
    frame: Frame,
    given: Judged,
    codes: np.ndarray,
    domains: np.ndarray | None,
    settings: Settings,
) -> Iterator[Row]:
    try:
        found = rater_pairs(
            given.values,
            given.units,
            raters=codes[given.raters],
            groups=domains,
            level=frame.protocol.level,
            labels=given.labels,
        )
    except ValueError as problem:
        if "same unit twice" not in str(problem):
            raise
        return
    for pair in found:
        if pair.n and not (domains is not None and pair.group == ""):
            yield _row(given, pair, settings)


def _row(given: Judged, pair: RaterPair, settings: Settings) -> Row:
    reasons = [pair.reason]
    if np.isnan(pair.kappa) and not pair.reason:
        reasons.append(given.why_no_labels if given.labels is None else "no kappa: one answer only")
    n_exact = round(pair.exact.estimate * pair.n)
    exact = proportion_interval(n_exact, pair.n, level=settings.coverage)
    return {
        "criterion": given.criterion,
        "domain": pair.group or None,
        "rater_a": pair.rater_a,
        "rater_b": pair.rater_b,
        "n": pair.n,
        "distance": pair.distance,
        "bias": pair.bias,
        "exact": exact.estimate,
        "low": exact.low,
        "high": exact.high,
        "kappa": pair.kappa,
        "alpha": pair.alpha,
        "reason": "; ".join(filter(None, reasons)) or None,
    }


def without_table(frame: Frame) -> list[Row]:
    """Alpha in each criterion without each rater in turn; [] for fewer than three raters."""
    if len(frame.raters) < 3:
        return []
    codes = np.array([rater.code for rater in frame.raters], dtype=str)
    rows = []
    for criterion in criteria_of(frame):
        given = judged(frame, criterion)
        if given.values.size == 0:
            continue
        for found in alpha_without_each(
            given.values, given.units, raters=codes[given.raters], level=frame.protocol.level
        ):
            rows.append(
                {
                    "criterion": criterion,
                    "annotator": found.rater,
                    "alpha": found.value,
                    "change": found.change,
                    "n_units": found.n_units,
                    "n_ratings": found.n_ratings,
                    "reason": found.reason or None,
                }
            )
    return rows


def balance_table(frame: Frame) -> list[Row]:
    """Prevalence and bias of each category of the main criterion, for every two raters.

    [] for scales of more than seven steps and for many raters.
    """
    given = judged(frame, frame.protocol.main_criterion)
    labels = given.labels
    n = len(np.unique(given.raters))
    if labels is None or labels.size > MOST_CATEGORIES or not 0 < n * (n - 1) / 2 <= FEW_PAIRS:
        return []
    codes = [rater.code for rater in frame.raters]
    matrix, numbers, _ = rater_matrix(given.values, given.units, given.raters)
    names = [codes[int(number)] for number in numbers]
    words = _words(frame, labels)
    rows = []
    for i, j in combinations(range(len(names)), 2):
        found = pair_agreement(matrix[i], matrix[j], labels=labels)
        if found.n:
            for label, cell in zip(words, found.categories, strict=True):
                rows.append(
                    {
                        "rater_a": names[i],
                        "rater_b": names[j],
                        "n": found.n,
                        "percent": found.percent.estimate,
                        "pabak": found.pabak.estimate,
                        **cell._asdict(),
                        "category": label,
                        "reason": found.reason or None,
                    }
                )
    return rows


def _words(frame: Frame, labels: np.ndarray) -> Sequence[str]:
    """What each step is called: a preference is for one of two systems, in alphabetical order."""
    if frame.protocol.main_criterion != PREFERENCE:
        return [f"{label:g}" for label in labels]
    first, second = frame.systems if len(frame.systems) == 2 else ("the first by name", "the other")
    words = {0.0: f"{second} better", 0.5: "tie", 1.0: f"{first} better"}
    return [words[float(label)] for label in labels]
