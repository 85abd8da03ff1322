"""One output beside all that is known about it, and what every cause offers."""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar, NamedTuple

from rapidfuzz.distance import Indel

from common.languages import primary
from common.text import clusters
from metrics.causes.spelling import bare_tokens, folding, paired, unpaired

NAN = float("nan")
SHOWN = 5  # pieces of evidence in an explanation


class Finding(NamedTuple):
    """How strongly a cause is there, 0 (not at all) to 1, or nan where it cannot be known.

    `explanation` is one sentence, also for nan (the reason), as `words.Said`; "" for 0. `evidence`
    holds the words or characters concerned, as they stand in the texts. `extent` is the share of
    the text that is concerned, where the strength is a share of what differs: one word of ten that
    differs only in spelling is strength 1 and extent 0.1.
    """

    strength: float
    explanation: str = ""
    evidence: tuple[str, ...] = ()
    extent: float | None = None


NOTHING = Finding(0.0)


@dataclass(frozen=True)
class Case:
    """One output of a system for a segment; whatever is unknown is left out.

    Parameters
    ----------
    others : the other systems' outputs for the segment
    scores : raters' scores of this output, in the protocol's own unit
    typical_spread : standard deviation between raters that is usual in the campaign
    people, metrics : ranks among all outputs, 0 worst to 1 best, of people and of each metric
    entailment : probability that the reference entails the output, and that it is entailed by it
    similarity : of meaning, output and reference, 0-1, by an embedding model
    """

    output: str
    references: tuple[str, ...] = ()
    source: str = ""
    source_lang: str = ""
    target_lang: str = ""
    others: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    typical_spread: float = NAN
    people: float = NAN
    metrics: tuple[float, ...] = ()
    entailment: tuple[float, float] = (NAN, NAN)
    similarity: float = NAN

    @cached_property
    def language(self) -> str:
        """Of output and reference, without region: mr-IN is mr."""
        return primary(self.target_lang)

    @cached_property
    def reference(self) -> str:
        """The reference nearest to the output, letter by letter; "" without any."""
        if len(self.references) < 2:
            return self.references[0] if self.references else ""
        return max(self.references, key=lambda text: Indel.similarity(text, self.output))

    @cached_property
    def reference_words(self) -> tuple[str, ...]:
        """Between blanks, without punctuation at their ends; spelled as received."""
        return bare_tokens(self.reference)

    @cached_property
    def output_words(self) -> tuple[str, ...]:
        return bare_tokens(self.output)

    @cached_property
    def folded_reference(self) -> list[str]:
        """`reference_words` in one spelling."""
        return list(map(folding(self.language), self.reference_words))

    @cached_property
    def folded_output(self) -> list[str]:
        return list(map(folding(self.language), self.output_words))

    @cached_property
    def differing(self) -> tuple[Counter[str], Counter[str]]:
        """Words of the reference and of the output without a partner on the other side."""
        return unpaired(self.reference_words, self.output_words)

    @cached_property
    def n_differing(self) -> int:
        return sum(side.total() for side in self.differing)

    @cached_property
    def n_words(self) -> int:
        """Of both sides together."""
        return len(self.reference_words) + len(self.output_words)

    @cached_property
    def variants(self) -> list[tuple[str, str]]:
        """(reference's word, output's word) that differ only in a spelling both accept."""
        return paired(*self.differing, folding(self.language))

    @cached_property
    def really_differing(self) -> tuple[Counter[str], Counter[str]]:
        """`differing` in one spelling, without the variants."""
        return unpaired(self.folded_reference, self.folded_output)

    @cached_property
    def overlap(self) -> float:
        """F1 of the bags of words in one spelling, 0-1; 1 for two texts without any word."""
        total = len(self.folded_reference) + len(self.folded_output)
        missing, extra = self.really_differing
        return 1 - (missing.total() + extra.total()) / total if total else 1.0

    @cached_property
    def lengths(self) -> tuple[int, int]:
        """Characters a reader sees in output and reference, without blanks."""
        return n_seen(self.output), n_seen(self.reference)


class Cause(ABC):
    """Base of all causes.

    Class attributes
    ----------------
    label : what people call it
    about : one sentence on what the strength measures
    shown_from : strength from which an output is labelled with it
    rank : of two about equally strong causes the one with the lower rank is named
    from_scores : whether it looks at the scores themselves, so that it cannot explain them
    """

    label: ClassVar[str]
    about: ClassVar[str]
    shown_from: ClassVar[float] = 0.5
    rank: ClassVar[int] = 50
    from_scores: ClassVar[bool] = False

    @abstractmethod
    def find(self, case: Case) -> Finding:
        """What of this cause the case shows; never raises."""


@lru_cache(maxsize=10_000)
def n_seen(text: str) -> int:
    """Characters a reader sees, blanks left out."""
    packed = "".join(text.split())
    return len(packed) if packed.isascii() else len(clusters(packed))


def shown(pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    """The first few pairs as `reference's → output's`."""
    return tuple(f"{ours} → {theirs}" for ours, theirs in pairs[:SHOWN])


def listed(parts: tuple[str, ...] | list[str], n: int | None = None) -> str:
    """The first few, quoted, and how many more there are; the same in every language."""
    n = len(parts) if n is None else n
    more = f", … (+{n - SHOWN})" if n > SHOWN else ""
    return ", ".join(f"“{part}”" for part in parts[:SHOWN]) + more
