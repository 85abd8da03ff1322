"""How much of a text repeats what stands before it, as a model that loops writes."""

import re

FEWEST_WORDS = 8  # in fewer, a word that comes twice is no loop
_LONG_RUN = 40  # characters without a space
_LOOP_IN_RUN = re.compile(r"(.{1,12}?)\1{7,}", re.DOTALL)


def repeated_share(text: str) -> float:
    """Share of a text that repeats itself, 0-1: of its three-word runs, those that were there
    before, or of its letters, those in one long word that repeats a piece at least eight times.
    """
    parts = text.split()
    if not parts:
        return 0.0
    share = 0.0
    if len(parts) >= FEWEST_WORDS:
        runs = list(zip(parts, parts[1:], parts[2:], strict=False))
        share = 1 - len(set(runs)) / len(runs)
    longest = max(parts, key=len)
    if len(longest) > _LONG_RUN and (match := _LOOP_IN_RUN.search(longest)):
        share = max(share, len(match[0]) / sum(map(len, parts)))
    return share
