"""Time acc_eq, tau-b by item and PERM-BOTH against straightforward code, in one process.

    python -m benchmarks.meta_evaluation [--segments 1000] [--systems 16] [--json FILE]

The straightforward permutation test evaluates a few permutations and its time is scaled to as many
as ours makes.  Read the ratios: seconds belong to the machine and to what else it was doing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.recording import Record
from metrics.statistics import acc_eq, kendall_b_by_item, perm_both
from metrics.statistics.types import FloatArray

RESAMPLES = 1000
EVALUATED = 4
REPEATS = 3


def made_up(segments: int, systems: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """People on a scale of 0 to 6, and two metrics that follow them a little."""
    rng = np.random.default_rng(1)
    human = rng.integers(0, 7, (segments, systems)).astype(np.float64)
    first, second = human + rng.normal(0, 4, (2, segments, systems))
    return human, first, second


def plain_acc_eq(human: FloatArray, metric: FloatArray) -> float:
    """Every pair in turn, then one sweep over the sorted differences."""
    pairs, right = [], 0
    for h, m in zip(human.tolist(), metric.tolist(), strict=True):
        for i, j in combinations(range(len(h)), 2):
            alike = (h[i] > h[j]) - (h[i] < h[j]) == (m[i] > m[j]) - (m[i] < m[j])
            right += alike
            pairs.append((abs(m[i] - m[j]), (h[i] == h[j]) - alike))
    best, last = right, len(pairs) - 1
    pairs.sort()
    for place, (size, gain) in enumerate(pairs):
        right += gain
        if place == last or pairs[place + 1][0] != size:
            best = max(best, right)
    return best / len(pairs)


def plain_kendall(human: FloatArray, metric: FloatArray) -> float:
    """scipy's tau-b of every segment."""
    taus = [stats.kendalltau(h, m)[0] for h, m in zip(human, metric, strict=True)]
    return float(np.nanmean(taus))


def plain_pearson(human: FloatArray, metric: FloatArray) -> float:
    """scipy's r of all outputs."""
    return float(stats.pearsonr(human.ravel(), metric.ravel())[0])


def plain_pearson_by_item(human: FloatArray, metric: FloatArray) -> float:
    """scipy's r of every segment."""
    return float(np.mean([stats.pearsonr(h, m)[0] for h, m in zip(human, metric, strict=True)]))


def plain_accuracy(human: FloatArray, first: FloatArray, second: FloatArray) -> float:
    """Difference of two metrics' shares of pairs in order, ties never made, pairs swapped."""
    rng = np.random.default_rng(0)
    left, right = np.triu_indices(human.shape[1], 1)
    wins = [np.sign(m[:, left] - m[:, right]) for m in (human, first, second)]
    kept = rng.random(wins[0].shape) < 0.5
    one, two = wins[0] == wins[1], wins[0] == wins[2]
    return float(np.where(kept, one, two).mean() - np.where(kept, two, one).mean())


def plain_accuracy_by_item(human: FloatArray, first: FloatArray, second: FloatArray) -> float:
    """The same, an item at a time, as code has it that evaluates item by item."""
    rng = np.random.default_rng(0)
    deltas = []
    for people, one, two in zip(human, first, second, strict=True):
        wins = [
            [np.sign(scores[i] - scores[j]) for i, j in combinations(range(len(scores)), 2)]
            for scores in (people, one, two)
        ]
        right = np.equal(wins[1:], wins[0])
        kept = rng.random(right.shape[1]) < 0.5
        deltas.append(np.where(kept, right[0], right[1]).mean())
        deltas[-1] -= np.where(kept, right[1], right[0]).mean()
    return float(np.mean(deltas))


def plain_permutations(
    value: Callable[[FloatArray, FloatArray], float],
    human: FloatArray,
    first: FloatArray,
    second: FloatArray,
) -> list[float]:
    """The difference anew after swapping the two metrics' standardised scores, a few times."""
    rng = np.random.default_rng(0)
    first, second = ((m - m.mean()) / m.std() for m in (first, second))
    deltas = []
    for _ in range(EVALUATED):
        kept = rng.random(human.shape) < 0.5
        one, two = np.where(kept, first, second), np.where(kept, second, first)
        deltas.append(value(human, one) - value(human, two))
    return deltas


def seconds(work: Callable[[], object], scale: float = 1) -> list[float]:
    """CPU seconds of some runs, each times `scale`."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * scale)
    return times


def cases(human: FloatArray, first: FloatArray, second: FloatArray) -> list[tuple]:
    """Name, ours, the straightforward way, and by how much to multiply the time of the latter."""

    def ours(statistic: str, grouping: str) -> Callable[[], object]:
        return lambda: perm_both(
            human,
            first,
            second,
            statistic=statistic,
            grouping=grouping,
            rng=np.random.default_rng(0),
            resamples=RESAMPLES,
        )

    def plain(value: Callable[[FloatArray, FloatArray], float]) -> Callable[[], object]:
        return lambda: plain_permutations(value, human, first, second)

    scale = RESAMPLES / EVALUATED
    return [
        ("acc_eq, item", lambda: acc_eq(human, first), lambda: plain_acc_eq(human, first), 1),
        (
            "tau-b by item",
            lambda: kendall_b_by_item(human, first),
            lambda: plain_kendall(human, first),
            1,
        ),
        ("PERM-BOTH tau-b, item", ours("kendall_b", "item"), plain(plain_kendall), scale),
        ("PERM-BOTH Pearson, none", ours("pearson", "none"), plain(plain_pearson), scale),
        ("PERM-BOTH Pearson, item", ours("pearson", "item"), plain(plain_pearson_by_item), scale),
        (
            "PERM-BOTH acc_eq, item",
            ours("acc_eq", "item"),
            lambda: plain_accuracy_by_item(human, first, second),
            RESAMPLES,
        ),
        (
            "the same, all items at once",
            ours("acc_eq", "item"),
            lambda: plain_accuracy(human, first, second),
            RESAMPLES,
        ),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=1000)
    parser.add_argument("--systems", type=int, default=16)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    human, first, second = made_up(chosen.segments, chosen.systems)
    record = Record("Meta-evaluation", "python -m benchmarks.meta_evaluation")
    gap = abs(acc_eq(human, first).value - plain_acc_eq(human, first))
    gap_tau = abs(np.nanmean(kendall_b_by_item(human, first)) - plain_kendall(human, first))
    print(f"{chosen.systems} systems, {chosen.segments} segments, {RESAMPLES} permutations")
    print(f"largest difference of the values: acc_eq {gap:.1e}, tau-b {gap_tau:.1e}\n")
    print(f"{'what':26} {'ours, CPU s':>12} {'plain, CPU s':>13} {'ratio':>8}")
    for name, ours, plain, scale in cases(human, first, second):
        mine, theirs = seconds(ours), seconds(plain, scale)
        record.versus(name, mine, theirs, "CPU s", "plain code")
        quick, slow = min(mine), min(theirs)
        print(f"{name:26} {quick:12.4f} {slow:13.2f} {slow / quick:8.0f}")
    record.notes.append(
        f"{chosen.systems} systems, {chosen.segments:,} segments, {RESAMPLES:,} permutations; "
        f"plain code makes {EVALUATED} of them or one, and its time is scaled."
    )
    record.write(chosen.json)


if __name__ == "__main__":
    main()
