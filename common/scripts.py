"""Which scripts a text is written in, by its letters."""

import unicodedata
from collections import Counter
from functools import lru_cache

import regex

NAMES = {
    "Arab": "Arabic", "Armn": "Armenian", "Beng": "Bengali", "Cyrl": "Cyrillic",
    "Deva": "Devanagari", "Ethi": "Ethiopic", "Geor": "Georgian", "Grek": "Greek",
    "Gujr": "Gujarati", "Guru": "Gurmukhi", "Hang": "Hangul", "Hani": "Han", "Hebr": "Hebrew",
    "Hira": "Hiragana", "Kana": "Katakana", "Khmr": "Khmer", "Knda": "Kannada", "Laoo": "Lao",
    "Latn": "Latin", "Mlym": "Malayalam", "Mymr": "Myanmar", "Orya": "Oriya", "Sinh": "Sinhala",
    "Taml": "Tamil", "Telu": "Telugu", "Thai": "Thai", "Tibt": "Tibetan",
}  # fmt: skip
_PATTERNS = {code: regex.compile(rf"\p{{Script={name}}}") for code, name in NAMES.items()}
# Codes of the language registry that stand for several scripts.
_PARTS = {"Hans": ("Hani",), "Hant": ("Hani",), "Jpan": ("Hani", "Hira", "Kana"), "Kore": ("Hang",)}
OTHER = "Zyyy"


@lru_cache(maxsize=20_000)
def script_of(character: str) -> str:
    """ISO 15924 code of a character's script; Zyyy: of several scripts, or one not listed."""
    return next((code for code, p in _PATTERNS.items() if p.match(character)), OTHER)


def script_counts(text: str) -> Counter[str]:
    """How many letters and marks of each script (ISO 15924); Zyyy: of several, or one not listed.

    >>> script_counts("LoRA काय?")
    Counter({'Latn': 4, 'Deva': 3})
    """
    counts: Counter[str] = Counter()
    for character, n in Counter(text).items():
        if unicodedata.category(character)[0] in "LM":
            counts[script_of(character)] += n
    return counts


def share_in_script(counts: Counter[str], script: str) -> float:
    """Share of letters and marks in a script, 0-1; nan where there are no letters at all."""
    total = counts.total()
    wanted = _PARTS.get(script, (script,))
    return sum(counts[code] for code in wanted) / total if total else float("nan")
