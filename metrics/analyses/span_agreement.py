"""Do annotators mark the same errors? By characters, by matched marks, and by kind of error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from annotation.models import Campaign, ErrorSpan, RatingScore
from annotation.mqm import rolled_up
from annotation.scoring import ESA_WEIGHTS, SEVERITIES, WeightProfile
from metrics.analyses.frame import AT_ONCE, FloatArray, Frame, counted
from metrics.analyses.settings import Settings
from metrics.statistics import (
    Interval,
    MarkedSpan,
    matched_span_agreement,
    mean_pairwise_kappa,
    span_f1,
)

PROTOCOLS = ("mqm", "esa")
MOST_PAIRS = 60  # of annotators that get rows of their own
DRAWN = 10_000_000  # texts drawn for one interval, in all resamples
FEWEST_RESAMPLES = 200
ANY = "any error"
Row = dict[str, Any]
Spans = list[MarkedSpan]


@dataclass(frozen=True)
class Marks:
    """Each annotator's marks on each output that they judged, by the annotator's code.

    `placed` have a place: those of the source stand behind the output's; a mark between two
    characters takes the next one. `kinds` are the categories of all errors, of two levels.
    """

    placed: Mapping[int, Mapping[str, Spans]]
    kinds: Mapping[int, Mapping[str, frozenset[str]]]

    def pairs(self) -> list[tuple[str, str]]:
        """Annotators who judged an output in common."""
        found = {
            pair for by_code in self.placed.values() for pair in combinations(sorted(by_code), 2)
        }
        return sorted(found)

    def shared(self, pair: tuple[str, str]) -> list[int]:
        return [output for output, by_code in self.placed.items() if by_code.keys() >= set(pair)]


def load_marks(campaign: Campaign, frame: Frame, *, with_excluded: bool = False) -> Marks:
    """Two queries, whatever the size; with_excluded as the frame was loaded."""
    ratings = counted(campaign, with_excluded=with_excluded)
    known = set(frame.outputs[frame.outputs > 0].tolist())
    judged = RatingScore.objects.filter(
        rating__in=ratings, criterion=frame.protocol.main_criterion
    ).order_by("output__segment__position", "output__system__name", "rating__annotator__code")
    errors: dict[int, dict[str, list[tuple[Any, ...]]]] = {}
    for output, code in judged.values_list("output", "rating__annotator__code").iterator(AT_ONCE):
        if output in known:
            errors.setdefault(output, {})[code] = []
    # Not in the order of storing: a capsule's replay draws the same outputs.
    order = ("side", "start", "end", "category", "severity")
    spans = ErrorSpan.objects.filter(rating__in=ratings).order_by(*order, "pk")
    for output, code, *span in spans.values_list(
        "output", "rating__annotator__code", "side", "start", "end", "severity", "category"
    ).iterator(AT_ONCE):
        if code in errors.get(output, ()):
            errors[output][code].append(tuple(span))
    placed: dict[int, dict[str, Spans]] = {}
    kinds: dict[int, dict[str, frozenset[str]]] = {}
    alike: dict[frozenset[str], frozenset[str]] = {}  # what many say alike is kept once
    for output in list(errors):
        by_code = errors.pop(output)
        placed[output], kinds[output] = _placed(by_code), {}
        for code, rows in by_code.items():
            kind = frozenset(rolled_up(row[4]) for row in rows)
            kinds[output][code] = alike.setdefault(kind, kind)
    return Marks(placed, kinds)


def _placed(by_code: Mapping[str, list[tuple[Any, ...]]]) -> dict[str, Spans]:
    target = [row[2] for rows in by_code.values() for row in rows if row[0] == "target" and row[2]]
    behind = max(target, default=0) + 1
    placed: dict[str, Spans] = {}
    for code, rows in by_code.items():
        placed[code] = []
        for side, start, end, severity, category in rows:
            if start is not None:
                shift = behind if side == ErrorSpan.Side.SOURCE else 0
                end = max(end, start + 1) + shift
                kind = rolled_up(category)
                placed[code].append(MarkedSpan(start + shift, end, severity.lower(), kind))
    return placed


def span_table(frame: Frame, marks: Marks, settings: Settings) -> list[Row]:
    """A row per pair of annotators and statistic, all pairs together first; [] without a pair."""
    pairs = marks.pairs()
    if not pairs:
        return []
    weights = _weights(frame, marks)
    has_kinds = frame.protocol_name == "mqm"
    rows = list(_rows(None, *_stacked(marks), weights, has_kinds, settings))
    if 1 < len(pairs) <= MOST_PAIRS:
        for pair in pairs:
            texts = marks.shared(pair)
            first, second = ([marks.placed[text][code] for text in texts] for code in pair)
            rows += _rows(pair, first, second, weights, has_kinds, settings)
    return rows


def _weights(frame: Frame, marks: Marks) -> dict[str, float]:
    """What each severity that was used weighs under the campaign's own profile."""
    profile: WeightProfile = getattr(frame.protocol, "profile", ESA_WEIGHTS)
    used = {s.severity for by_code in marks.placed.values() for m in by_code.values() for s in m}
    return {severity: profile.penalty(severity, "") for severity in used}


def _stacked(marks: Marks) -> tuple[Sequence[Spans], Sequence[Spans]]:
    """All pairs of an output's annotators side by side as one text, so that outputs are drawn."""
    shared = [by_code for by_code in marks.placed.values() if len(by_code) > 1]
    return _Side(shared, 0), _Side(shared, 1)


class _Side(Sequence[Spans]):
    """One side of all pairs, made text by text: of ten annotators each mark is there nine times."""

    def __init__(self, shared: Sequence[Mapping[str, Spans]], side: int) -> None:
        self._shared, self._side = shared, side

    def __len__(self) -> int:
        return len(self._shared)

    def __getitem__(self, text: Any) -> Any:
        by_code = self._shared[text]
        width = max((span.end for spans in by_code.values() for span in spans), default=0)
        return [
            MarkedSpan(s.start + place * width, s.end + place * width, s.severity, s.category)
            for place, pair in enumerate(combinations(sorted(by_code), 2))
            for s in by_code[pair[self._side]]
        ]


def _rows(
    pair: tuple[str, str] | None,
    first: Sequence[Spans],
    second: Sequence[Spans],
    weights: Mapping[str, float],
    has_kinds: bool,
    settings: Settings,
) -> Iterator[Row]:
    name = " ".join(pair or ())
    common = {"coverage": settings.coverage, "resamples": _resamples(len(first), settings)}

    def row(statistic: str, found: Interval, n: int, reason: str, method: str = "") -> Row:
        return {
            "rater_a": pair[0] if pair else None,
            "rater_b": pair[1] if pair else None,
            "statistic": statistic,
            "value": found.estimate,
            "low": found.low,
            "high": found.high,
            "n_texts": len(first),
            "n": n,
            "reason": reason or None,
            "method": method or None,
        }

    scale = [s for s in SEVERITIES if s in weights]
    matched = matched_span_agreement(
        first,
        second,
        severities=scale if set(weights) <= set(scale) else None,
        rng=settings.rng("spans", "matched", name),
        **common,
    )
    n_marks = matched.n_first + matched.n_second
    for statistic, given in (("char_f1", None), ("char_f1_weighted", weights)):
        rng = settings.rng("spans", statistic, name)
        found = span_f1(first, second, weights=given, rng=rng, **common)
        yield row(statistic, found.f1, n_marks, found.reason, found.method)
    yield row("span_f1", matched.f1, n_marks, matched.reason, matched.method)
    parts = [("same_severity", matched.same_severity, matched.severity_kappa)]
    if has_kinds:
        parts.append(("same_category", matched.same_category, matched.category_kappa))
    for statistic, share, kappa in parts:
        n = matched.n_matched
        yield row(statistic, share, n, matched.reason, matched.method if n else "")
        known = np.isfinite(kappa.estimate)
        alone = matched.reason or _why_alone(kappa)
        recipe = f"Cohen's kappa of the matched marks; {matched.method}" if known else ""
        yield row(statistic.replace("same_", "") + "_kappa", kappa, n, alone, recipe)


def _why_alone(kappa: Interval) -> str:
    if np.isnan(kappa.estimate):
        return "only one label was used"
    return "no interval: too few texts have two labels" if np.isnan(kappa.low) else ""


def presence_table(marks: Marks, settings: Settings) -> list[Row]:
    """A row per kind of error, any error first: do two annotators find it in the same outputs?

    kappa : Cohen's, mean over pairs of annotators weighed by the outputs that they share; its
        interval draws outputs
    """
    given = [by_code for by_code in marks.kinds.values() if len(by_code) > 1]
    codes = sorted({code for by_code in given for code in by_code})
    if not given:
        return []
    kinds = {kind for by_code in given for found in by_code.values() for kind in found} - {""}
    rows = [_presence(kind, _found(given, codes, kind), settings) for kind in (ANY, *kinds)]
    return sorted(
        rows, key=lambda row: (row["category"] != ANY, -row["both"] - row["one"], row["category"])
    )


def _found(
    given: Sequence[Mapping[str, frozenset[str]]], codes: Sequence[str], kind: str
) -> FloatArray:
    """(annotators, outputs) 1 where an error of the kind was found, 0 where not, nan unjudged."""
    found = np.full((len(codes), len(given)), np.nan)
    place = {code: row for row, code in enumerate(codes)}
    for column, by_code in enumerate(given):
        for code, kinds in by_code.items():
            found[place[code], column] = bool(kinds) if kind == ANY else kind in kinds
    return found


def _presence(kind: str, found: FloatArray, settings: Settings) -> Row:
    yes, judged = np.nansum(found, axis=0), np.isfinite(found).sum(axis=0)
    no = judged - yes
    kappa = mean_pairwise_kappa(
        found,
        labels=[0.0, 1.0],
        rng=settings.rng("spans", "presence", kind),
        coverage=settings.coverage,
        resamples=_resamples(found.shape[1], settings),
    )
    same = "both always say the same: there is nothing to tell from chance"
    return {
        "category": kind,
        "kappa": kappa.value,
        "low": kappa.low,
        "high": kappa.high,
        "both": int((yes * (yes - 1) / 2).sum()),
        "one": int((yes * no).sum()),
        "neither": int((no * (no - 1) / 2).sum()),
        "reason": (same if np.isnan(kappa.value) else kappa.reason) or None,
        "method": kappa.method or None,
    }


def _resamples(n_texts: int, settings: Settings) -> int:
    return min(settings.resamples, max(FEWEST_RESAMPLES, DRAWN // max(1, n_texts)))
