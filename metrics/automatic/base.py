"""What every automatic metric offers: one row of statistics per segment, a score, a signature.

A row of statistics is enough to score any selection of segments: sum the chosen rows (with
repeats, in a bootstrap) and ask for the score of the sum. Texts are never compared twice.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.errors import BadInput
from metrics.automatic.normalize import normalizer

FloatArray = NDArray[np.float64]
EVERY_CHECK = frozenset({"*"})  # for `Metric.exempt`


class Pair(NamedTuple):
    """One output beside what it is compared with."""

    source: str
    hypothesis: str
    references: Sequence[str] = ()
    source_lang: str = ""
    label: str = ""  # the gold class, where a segment has one apart from its references
    target_lang: str = ""


class Metric(ABC):
    """Base of all metrics. A subclass computes `row` and `score_sums`; options are keywords.

    Class attributes
    ----------------
    name : registry name;  label : what people call it;  unit : unit and range, in words
    minimum, maximum : ends of the range (maximum may be inf)
    best : the score of a text compared with itself; None where that is a model's opinion
    effort : time of a pair, roughly, where a pair of BLEU takes 1; from 100 on, a model
    exempt : names of the doctor's checks that say nothing about this metric
    """

    name: ClassVar[str]
    label: ClassVar[str]
    unit: ClassVar[str]
    minimum: ClassVar[float] = 0.0
    maximum: ClassVar[float] = 100.0
    best: ClassVar[float | None] = 100.0
    needs_reference: bool = True  # an option may change it (NLI from the source)
    higher_is_better: ClassVar[bool] = True
    n_columns: ClassVar[int] = 2
    effort: ClassVar[int] = 1
    exempt: ClassVar[frozenset[str]] = frozenset()
    recipe: ClassVar[int] = 1  # raised whenever our own arithmetic would give another number

    def __init__(self, *, normalize: str = "none") -> None:
        self.normalize = normalize
        self.clean = normalizer(normalize)
        self.n_references = "1"

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        """(n_segments, k) sufficient statistics, rows in the order of `pairs`.

        Also notes the number of references for `signature()`.

        Raises
        ------
        BadInput : a pair has no reference and the metric needs one
        """
        self.check(pairs)
        rows = [self.row(pair) for pair in pairs]
        return np.array(rows, dtype=np.float64).reshape(len(pairs), -1 if rows else self.n_columns)

    @classmethod
    def fits(cls, n_columns: int) -> bool:
        """Whether a row of so many statistics can be one of this metric's."""
        return n_columns == cls.n_columns

    def ready(self) -> None:  # noqa: B027
        """Raise a NikashError where a model or program it needs is missing; loads nothing."""

    def retokenized(self) -> Iterator[tuple[str, "Metric"]]:
        """The same metric under other tokenizers, each with the option to give: for the doctor."""
        yield from ()

    def row(self, pair: Pair) -> Sequence[float]:
        """The statistics of one segment, k numbers."""
        raise NotImplementedError(f"{type(self).__name__} computes its statistics in batches")

    @abstractmethod
    def score_sums(self, sums: FloatArray) -> FloatArray:
        """(b,) corpus scores of b selections, given the (b, k) sums of their rows.

        For a bootstrap: `metric.score_sums(counts @ statistics)`, counts (b, n_segments).
        """

    def score(self, statistics: FloatArray) -> float:
        """Corpus score of the segments whose rows are given; nan when there are none."""
        if len(statistics) == 0:
            return math.nan
        return float(self.score_sums(np.sum(statistics, axis=0, keepdims=True))[0])

    def segment_scores(self, statistics: FloatArray) -> FloatArray:
        """(n_segments,) score of each segment by itself."""
        return self.score_sums(statistics)

    @abstractmethod
    def signature(self) -> str:
        """Library, version and options as `key:value|key:value`; call after `statistics`."""

    def segment_signature(self) -> str:
        """Signature of `segment_scores`, where it differs from that of `score`."""
        return self.signature()

    def check(self, pairs: Sequence[Pair]) -> None:
        """Note the number of references ("var" if it varies); refuse pairs without any."""
        if not self.needs_reference:
            return
        for position, pair in enumerate(pairs, start=1):
            if not pair.references:
                raise BadInput(
                    f"segment {position} of {len(pairs)} has no reference; "
                    f"{self.label} needs at least one reference for every segment"
                )
        counts = {len(pair.references) for pair in pairs}
        if counts:
            self.n_references = str(counts.pop()) if len(counts) == 1 else "var"

    def signed(self, **parts: object) -> str:
        """Our own signature: number of references, the parts, normalisation and recipe."""
        nrefs = {"nrefs": self.n_references} if self.needs_reference else {}
        whole = {**nrefs, **parts, "norm": self.normalize, "version": f"nikash.{self.recipe}"}
        return "|".join(f"{key}:{value}" for key, value in whole.items())


class MeanMetric(Metric):
    """A metric whose corpus score is the mean of its segment scores; rows are (value, 1)."""

    maximum = 1.0
    best: ClassVar[float | None] = 1.0

    def row(self, pair: Pair) -> Sequence[float]:
        return (max(self.compare(pair.hypothesis, ref) for ref in pair.references), 1.0)

    def compare(self, hypothesis: str, reference: str) -> float:
        """Score of one output against one reference; the best reference counts."""
        raise NotImplementedError

    def score_sums(self, sums: FloatArray) -> FloatArray:
        return ratio(sums[:, 0], sums[:, 1])


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Elementwise division; nan, quietly, where the denominator is 0."""
    result: FloatArray = np.full(np.shape(denominator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def choose(value: str, known: Sequence[str], *, option: str, metric: str, hint: str = "") -> str:
    """`value` if it is known; otherwise BadInput, naming the choices and the hint."""
    if value not in known:
        raise BadInput(
            f"{metric} has no {option} called {value!r}; write one of {', '.join(known)}"
            + (f", {hint}" if hint else "")
        )
    return value
