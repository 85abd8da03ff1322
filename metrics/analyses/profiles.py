"""MQM under several weight profiles: would other weights have ranked the systems otherwise?

Penalties: lower is better. A profile's order is held against that of the campaign's own.
"""

from typing import Any

import numpy as np

from annotation.scoring import ADAPTMLLM, PROFILES, WeightProfile, mqm_sentence_score
from metrics.analyses.errors import Marked
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.orders import rank, swaps
from metrics.analyses.settings import Settings
from metrics.analyses.systems import mean_with_interval
from metrics.statistics import bootstrap_counts, kendall_b, percentile_interval
from metrics.statistics.intervals import ratio
from metrics.statistics.types import Interval

WORDS = 100  # a pooled penalty is per so many words


def profile_table(frame: Frame, marked: Marked, settings: Settings) -> list[dict[str, Any]]:
    """A row per profile and system, the campaign's own profile first, its best system first."""
    own = frame.protocol.profile
    own_means = _means(marked.penalties(own))
    rows = []
    for profile in known_profiles(own):
        penalties = marked.penalties(profile)
        means = _means(penalties)
        swapped = swaps(frame.systems, own_means, means)
        tau = float(kendall_b(own_means, means))
        pooled = _pooled(penalties, marked.n_words, settings)
        mean_of = _intervals(penalties, settings, "systems")
        sentence = _sentence_scores(penalties, marked.n_words, profile, settings)
        for place in np.argsort(np.where(np.isnan(means), np.inf, means), kind="stable"):
            rows.append(
                {
                    "profile": profile.name,
                    "is_own": profile is own,
                    "system": frame.systems[place],
                    "rank": rank(means, int(place)),
                    "n_segments": int(np.isfinite(penalties[:, place]).sum()),
                    "n_words": int(marked.n_words[np.isfinite(penalties[:, place]), place].sum()),
                    **_cells("mean_penalty", mean_of[place]),
                    **_cells("per_100_words", pooled[place]),
                    **_cells("sentence_score", sentence[place]),
                    "tau_b": tau,
                    "swaps_with": swapped[place],
                    "reason": _reason(penalties[:, place], marked.n_words[:, place], tau),
                }
            )
    return rows


def known_profiles(own: WeightProfile) -> list[WeightProfile]:
    """The campaign's own first, then the published ones; one's own takes no published name."""
    if own in PROFILES.values():
        return [own, *(profile for profile in PROFILES.values() if profile != own)]
    return [own, *PROFILES.values()]


def _means(penalties: FloatArray) -> FloatArray:
    known = np.isfinite(penalties)
    return np.round(ratio(np.where(known, penalties, 0.0).sum(axis=0), known.sum(axis=0) * 1.0), 9)


def _intervals(columns: FloatArray, settings: Settings, name: str) -> list[Interval]:
    return [Interval(*found) for found in mean_with_interval(columns, settings, name)]


def _pooled(penalties: FloatArray, n_words: FloatArray, settings: Settings) -> list[Interval]:
    """Penalties of all segments over the words of all segments; segments are drawn."""
    known = np.isfinite(penalties)
    top, bottom = WORDS * np.where(known, penalties, 0.0), np.where(known, n_words, 0.0)
    values = ratio(top.sum(axis=0), bottom.sum(axis=0))
    if len(penalties) < 2:
        return [Interval(float(value), np.nan, np.nan) for value in values]
    drawn = bootstrap_counts(len(top), settings.resamples, settings.rng("profiles", "pooled"))
    draws = ratio(drawn @ top, drawn @ bottom)
    enough = known.sum(axis=0) > 1
    return [
        percentile_interval(float(value), draws[:, place], settings.coverage)
        if enough[place]
        else Interval(float(value), np.nan, np.nan)
        for place, value in enumerate(values)
    ]


def _sentence_scores(
    penalties: FloatArray, n_words: FloatArray, profile: WeightProfile, settings: Settings
) -> list[Interval]:
    """adaptMLLM's, which belongs to its weights: nan under any other."""
    scores = np.full(penalties.shape, np.nan)
    if profile == ADAPTMLLM:
        for spot in zip(*np.nonzero(np.isfinite(penalties) & (n_words > 0)), strict=True):
            scores[spot] = mqm_sentence_score(penalties[spot], int(n_words[spot]))
    return _intervals(scores, settings, "profiles sentence")


def _cells(name: str, found: Interval) -> dict[str, float]:
    return {name: found[0], f"{name}_low": found[1], f"{name}_high": found[2]}


def _reason(penalties: FloatArray, n_words: FloatArray, tau: float) -> str | None:
    known = np.isfinite(penalties)
    if not known.any():
        return "no complete rating yet"
    reasons = []
    if known.sum() == 1:
        reasons.append("no interval from one segment")
    if not n_words[known].any():
        reasons.append("the outputs have no words")
    if np.isnan(tau):
        reasons.append("no order of systems to compare: fewer than two, or all alike")
    return "; ".join(reasons) or None
