"""What a kind of damage decides, and the edits all kinds are made of."""

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import regex

from annotation.spans import Span, unit_bounds, word_spans
from common.languages import primary
from common.text import clusters, fold_marathi_variants

SEVERITIES = ("minor", "major", "critical")
SHOWN = 60  # characters of a changed place in a description
_LETTER_OR_DIGIT = regex.compile(r"[\p{L}\p{N}]")


class Damaged(NamedTuple):
    """A damaged text and where its damage is.

    `spans` are [start, end) in code points of `text`, in order, on whole characters; an empty one
    stands where something was left out.  `severity` is that of the damage done.
    """

    text: str
    spans: list[Span]
    description: str
    severity: str
    kind: str = ""


class Edit(NamedTuple):
    """Code points [start, end) of the sound text become `new`."""

    start: int
    end: int
    new: str


class Plan(NamedTuple):
    edits: list[Edit]
    severity: str


class Damage(ABC):
    """One kind of damage; `languages` without a member fits every language."""

    label: ClassVar[Any]
    languages: ClassVar[frozenset[str]] = frozenset()
    severities: ClassVar[tuple[str, ...]] = SEVERITIES

    def applies(self, text: str, source: str, language: str) -> bool:
        """Whether the text has something of this kind to damage; costs no random number."""
        known = not self.languages or primary(language) in self.languages
        return known and self.fits(text, source, primary(language))

    def damage(
        self,
        text: str,
        *,
        strength: float,
        rng: random.Random,
        source: str = "",
        others: Sequence[str] = (),
    ) -> Damaged | None:
        """The text damaged; None where this kind cannot change what a reader sees."""
        severity_at(strength)
        plan = self.plan(text, strength, rng, source, others)
        done = apply_edits(text, plan.edits) if plan else None
        if plan is None or done is None:
            return None
        return Damaged(*done, _describe(text, plan.edits), plan.severity)

    @abstractmethod
    def fits(self, text: str, source: str, language: str) -> bool: ...

    @abstractmethod
    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None: ...


class WordDamage(Damage):
    """Damage that misspells single words: one is minor, several are major."""

    severities = ("minor", "major")

    @abstractmethod
    def wrong_forms(self, word: str) -> list[str]:
        """Ways to get the word wrong; none where it has nothing of the kind."""

    def other_forms(self, word: str, before: str) -> list[str]:
        """Second choice, where a text has too few words with `wrong_forms`.

        `before` is the word before, "" for the first.
        """
        return []

    def fits(self, text: str, source: str, language: str) -> bool:
        found = [text[start:end] for start, end in words_in(text)]
        return any(
            self.wrong_forms(word) or self.other_forms(word, before)
            for before, word in zip(["", *found], found, strict=False)
        )

    def plan(
        self, text: str, strength: float, rng: random.Random, source: str, others: Sequence[str]
    ) -> Plan | None:
        first: list[Edit] = []
        second: list[Edit] = []
        before = ""
        for start, end in words_in(text):
            word = text[start:end]
            if forms := self.wrong_forms(word):
                first.append(Edit(start, end, rng.choice(forms)))
            elif forms := self.other_forms(word, before):
                second.append(Edit(start, end, rng.choice(forms)))
            before = word
        rng.shuffle(first)
        rng.shuffle(second)
        edits = first + second
        edits = edits[: how_many(strength, len(edits))]
        return Plan(sorted(edits), "major" if len(edits) > 1 else "minor")


def severity_at(strength: float) -> str:
    """minor below 1/3, major below 2/3, else critical; ValueError outside 0-1."""
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie between 0 and 1, not {strength}")
    return SEVERITIES[min(2, int(strength * 3))]


def how_many(strength: float, n: int) -> int:
    """How many of `n` places to damage: one if minor, else a share of them and at least two."""
    if severity_at(strength) == "minor":
        return min(1, n)
    return min(n, max(2, math.ceil(strength * n)))


def words_in(text: str) -> list[Span]:
    """[start, end) of the words, without signs and punctuation; no character is cut."""
    return [(a, b) for a, b in word_spans(text) if _LETTER_OR_DIGIT.search(text, a, b)]


def seen(text: str) -> str:
    """What a reader can tell apart: one spelling, one kind of blank."""
    return " ".join(fold_marathi_variants(text).split())


def apply_edits(text: str, edits: Sequence[Edit]) -> tuple[str, list[Span]] | None:
    """The new text and where it is new; None if no reader sees it or a character would be cut.

    Edits come in order and do not overlap.  Spans leave out the blanks at their ends.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    length = done = 0
    for edit in edits:
        pieces += [text[done : edit.start], edit.new]
        length += edit.start - done
        blank = len(edit.new) - len(edit.new.lstrip())
        span = length + blank, length + max(blank, len(edit.new.rstrip()))
        if span not in spans:
            spans.append(span)
        length += len(edit.new)
        done = edit.end
    new = "".join([*pieces, text[done:]])
    old_bounds, new_bounds = set(unit_bounds(text)), set(unit_bounds(new))
    whole = all({edit.start, edit.end} <= old_bounds for edit in edits)
    whole = whole and all(set(span) <= new_bounds for span in spans)
    return (new, spans) if edits and whole and seen(new) != seen(text) else None


def _describe(text: str, edits: Sequence[Edit]) -> str:
    return "; ".join(_change(text[edit.start : edit.end], edit.new) for edit in edits)


def _change(old: str, new: str) -> str:
    old, new = (shorten(part.strip(), SHOWN) for part in (old, new))
    if not new:
        return f"left out: {old}"
    return f"{old} → {new}" if old else f"added: {new}"


def shorten(text: str, n: int) -> str:
    """The first `n` characters a reader sees, with an ellipsis if there are more."""
    whole = clusters(text)
    return text if len(whole) <= n else "".join(whole[:n]) + "…"
