"""Do two people mark the same errors?  By characters, by matched spans, and by category.

Both sides are one list of spans per text, in the same order of texts; offsets are code points of
the same stored text.  A text that somebody read and found clean is an empty list: leave out texts
that only one of the two has read.  Each side is gone through once, a text at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval, ratio
from metrics.statistics.kappa import kappa_from_table
from metrics.statistics.label_kappa import kappa_of_texts
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval


class MarkedSpan(NamedTuple):
    """One error, from code point `start` up to but not including `end`."""

    start: int
    end: int
    severity: str = ""
    category: str = ""


Spans = Sequence[MarkedSpan]
Marks = Sequence[Spans]
Weights = Mapping[str, float] | None
UNDEFINED = Interval(NAN, NAN, NAN)


class SpanF1(NamedTuple):
    """Overlap of two people's marks, 0 to 1, the second taken as the reference.

    `marked_first` and `marked_second` are marked characters, each times its weight; `n_clean`
    texts were marked by neither and change nothing.
    """

    f1: Interval
    precision: float
    recall: float
    marked_first: float
    marked_second: float
    n_texts: int
    n_clean: int
    reason: str = ""
    method: str = ""


class MatchedSpans(NamedTuple):
    """Spans matched one to one, and whether they were called the same.

    `f1` is 2 matched / (spans of both).  The shares are of matched spans with one severity and
    one category; the kappas correct them for chance and are nan where only one label was used.
    """

    f1: Interval
    same_severity: Interval
    severity_kappa: Interval
    same_category: Interval
    category_kappa: Interval
    n_first: int
    n_second: int
    n_matched: int
    reason: str = ""
    method: str = ""


class PresenceKappa(NamedTuple):
    """Texts in which both, one or neither of two people marked a category, and their kappa."""

    category: str
    kappa: float
    both: int
    only_first: int
    only_second: int
    neither: int


def span_f1(
    first: Marks,
    second: Marks,
    *,
    weights: Weights = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> SpanF1:
    """F1 of marked characters over all texts together (micro-average).

    Parameters
    ----------
    first, second : per text, the spans of each person
    weights : weight of each severity, say minor 1 and major 5.  A character weighs what its
        gravest span does; what both marked counts with the smaller of the two weights.  Left out,
        every marked character weighs 1 (hard F1)

    Returns
    -------
    SpanF1 with a bootstrap interval over texts; nan with a reason when nobody marked anything.

    Source: character F1 as in the WMT error-span tasks; weighted, it is Dice's coefficient of
    weights (Bray and Curtis 1957).
    """
    _check_length(first, second)
    each, n_clean = [], 0
    for a, b in zip(first, second, strict=True):
        _check(a, b)
        each.append(_overlap(a, b, weights))
        n_clean += not a and not b
    sums = np.array(each, dtype=np.float64).reshape(-1, 3)
    shared, marked_first, marked_second = sums.sum(axis=0).tolist()
    found = SpanF1(UNDEFINED, NAN, NAN, marked_first, marked_second, len(first), n_clean)
    if marked_first + marked_second == 0:
        return found._replace(reason="nobody marked anything")
    columns = np.stack([2 * sums[:, 0], sums[:, 1] + sums[:, 2]], axis=1)
    return found._replace(
        f1=_share(columns, rng, resamples, coverage),
        precision=shared / marked_first if marked_first else NAN,
        recall=shared / marked_second if marked_second else NAN,
        reason=_one_text(first),
        method=f"bootstrap over texts, {resamples} resamples",
    )


def match_spans(first: Spans, second: Spans) -> list[tuple[int, int, int]]:
    """One-to-one matching of two people's spans in a text with the most characters in common.

    Of matchings with equally many, the one whose spans' ends lie closest, then the one with the
    most equal labels: the numbers do not depend on the order of the spans.

    Returns (place in first, place in second, shared characters) for each pair that shares a
    character.  Source: assignment as in Kuhn (1955), solved by scipy.
    """
    _check(first, second)
    if not first or not second:
        return []
    starts = np.maximum.outer([s.start for s in first], [s.start for s in second])
    ends = np.minimum.outer([s.end for s in first], [s.end for s in second])
    shared = np.maximum(ends - starts, 0).astype(np.int64).reshape(len(first), len(second))
    rows, columns = linear_sum_assignment(_preferred(first, second, shared), maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), shared[rows, columns].tolist(), strict=True)
    return [pair for pair in pairs if pair[2] > 0]


def _preferred(first: Spans, second: Spans, shared: IntArray) -> IntArray:
    """What each match is worth: shared characters, then near ends, then equal labels."""
    apart = np.zeros_like(shared)
    labels = np.zeros_like(shared)
    for end in ("start", "end"):
        apart += np.abs(np.subtract.outer(*([getattr(s, end) for s in x] for x in (first, second))))
    for label in ("severity", "category"):
        labels += np.equal.outer(
            *(np.array([getattr(s, label) for s in x]) for x in (first, second))
        )
    touching = shared > 0
    n = min(shared.shape)
    most = 2 * n + 1
    farthest = int(apart[touching].max(initial=0))
    worth = shared * (most * farthest * n + most) - most * apart + labels
    return np.asarray(np.where(touching, worth, 0), dtype=np.int64)


def matched_span_agreement(
    first: Marks,
    second: Marks,
    *,
    severities: Sequence[str] | None = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> MatchedSpans:
    """How many spans two people share, and whether they call those the same.

    Parameters
    ----------
    first, second : per text, the spans of each person
    severities : the whole scale from lightest to gravest, for a linearly weighted kappa; left
        out, all disagreements of severity are alike

    Returns
    -------
    MatchedSpans with bootstrap intervals over texts; parts nan with a reason where nothing was
    marked or nothing matched.
    """
    _check_length(first, second)
    found: dict[str, list[tuple[str, str]]] = {"severity": [], "category": []}
    texts, rows = [], []
    for text, (a, b) in enumerate(zip(first, second, strict=True)):
        matches = match_spans(a, b)
        row = [len(a), len(b), len(matches)]
        for label, pairs in found.items():
            named = [(getattr(a[i], label), getattr(b[j], label)) for i, j, _ in matches]
            row.append(sum(one == other for one, other in named))
            pairs += named
        rows.append(row)
        texts += [text] * len(matches)
    of_first, of_second, matched, severity, category = np.array(rows, np.float64).reshape(-1, 5).T
    spans = of_first + of_second
    counts = (int(of_first.sum()), int(of_second.sum()), len(texts))
    if not spans.sum():
        why = "nobody marked anything"
        return MatchedSpans(UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, *counts, why)
    f1, same_severity, same_category = (
        _share(np.stack(columns, axis=1), rng, resamples, coverage)
        for columns in ((2 * matched, spans), (severity, matched), (category, matched))
    )
    severity_kappa, category_kappa = (
        kappa_of_texts(
            found[label],
            texts,
            len(first),
            labels=scale,
            weights=None if scale is None else "linear",
            rng=rng,
            coverage=coverage,
            resamples=resamples,
        )
        for label, scale in (("severity", severities), ("category", None))
    )
    return MatchedSpans(
        f1,
        same_severity,
        severity_kappa,
        same_category,
        category_kappa,
        *counts,
        _one_text(first) if texts else "no span of one person touches one of the other",
        f"bootstrap over texts, {resamples} resamples",
    )


def presence_kappas(
    first: Marks, second: Marks, *, categories: Sequence[str] | None = None
) -> list[PresenceKappa]:
    """Cohen's kappa of whether a text has an error of each category.

    `categories` defaults to those found, sorted.  nan where both always say the same one thing.
    """
    _check_length(first, second)
    for a, b in zip(first, second, strict=True):
        _check(a, b)
    sets = [[{span.category for span in spans} for spans in side] for side in (first, second)]
    found = []
    for category in categories or sorted(set().union(*sets[0], *sets[1])):
        yes = [(category in a, category in b) for a, b in zip(*sets, strict=True)]
        table = [yes.count(cell) for cell in ((True, True), (True, False), (False, True))]
        table.append(len(yes) - sum(table))
        found.append(PresenceKappa(category, kappa_from_table(*table), *table))
    return found


def _check_length(first: Marks, second: Marks) -> None:
    if len(first) != len(second):
        raise ValueError(f"{len(first)} texts against {len(second)}; give the same texts twice")


def _check(first: Spans, second: Spans) -> None:
    for span in (*first, *second):
        if not 0 <= span.start < span.end:
            raise ValueError(f"a span from {span.start} to {span.end} marks nothing")


def _one_text(side: Marks) -> str:
    return "no interval from one text" if len(side) == 1 else ""


def _overlap(first: Spans, second: Spans, weights: Weights) -> tuple[float, float, float]:
    """Shared, first's and second's weight of a text."""
    if not first and not second:
        return 0.0, 0.0, 0.0
    length = max((span.end for span in (*first, *second)), default=0)
    a, b = _painted(first, length, weights), _painted(second, length, weights)
    return float(np.minimum(a, b).sum()), float(a.sum()), float(b.sum())


def _painted(spans: Spans, length: int, weights: Weights) -> FloatArray:
    paint = np.zeros(length)
    for span in spans:
        if weights is not None and span.severity not in weights:
            known = ", ".join(sorted(weights))
            raise ValueError(f"no weight for the severity {span.severity!r}; known: {known}")
        here = slice(span.start, span.end)
        paint[here] = np.maximum(paint[here], 1.0 if weights is None else weights[span.severity])
    return paint


def _share(
    columns: FloatArray, rng: np.random.Generator, resamples: int, coverage: float
) -> Interval:
    """Sum of the first column over that of the second, texts drawn; no bounds from one text."""
    estimate = float(ratio(*(columns.sum(axis=0)[:, None]))[0])
    if len(columns) < 2:
        return Interval(estimate, NAN, NAN)
    chunks = bootstrap_chunks(len(columns), resamples, rng)
    draws = np.concatenate([ratio(*(counts @ columns).T) for counts in chunks])
    return percentile_interval(estimate, draws, coverage)
