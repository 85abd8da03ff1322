"""The table that drives annotation/spans.py and static/js/spans.js, and characters to try.

A text is given as its units; its words are spans found one after another.
"""

import json
from pathlib import Path
from typing import Any

_TABLE = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
CALLS: list[dict[str, Any]] = _TABLE["calls"]
TEXTS: list[dict[str, Any]] = _TABLE["texts"]

TROUBLESOME = (
    [chr(code) for code in b"aZ15#*'-. ,\t\r\n\0"]
    + list("कषरयतऱ\u0958अॐऽ।ािुंः\u093c\u0951\u094d\u094d\u094d\u0902")
    + list("ক্ষয\u09be\u09d7ਕ੍ਰક્ଷ୍க்ஷஸ்ரீక్ಕ್ഷ്ൎ൏ක්ෂ")
    + list("က္ၵ်ក្ខᬓ᭄ᮊ᮫\ua9c0ꦏ\U00011107\U00011133𑤌𑤾")
    + list("\u200b\u200c\u200d\u200d\u200e\u200f\u2060\u00ad\ufeff\u00a0\u2028\u0085\ufe0f\ufe0e")
    + list("é\u0301\u0323\u0308’\u2011—…€ßﬁ")
    + list("مُّ\u0600\u06dd،שׁ\u0e17\u0e35\u0e48\u0e33\u0eb3\u0f40\u0f90")
    + list("我𠮷。かー\u3099ドｰﾞ\u1100\u1161\u11a8각가\U000e0100")
    + list("👩👩🏽🏾🚀❤♂©ℹ🏴\U000e0067\U000e007f\u20e3🇮🇪🇳𝒜\ud83d\ude00")
)


def text_of(case: dict[str, Any]) -> str:
    return "".join(case["units"])


def bounds_of(case: dict[str, Any]) -> list[int]:
    bounds = [0]
    for unit in case["units"]:
        bounds.append(bounds[-1] + len(unit))
    return bounds


def words_of(case: dict[str, Any]) -> list[list[int]]:
    text, end, spans = text_of(case), 0, []
    for word in case["words"]:
        start = text.index(word, end)
        end = start + len(word)
        spans.append([start, end])
    return spans


def without_pairs(text: str) -> str:
    """Two surrogates side by side as the one character that a browser takes them for."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
