"""Outputs that were selected in a report's figures, as an address names them.

A pick reads `SYSTEM*DOMAIN*KEY*KEY`: an output is picked that agrees with every part that is not
empty, the keys being those of segments. A `*` or `%` inside a part is percent-encoded. What no
output has picks nothing, so that an address never shows more than was selected.
"""

from collections.abc import Sequence
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

SEPARATOR = "*"
MOST_PICKS = 200
MOST_CHARACTERS = 8000  # of a pick


def picks_from(texts: Sequence[str]) -> tuple[str, ...]:
    """Each pick once, in their order; those that name nothing are left out."""
    named = [text for text in texts if text.strip(SEPARATOR) and len(text) <= MOST_CHARACTERS]
    return tuple(dict.fromkeys(named))[:MOST_PICKS]


def picked(
    picks: Sequence[str],
    *,
    system: NDArray[np.int64],
    systems: Sequence[str],
    domain: NDArray[np.int64],
    domains: Sequence[str],
    keys: Sequence[str],
) -> NDArray[np.bool_]:
    """(n,) whether an output is one of any pick.

    system, domain : (n,) positions in `systems` and `domains`;  keys : (n,) of the segments
    """
    found = np.zeros(len(keys), dtype=bool)
    for pick in picks:
        in_system, in_domain, *wanted = [unquote(part) for part in pick.split(SEPARATOR)] + [""]
        rows = _named(system, systems, in_system) & _named(domain, domains, in_domain)
        if segments := {key for key in wanted if key}:
            rows &= np.fromiter((key in segments for key in keys), dtype=bool, count=len(keys))
        found |= rows
    return found


def _named(codes: NDArray[np.int64], names: Sequence[str], wanted: str) -> NDArray[np.bool_]:
    if not wanted:
        return np.ones(len(codes), dtype=bool)
    return codes == (names.index(wanted) if wanted in names else -2)
