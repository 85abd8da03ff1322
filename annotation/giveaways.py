"""Habits by which one system's outputs could be told from all others'."""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

# (kind, pattern an output has or lacks, what the pattern means)
_HABITS = [
    ("unfinished", re.compile(r"[.!?।॥…:][\"'”’»)\]*\s]*\Z"), False, "stop without a full stop"),
    (
        "markup",
        re.compile(r"\*\*|^[^\S\n]*(?:[-*•]|\d+[.)]|#+)\s|`", re.M),
        True,
        "hold lists or markup",
    ),
    ("quoted", re.compile(r"\A\s*[\"“'‘«]"), True, "begin with a quotation mark"),
]
FEWEST_OUTPUTS = 10
FEWEST_POINTS = 0.3  # difference of shares
FEWEST_ERRORS = 4.0  # standard errors of that difference
LENGTH_RATIO = 3.0


def giveaways(outputs: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """(kind, system, sentence) for each habit that only one side of the systems has.

    A habit is compared with all other systems together; with fewer than ten outputs on a side
    nothing is said. Empty outputs are left out.
    """
    texts = {name: [t for t in rows if t.strip()] for name, rows in outputs.items()}
    for kind, pattern, is_habit, words in _HABITS:
        counts = {
            name: sum((pattern.search(text) is not None) is is_habit for text in rows)
            for name, rows in texts.items()
        }
        yield from _shares(kind, words, counts, {name: len(rows) for name, rows in texts.items()})
    yield from _lengths(texts)


def _shares(
    kind: str, words: str, counts: Mapping[str, int], sizes: Mapping[str, int]
) -> Iterator[tuple[str, str, str]]:
    total, size = sum(counts.values()), sum(sizes.values())
    for name, n in sizes.items():
        rest = size - n
        if min(n, rest) < FEWEST_OUTPUTS:
            continue
        mine, theirs = counts[name] / n, (total - counts[name]) / rest
        pooled = total / size
        error = (pooled * (1 - pooled) * (1 / n + 1 / rest)) ** 0.5
        if mine - theirs >= max(FEWEST_POINTS, FEWEST_ERRORS * error):
            sentence = f"{mine:.0%} of its outputs {words}; of the other systems', {theirs:.0%}"
            yield kind, name, sentence


def _lengths(texts: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """The system whose median length is over three times the next one's, or under a third.

    Of two systems only the longer is named.
    """
    typical = {
        name: median(map(len, rows)) for name, rows in texts.items() if len(rows) >= FEWEST_OUTPUTS
    }
    for name, mine in typical.items():
        others = [length for other, length in typical.items() if other != name]
        if not others:
            continue
        if mine > LENGTH_RATIO * max(others):
            much, theirs = "longer", max(others)
        elif LENGTH_RATIO * mine < min(others) and len(others) > 1:
            much, theirs = "shorter", min(others)
        else:
            continue
        yield (
            "length",
            name,
            f"its outputs are much {much}: typically {mine:g} characters; the system next to it "
            f"in length, {theirs:g}",
        )
