"""What each annotator's controls say: known answers, damaged outputs found, repeats answered alike.

A row without an annotator is of everybody together.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from annotation.models import Campaign, Item
from metrics.analyses.control_answers import Answered, control_answers
from metrics.analyses.frame import Frame
from metrics.analyses.judged import MOST_STEPS, scale_of
from metrics.analyses.settings import Settings
from metrics.statistics import (
    Agreement,
    Interval,
    auc_detection,
    d_prime,
    intra_rater,
    mean_interval,
    proportion_interval,
)

KNOWN, DAMAGED, REPEAT = "known answers", "damaged outputs", "repeats"
SEVERITIES = ("minor", "major", "critical")  # of the damage that was done
SIDE_BY_SIDE = "side by side the two are one answer: the share found says how well they were told"
Row = dict[str, Any]


def check_table(campaign: Campaign, frame: Frame, settings: Settings) -> list[Row]:
    """A row per annotator, check, severity of the damage and statistic; [] without a control."""
    answers = control_answers(campaign, with_excluded=settings.with_excluded)
    by_code: dict[str, list[Answered]] = {}
    for answered in answers:
        by_code.setdefault(answered.code, []).append(answered)
    limits = _medians(frame)
    groups: list[tuple[str | None, list[Answered]]] = [(None, answers)] if len(by_code) > 1 else []
    rows: list[Row] = []
    for code, given in [*groups, *by_code.items()]:
        rows += _known(code, given, settings)
        rows += _damaged(code, given, frame, limits, settings)
        rows += _repeats(code, given, frame, settings)
    return rows


def _medians(frame: Frame) -> dict[str, float]:
    """Each rater's median judgement in the main criterion."""
    values, raters = frame.value[frame.main], frame.rater[frame.main]
    return {
        rater.code: float(np.median(values[raters == number]))
        for number, rater in enumerate(frame.raters)
        if (raters == number).any()
    }


def _known(code: str | None, given: Sequence[Answered], settings: Settings) -> Iterator[Row]:
    right = [a.is_right for a in given if a.purpose == Item.Purpose.KNOWN]
    right = [answer for answer in right if answer is not None]
    if right:
        share = proportion_interval(sum(right), len(right), level=settings.coverage)
        yield _row(code, KNOWN, "share_right", share, len(right), method="Wilson")


def _damaged(
    code: str | None,
    given: Sequence[Answered],
    frame: Frame,
    limits: Mapping[str, float],
    settings: Settings,
) -> Iterator[Row]:
    """All damage together, then by severity where there is more than one."""
    pairs = [
        a
        for a in given
        if a.purpose == Item.Purpose.DAMAGED and a.found(frame.direction) is not None
    ]
    strata = [s for s in SEVERITIES if any(a.expected.get("severity") == s for a in pairs)]
    for stratum in [None, *(strata if len(strata) > 1 else [])]:
        chosen = [a for a in pairs if stratum in (None, a.expected.get("severity"))]
        if chosen:
            yield from _detected(code, stratum, chosen, frame, limits, settings)


def _detected(
    code: str | None,
    stratum: str | None,
    pairs: Sequence[Answered],
    frame: Frame,
    limits: Mapping[str, float],
    settings: Settings,
) -> Iterator[Row]:
    n, n_found = len(pairs), sum(bool(a.found(frame.direction)) for a in pairs)
    share = proportion_interval(n_found, n, level=settings.coverage)
    yield _row(code, DAMAGED, "share_found", share, n, stratum=stratum, method="Wilson")
    scored = [
        (a, here, origin)
        for a in pairs
        if (here := a.here.score) is not None and (origin := _score(a.origin)) is not None
    ]
    if not scored:
        for statistic in ("d_prime", "auc"):
            yield _row(code, DAMAGED, statistic, None, n, stratum=stratum, reason=SIDE_BY_SIDE)
        return
    known = [row for row in scored if row[0].code in limits]
    hits = sum(_is_worse(here, limits[a.code], frame) for a, here, _ in known)
    alarms = sum(_is_worse(origin, limits[a.code], frame) for a, _, origin in known)
    counts = (hits, len(known) - hits, alarms, len(known) - alarms)
    told = d_prime(*counts, level=settings.coverage)
    recipe = "called damaged: worse than the annotator's own median; log-linear correction"
    yield _row(
        code, DAMAGED, "d_prime", told.d_prime, len(known), stratum, told.reason, method=recipe
    )
    good, bad = _per_output(scored)
    area = auc_detection(frame.direction * good, frame.direction * bad, level=settings.coverage)
    yield _row(code, DAMAGED, "auc", area.auc, len(bad), stratum, area.reason, method="Newcombe")


def _score(given: Any) -> float | None:
    return None if given is None else given.score


def _is_worse(score: float, limit: float, frame: Frame) -> bool:
    return frame.direction * (score - limit) < 0


def _per_output(
    scored: Sequence[tuple[Answered, float, float]],
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of sound and damaged outputs, each the mean over the annotators who judged both."""
    by_item: dict[int, list[tuple[float, float]]] = {}
    for answered, here, origin in scored:
        by_item.setdefault(answered.item, []).append((origin, here))
    means = np.array([np.mean(both, axis=0) for both in by_item.values()])
    return means[:, 0], means[:, 1]


def _repeats(
    code: str | None, given: Sequence[Answered], frame: Frame, settings: Settings
) -> Iterator[Row]:
    twice = [a for a in given if a.purpose == Item.Purpose.REPEAT and a.gap is not None]
    if not twice:
        return
    rng = settings.rng("repeats", code or "")
    common = {"rng": rng, "coverage": settings.coverage, "resamples": settings.resamples}
    if twice[0].here.score is None:
        first = [str(a.origin.preference) for a in twice if a.origin]
        second = [str(a.here.preference) for a in twice]
        found = intra_rater(first, second, level="nominal", **common)
        yield _row(code, REPEAT, "exact", found.exact, found.n, method="Wilson")
        yield _agreement(code, found.kappa)
        yield _agreement(code, found.alpha)
        return
    before = np.array([_score(a.origin) for a in twice], dtype=np.float64)
    after = np.array([a.here.score for a in twice], dtype=np.float64)
    used = np.unique([*frame.value[frame.main], *before, *after])
    labels = scale_of(used) if used.size <= MOST_STEPS else None
    few = labels is not None
    found = intra_rater(before, after, labels=labels, level=frame.protocol.level, **common)
    yield _row(code, REPEAT, "exact", found.exact, found.n, method="Wilson")
    if few:
        yield _row(code, REPEAT, "within_one", found.within_one, found.n, method="Wilson")
        yield _agreement(code, found.kappa)
    yield _agreement(code, found.alpha)
    yield _row(code, REPEAT, "mean_distance", *_distance(np.abs(after - before), settings, rng))


def _distance(
    gaps: np.ndarray, settings: Settings, rng: np.random.Generator
) -> tuple[Interval, int, None, str, str]:
    n = len(gaps)
    if n < 2:
        return (
            Interval(float(gaps.mean()), np.nan, np.nan),
            n,
            None,
            "no interval from one item",
            "",
        )
    found = mean_interval(
        gaps, np.arange(n), rng=rng, level=settings.coverage, resamples=settings.resamples
    )
    return found, n, None, "", f"bootstrap over items, {settings.resamples} resamples"


def _agreement(code: str | None, found: Agreement) -> Row:
    interval = Interval(found.value, found.low, found.high)
    name = "alpha" if found.statistic == "krippendorff_alpha" else "kappa"
    return _row(code, REPEAT, name, interval, found.n_units, None, found.reason, found.method)


def _row(
    code: str | None,
    check: str,
    statistic: str,
    found: Interval | None,
    n: int,
    stratum: str | None = None,
    reason: str = "",
    method: str = "",
) -> Row:
    value, low, high = found or (np.nan, np.nan, np.nan)
    return {
        "annotator": code,
        "check": check,
        "stratum": stratum,
        "statistic": statistic,
        "value": value,
        "low": low,
        "high": high,
        "n": n,
        "reason": reason or None,
        "method": method or None,
    }
