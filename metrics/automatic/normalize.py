"""Text normalisation before scoring: a named, signed option; stored text never changes."""

import re
from collections.abc import Callable

from common.errors import BadInput
from common.text import fold_marathi_variants, nfc, straight_apostrophes

_DANDA = re.compile(r"(?<!\s)\s*([।॥])")


def _irish(text: str) -> str:
    return straight_apostrophes(nfc(text))


def _devanagari(text: str) -> str:
    return _DANDA.sub(r" \1", fold_marathi_variants(text))


NORMALIZERS: dict[str, Callable[[str], str]] = {
    "none": str,  # exactly as received: comparable with published sacreBLEU numbers
    "nfc": nfc,  # one spelling for nukta letters and for fada vowels
    "marathi": fold_marathi_variants,  # nfc, one eyelash ra, no joiners
    "devanagari": _devanagari,  # the same, and a space before each danda
    "irish": _irish,  # nfc, typographic apostrophe as the plain one
}


def normalizer(name: str) -> Callable[[str], str]:
    """The function called `name`; BadInput, naming the known ones, if there is none."""
    try:
        return NORMALIZERS[name]
    except KeyError:
        known = ", ".join(NORMALIZERS)
        raise BadInput(f"no normalisation called {name!r}; write one of {known}") from None
