"""Orders of systems: ranks, what changes places, and groups that can be told apart."""

from collections.abc import Callable, Sequence

import numpy as np

from metrics.analyses.frame import FloatArray


def rank(means: FloatArray, place: int) -> int | None:
    """1 is the lowest; equal means share a rank. None where there is no mean."""
    return None if np.isnan(means[place]) else 1 + int((means < means[place]).sum())


def swaps(systems: Sequence[str], own: FloatArray, other: FloatArray) -> list[list[str]]:
    """For each system those that stand on its other side in the other order."""
    before, after = np.sign(own[:, None] - own[None, :]), np.sign(other[:, None] - other[None, :])
    swapped = before * after < 0
    return [[systems[j] for j in np.flatnonzero(line)] for line in swapped]


def rank_ranges(
    order: Sequence[int], beats: Callable[[int, int], bool]
) -> dict[int, tuple[int, int]]:
    """First and last rank of each system's group, best first; all of a group beat all below it.

    order : systems, best first
    """
    groups: list[list[int]] = []
    for i, system in enumerate(order):
        if i == 0 or all(beats(a, b) for a in order[:i] for b in order[i:]):
            groups.append([])
        groups[-1].append(system)
    ranges, done = {}, 0
    for group in groups:
        ranges |= dict.fromkeys(group, (done + 1, done + len(group)))
        done += len(group)
    return ranges
