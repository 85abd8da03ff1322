"""Time Krippendorff's alpha and its interval against the krippendorff package, in one process.

    python -m benchmarks.agreement [--quick] [--json FILE]

The package's bootstrap computes a few resamples and its time is scaled to as many as ours makes.
Peak memory is of a process of its own.  Read the ratios: seconds belong to the machine and to
what else it was doing.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import krippendorff
import numpy as np

from benchmarks.recording import Record
from metrics.statistics import alpha_interval, alpha_without_each, krippendorff_alpha
from metrics.statistics.types import FloatArray

RESAMPLES = 1000
EVALUATED = {7: 20, 101: 2}
RATERS = (3, 10, 100)
UNITS = (100, 1000, 10_000, 100_000)
LARGE = 1_000_000


def made_up(raters: int, units: int, values: int) -> FloatArray:
    """People who follow the unit's own value a little, on a scale of 0 to `values` - 1."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, values, units)
    noise = rng.integers(-values // 4, values // 4 + 1, (raters, units))
    return np.clip(truth + noise, 0, values - 1).astype(np.float64)


def package(ratings: FloatArray, level: str) -> float:
    """Alpha by the package."""
    return float(krippendorff.alpha(ratings, level_of_measurement=level))


def package_bootstrap(ratings: FloatArray, level: str, resamples: int) -> list[float]:
    """Alpha by the package of units drawn anew, a few times."""
    rng = np.random.default_rng(0)
    n_units = ratings.shape[1]
    return [package(ratings[:, rng.integers(0, n_units, n_units)], level) for _ in range(resamples)]


def seconds(work: Callable[[], object], repeats: int, scale: float = 1) -> list[float]:
    """CPU seconds of some runs, each times `scale`."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * scale)
    return times


def row(record: Record, name: str, mine: list[float], theirs: list[float], gap: float) -> None:
    """One line of the table, of the quickest runs."""
    record.versus(f"alpha, {name}", mine, theirs, "CPU s", "krippendorff")
    quick, slow = min(mine), min(theirs)
    print(f"{name:42} {quick:12.6f} {slow:14.6f} {slow / quick:10.1f} {gap:10.1e}", flush=True)


def values_row(record: Record, level: str, raters: int, units: int, values: int) -> None:
    """Alpha itself."""
    ratings = made_up(raters, units, values)
    repeats = 50 if units <= 1000 else 5
    gap = abs(krippendorff_alpha(ratings, level=level) - package(ratings, level))
    mine = seconds(lambda: krippendorff_alpha(ratings, level=level), repeats)
    theirs = seconds(lambda: package(ratings, level), 3 if values > 20 else repeats)
    row(record, f"{level}, {values} values, {raters} x {units}", mine, theirs, gap)


def bootstrap_row(record: Record, level: str, raters: int, units: int, values: int) -> None:
    """Alpha with an interval of many resamples."""
    ratings = made_up(raters, units, values)
    few = EVALUATED[values]

    def ours() -> object:
        return alpha_interval(
            ratings,
            level=level,
            rng=np.random.default_rng(0),
            resamples=RESAMPLES,
            recipe="bootstrap",
        )

    mine = seconds(ours, 3)
    theirs = seconds(lambda: package_bootstrap(ratings, level, few), 3, RESAMPLES / few)
    gap = abs(krippendorff_alpha(ratings, level=level) - package(ratings, level))
    row(record, f"{level}, {values} values, {raters} x {units}, interval", mine, theirs, gap)


def left_out_row(record: Record, level: str, raters: int, units: int, values: int) -> None:
    """Alpha without each rater."""
    ratings = made_up(raters, units, values)

    def theirs() -> list[float]:
        return [package(np.delete(ratings, r, axis=0), level) for r in range(raters)]

    gap = max(
        abs(one.value - other)
        for one, other in zip(alpha_without_each(ratings, level=level), theirs(), strict=True)
    )
    mine = seconds(lambda: alpha_without_each(ratings, level=level), 3)
    name = f"{level}, {values} values, {raters} x {units}, each out"
    row(record, name, mine, seconds(theirs, 3), gap)


def peak(who: str, level: str, raters: int, units: int, values: int) -> float:
    """Highest memory in MiB of a process that makes the ratings and computes alpha once."""
    command = [sys.executable, "-m", "benchmarks.agreement", "--peak", who, level]
    sizes = [str(n) for n in (raters, units, values)]
    done = subprocess.run([*command, *sizes], capture_output=True, text=True, check=True)
    return float(done.stdout)


def peak_here(who: str, level: str, sizes: tuple[int, int, int]) -> None:
    """Print this process's peak in MiB after one alpha, or after making the ratings alone."""
    ratings = made_up(*sizes)
    if who == "ours":
        krippendorff_alpha(ratings, level=level)
    elif who == "package":
        package(ratings, level)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def memory(record: Record) -> None:
    """Print the table of peaks; first, since a process starts with the peak of its parent."""
    print(f"{'peak memory of a process':42} {'MiB':>12}")
    for who, level, sizes in [
        ("ratings alone", "interval", (10, LARGE, 101)),
        ("ours", "interval", (10, LARGE, 101)),
        ("ours", "ordinal", (10, LARGE, 101)),
        ("ours", "ordinal", (10, LARGE, 7)),
        ("ours", "interval", (10, 10_000, 101)),
        ("package", "interval", (10, 10_000, 101)),
    ]:
        name = f"{who}, {level}, {sizes[2]} values, {sizes[0]} x {sizes[1]}"
        mebibytes = peak(who, level, *sizes)
        record.add(f"peak memory, {name}", [mebibytes], "MiB")
        print(f"{name:42} {mebibytes:12.0f}", flush=True)
    print()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the large sizes")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peak", nargs=5, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peak:
        who, level, *sizes = chosen.peak
        peak_here(who, level, tuple(int(n) for n in sizes))
        return
    record = Record("Krippendorff's alpha", "python -m benchmarks.agreement")
    if not chosen.quick:
        memory(record)
    units = UNITS[:2] if chosen.quick else UNITS
    print(f"{'what':42} {'ours, CPU s':>12} {'package, CPU s':>14} {'ratio':>10} {'gap':>10}")
    for level in ("ordinal", "nominal"):
        for n_raters in RATERS:
            for n_units in units:
                values_row(record, level, n_raters, n_units, 7)
    most = 1000 if chosen.quick else 10_000
    values_row(record, "interval", 10, most, 101)
    bootstrap_row(record, "ordinal", 10, most, 7)
    bootstrap_row(record, "interval", 10, most, 101)
    left_out_row(record, "ordinal", 10, most, 7)
    left_out_row(record, "interval", 10, most, 7)
    record.notes.append(f"The package computes a few resamples; its time is scaled to {RESAMPLES}.")
    record.write(chosen.json)


if __name__ == "__main__":
    main()
