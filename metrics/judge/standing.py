"""May a judge's verdicts be summed up? Its agreement with people, its order, its own family.

Differences are in shares, from -1 to 1; kappas are Cohen's over A better, a tie, B better.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from metrics.analyses.frame import Frame, load_frame
from metrics.analyses.settings import Settings
from metrics.automatic.base import FloatArray
from metrics.models_judge import JudgeRun
from metrics.statistics.intervals import mean_intervals, proportion_interval
from metrics.statistics.kappa import kappa_interval
from metrics.statistics.types import NAN, Interval
from models_app.models import System

LEAST_KAPPA = 0.4  # moderate, by Landis and Koch (1977)
LEAST_PAIRS = 30
CODES = {"a": 1.0, "b": -1.0, "tie": 0.0}


class Judged(NamedTuple):
    """One run, segment by segment; 1 where A is better, -1 where B is, 0 a tie, nan unknown."""

    run: JudgeRun
    language: str
    judge: FloatArray  # both orders together: a winner only where both name it
    plain: FloatArray  # A's text first
    swapped: FloatArray  # B's text first
    people: FloatArray  # sign of their mean difference
    own: int  # 1 where A is of the judge's family, -1 where B is, 0 where neither or both


class Check(NamedTuple):
    """One criterion: what was found, and why it does not pass ("" where it does)."""

    name: str
    estimate: float
    low: float
    high: float
    n: int
    refused: str


class Standing(NamedTuple):
    """A judge in one language; `wins` is empty unless every check passes."""

    judge: str
    language: str
    n: int
    no_verdict: int  # answers, of 2 n, that name no winner
    order: Interval  # share of pairs judged alike in both orders
    first_bias: Interval  # share of first-shown wins minus one half, where there was a winner
    checks: tuple[Check, ...]
    wins: tuple[tuple[str, str, Interval, int], ...]  # A, B, A's share with ties as halves, n

    @property
    def may_be_summed(self) -> bool:
        return not any(check.refused for check in self.checks)


def standings(runs: Iterable[JudgeRun], settings: Settings) -> list[Standing]:
    """Every judge in every language of its campaigns."""
    frames: dict[int, Frame] = {}
    groups: dict[tuple[str, str], list[Judged]] = {}
    for run in runs:
        if run.campaign_id not in frames:
            frames[run.campaign_id] = load_frame(run.campaign)
        found = judged(run, frames[run.campaign_id])
        groups.setdefault((run.judge.name, found.language), []).append(found)
    return [_standing(*key, found, settings) for key, found in sorted(groups.items())]


def judged(run: JudgeRun, frame: Frame) -> Judged:
    """The run beside what the campaign's people say of the same pairs."""
    place = {segment.pk: number for number, segment in enumerate(frame.segments)}
    answers: dict[int, dict[bool, float]] = {}
    for segment, swapped, verdict in run.verdicts.values_list("segment", "swapped", "verdict"):
        answers.setdefault(segment, {})[swapped] = CODES.get(verdict, NAN)
    people = _people(frame, run)
    rows = [
        (sides.get(False, NAN), sides.get(True, NAN), people[place[pk]] if pk in place else NAN)
        for pk, sides in sorted(answers.items())
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    plain, swapped, said = table.T
    both = np.where(plain == swapped, plain, 0.0)
    both[np.isnan(plain) | np.isnan(swapped)] = NAN
    own = family(run.judge, run.system_a, run.system_b)
    language = run.campaign.dataset.target_lang
    return Judged(run, language, both, plain, swapped, said, own)


def _people(frame: Frame, run: JudgeRun) -> FloatArray:
    names = [run.system_a.name, run.system_b.name]
    if not set(names) <= set(frame.systems):
        return np.full(len(frame.segments), NAN)
    a, b = (frame.systems.index(name) for name in names)
    deltas = frame.deltas(a, b) if a < b else -frame.deltas(b, a)
    return np.sign(frame.direction * deltas)


def family(judge: System, system_a: System, system_b: System) -> int:
    """1 where A is the nearer kin of the judge, -1 where B is, 0 where neither or both alike.

    The judge itself is nearest, then a system on the judge's checkpoint.
    """

    def nearness(system: System) -> int:
        same = system.checkpoint_id is not None and system.checkpoint_id == judge.checkpoint_id
        return 2 if same and system.adapter_id == judge.adapter_id else int(same)

    return int(np.sign(nearness(system_a) - nearness(system_b)))


def _standing(judge: str, language: str, found: Sequence[Judged], settings: Settings) -> Standing:
    plain, swapped = (
        np.concatenate([getattr(j, name) for j in found]) for name in ("plain", "swapped")
    )
    known = np.isfinite(plain) & np.isfinite(swapped)
    alike = int((plain[known] == swapped[known]).sum())
    checks = (
        _agreement(found, settings),
        _self_preference(found, settings),
    )
    standing = Standing(
        judge=judge,
        language=language,
        n=len(plain),
        no_verdict=int(np.isnan(plain).sum() + np.isnan(swapped).sum()),
        order=proportion_interval(alike, int(known.sum())),
        first_bias=_first_bias(plain, swapped),
        checks=checks,
        wins=(),
    )
    if not standing.may_be_summed:
        return standing
    return standing._replace(wins=tuple(_wins(one, settings) for one in found))


def _first_bias(plain: FloatArray, swapped: FloatArray) -> Interval:
    """How often the text shown first won, above one half; nan where nothing ever won."""
    firsts = int((plain == 1).sum() + (swapped == -1).sum())
    winners = int((np.abs(plain) == 1).sum() + (np.abs(swapped) == 1).sum())
    share = proportion_interval(firsts, winners)
    return Interval(share.estimate - 0.5, share.low - 0.5, share.high - 0.5)


def _agreement(found: Sequence[Judged], settings: Settings) -> Check:
    judge = np.concatenate([one.judge for one in found])
    people = np.concatenate([one.people for one in found])
    both = np.isfinite(judge) & np.isfinite(people)
    n = int(both.sum())
    if n < LEAST_PAIRS:
        return Check(
            "agreement", NAN, NAN, NAN, n, f"{n} pairs judged by both, of {LEAST_PAIRS} needed"
        )
    kappa = kappa_interval(
        judge[both], people[both], rng=settings.rng("judge"), resamples=settings.resamples
    )
    refused = kappa.reason
    if not refused and not kappa.low >= LEAST_KAPPA:
        refused = f"the lower end of kappa with people is below {LEAST_KAPPA}"
    return Check("agreement", kappa.value, kappa.low, kappa.high, n, refused)


def _self_preference(found: Sequence[Judged], settings: Settings) -> Check:
    """The judge's share for its own family minus people's, on the same pairs."""
    parts = [one.own * (one.judge - one.people) / 2 for one in found if one.own]
    excess = np.concatenate(parts) if parts else np.empty(0)
    excess = excess[np.isfinite(excess)]
    n = excess.size
    if not parts:
        return Check("self-preference", NAN, NAN, NAN, 0, "")
    if n < LEAST_PAIRS:
        told = f"{n} pairs with the judge's own family judged by both, of {LEAST_PAIRS} needed"
        return Check("self-preference", NAN, NAN, NAN, n, told)
    interval = mean_intervals(
        excess[:, None], rng=settings.rng("own"), resamples=settings.resamples
    )[0]
    refused = "" if interval.low <= 0 <= interval.high else _leaning(interval)
    return Check("self-preference", *interval, n, refused)


def _leaning(interval: Interval) -> str:
    if interval.low > 0:
        return "it prefers its own family more than people do"
    return "it prefers its own family less than people do"


def _wins(one: Judged, settings: Settings) -> tuple[str, str, Interval, int]:
    """A's share of the wins, a tie as half of one."""
    run: Any = one.run
    shares = (1 + one.judge[np.isfinite(one.judge)]) / 2
    n = shares.size
    interval = Interval(float(shares.mean()) if n else NAN, NAN, NAN)
    if n >= 2:
        interval = mean_intervals(
            shares[:, None], rng=settings.rng("wins"), resamples=settings.resamples
        )[0]
    return run.system_a.name, run.system_b.name, interval, n
