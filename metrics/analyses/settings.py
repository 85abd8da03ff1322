"""The settings of a report: they are printed with it, and the same ones give the same numbers."""

import zlib
from typing import NamedTuple

import numpy as np


class Settings(NamedTuple):
    seed: int = 12345
    resamples: int = 1000
    permutations: int = 10_000
    metric_permutations: int = 1000  # of metrics against metrics, and of soft pairwise accuracy
    calibration_pairs: int = 2_000_000  # most pairs of outputs that acc_eq's epsilon is sought in
    coverage: float = 0.95
    alpha: float = 0.05
    most_disagreements: int = 100
    with_excluded: bool = False  # whether excluded annotators' ratings are taken in

    def rng(self, *names: str) -> np.random.Generator:
        """A stream of its own for each table, so that one table never shifts another."""
        return np.random.default_rng([self.seed, *(zlib.crc32(n.encode()) for n in names)])
