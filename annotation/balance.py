"""Sets of places such that every two places meet equally often: balanced incomplete blocks."""

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

Sets = tuple[tuple[int, ...], ...]
MOST_STEPS = 100_000  # of the search for a difference set
MOST_WEIGHED = 300_000  # pairs of places weighed at a time
MOST_WORK = 100_000_000  # and in all
FEWEST_DRAWN = 1_000
MOST_ROUNDS = 20
MOST_DEVELOPED = 5_000  # sets looked at for a family of two orbits


@lru_cache(maxsize=64)
def balanced_sets(n_places: int, size: int, n_sets: int, *, seed: int = 1) -> Sets:
    """`n_sets` sets of `size` places out of `n_places`, every pair together as often as can be.

    Whole cycles of an exact design where one is found: a cyclic difference set, a difference
    family of two orbits, or all combinations where they are no more than `n_sets`. Every pair is
    then together equally often after each cycle. Otherwise sets are added one by one, each of the
    pairs that met least, and exchanged while that helps: nearly balanced; see `pair_spread`.

    Raises ValueError for sizes that cannot be.
    Source: Cochran and Cox (1957), chapter 11; Singer (1938) for difference sets.
    """
    if not 1 <= size <= n_places or n_sets < 0:
        raise ValueError(f"no sets of {size} out of {n_places} places")
    rng = random.Random(f"{seed}/{n_places}/{size}")
    if cycle := _exact_design(n_places, size, n_sets):
        ordered = _Meetings(cycle, n_places, rng).in_order()
        return tuple(ordered[number % len(ordered)] for number in range(n_sets))
    return tuple(_Meetings(_candidates(n_places, size, n_sets, rng), n_places, rng).choose(n_sets))


def pair_spread(sets: Sequence[Sequence[int]], n_places: int) -> tuple[int, int]:
    """How often the pair that meets least and the pair that meets most are together."""
    met = np.zeros((n_places, n_places), dtype=int)
    for places in sets:
        met[np.ix_(places, places)] += 1
    pairs = met[np.triu_indices(n_places, 1)]
    return int(pairs.min()), int(pairs.max())


def difference_set(n_places: int, size: int) -> tuple[int, ...] | None:
    """A set whose differences modulo `n_places` hit every value but 0 equally often, or None.

    None also where the search takes too long. Any such set can be moved to hold 0 and 1.

    >>> difference_set(7, 3), difference_set(6, 3)
    ((0, 1, 3), None)
    """
    if not 2 <= size < n_places or size * (size - 1) % (n_places - 1):
        return None
    if 2 * size > n_places:
        rest = difference_set(n_places, n_places - size)
        return rest and tuple(sorted(set(range(n_places)) - set(rest)))
    most = size * (size - 1) // (n_places - 1)
    steps = 0

    def grow(found: list[int], met: list[int]) -> list[int] | None:
        nonlocal steps
        if len(found) == size:
            return found
        for place in range(found[-1] + 1, n_places):
            steps += 1
            if steps > MOST_STEPS:
                return None
            now = list(met)
            for other in found:
                now[place - other] += 1
                now[n_places - place + other] += 1
            if max(now) <= most and (whole := grow([*found, place], now)):
                return whole
        return None

    first = [0] * (n_places + 1)
    first[1] = first[n_places - 1] = 1
    whole = grow([0, 1], first)
    return tuple(whole) if whole else None


def _exact_design(n_places: int, size: int, n_sets: int) -> list[tuple[int, ...]]:
    if base := difference_set(n_places, size):
        return _orbit(base, n_places)
    n_all = comb(n_places, size)
    if 2 < size < n_places and n_all <= MOST_DEVELOPED:
        families = [_family(n_places, size, turning) for turning in (n_places, n_places - 1)]
        if found := [sets for sets in families if 0 < len(sets) <= min(n_sets, n_all)]:
            return min(found, key=len)
    return list(combinations(range(n_places), size)) if n_all <= n_sets else []


def _orbit(base: Sequence[int], turning: int) -> list[tuple[int, ...]]:
    """The set turned round the first `turning` places; places after them stay."""
    turned = (
        tuple(sorted((p + turn) % turning if p < turning else p for p in base))
        for turn in range(turning)
    )
    return list(dict.fromkeys(turned))


def _family(n_places: int, size: int, turning: int) -> list[tuple[int, ...]]:
    """One or two orbits in which all pairs meet equally often; none where there are no such two.

    Turning all places but one (Bose, 1939) finds designs that turning all does not.
    """
    orbits: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    seen: set[tuple[int, ...]] = set()
    for base in combinations(range(n_places), size):
        if base not in seen:
            orbit = _orbit(base, turning)
            seen.update(orbit)
            orbits.setdefault(_excess(orbit, n_places), orbit)
    both = [
        [*orbit, *orbits[rest]]
        for excess, orbit in orbits.items()
        if any(excess) and (rest := tuple(-x for x in excess)) in orbits
    ]
    level = orbits.get((0,) * len(next(iter(orbits))))
    return min([*both, level] if level else both, key=len, default=[])


def _excess(orbit: list[tuple[int, ...]], n_places: int) -> tuple[int, ...]:
    """Meetings of place 0 with each other place, less those with place 1.

    All 0 where all pairs meet equally often, as every pair is a turned pair of place 0; opposite
    for two orbits that level each other.
    """
    met = [sum(0 in places and other in places for places in orbit) for other in range(1, n_places)]
    return tuple(times - met[0] for times in met[1:])


def _candidates(n_places: int, size: int, n_sets: int, rng: random.Random) -> list[tuple[int, ...]]:
    """All combinations, or as many of them, drawn at random, as can be weighed quickly."""
    most = min(MOST_WEIGHED, MOST_WORK // max(n_sets, 1)) // (size * size)
    if comb(n_places, size) <= most:
        return list(combinations(range(n_places), size))
    places = range(n_places)
    return [tuple(sorted(rng.sample(places, size))) for _ in range(max(most, FEWEST_DRAWN))]


class _Meetings:
    """How often each two places are together in the sets chosen so far."""

    def __init__(
        self, candidates: list[tuple[int, ...]], n_places: int, rng: random.Random
    ) -> None:
        rng.shuffle(candidates)
        self.candidates = candidates
        self.members = np.array(candidates)
        first, second = np.triu_indices(self.members.shape[1], 1)
        self.pairs = self.members[:, first] * n_places + self.members[:, second]
        self.met = np.zeros(n_places * n_places)
        self.used = np.zeros(n_places)

    def in_order(self) -> list[tuple[int, ...]]:
        """Every candidate once, the pairs of each next one having met least."""
        free = np.zeros(len(self.candidates))
        found = []
        for _ in self.candidates:
            best = int((self._cost() + free).argmin())
            self._add(best, 1)
            free[best] = np.inf
            found.append(self.candidates[best])
        return found

    def choose(self, n_sets: int) -> list[tuple[int, ...]]:
        """Sets one by one, then each exchanged for a better one, some rounds."""
        found: list[int] = []
        for _ in range(n_sets):
            found.append(int(self._cost().argmin()))
            self._add(found[-1], 1)
        for _ in range(min(MOST_ROUNDS, MOST_WORK // max(1, n_sets * self.pairs.size))):
            before = list(found)
            for number, old in enumerate(before):
                self._add(old, -1)
                cost = self._cost()
                best = int(cost.argmin())
                found[number] = best if cost[best] < cost[old] - 1e-9 else old
                self._add(found[number], 1)
            if found == before:
                break
        return [self.candidates[number] for number in found]

    def _cost(self) -> np.ndarray:
        """Meetings of a candidate's pairs so far; of equals, whose places were used least."""
        used = self.used[self.members].sum(axis=1) / (1 + self.used.sum())
        return self.met[self.pairs].sum(axis=1) + used

    def _add(self, candidate: int, times: int) -> None:
        self.met[self.pairs[candidate]] += times
        self.used[self.members[candidate]] += times
