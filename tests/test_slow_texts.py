"""Texts on which a careless pattern takes minutes are read like any other.

None of it is timed: where the work grows with the square of the length, the test does not end.
"""

from collections.abc import Callable

import pytest

from annotation.giveaways import giveaways
from annotation.guidelines import as_html
from annotation.interchange.marked import find_mark
from common.artefacts import artefacts
from common.text import visible
from config.redacting import redact
from metrics.analyses.style import style
from metrics.automatic.doctor.danda import Danda
from metrics.automatic.normalize import normalizer
from metrics.causes import spelling

N = 20_000
READERS: dict[str, Callable[[str], object]] = {
    "hidden characters": visible,
    "log lines": redact,
    "artefacts": lambda text: artefacts(text, "mr"),
    "habits": lambda text: list(giveaways({"a": [text] * 10, "b": ["x"] * 10})),
    "guidelines": as_html,
    "marks": find_mark,
    "styles": style,
    "dandas": Danda().variant,
    "spaces before dandas": normalizer("devanagari"),
    "bare words": lambda text: spelling._OUTER.sub("", text),
}
TEXTS = {
    "letters": "a" * N, "a tag": "<" + "a" * N, "words": "a." * N, "spaces": " " * N + "x",
    "lines": "\n" * N + "x", "marks": "<v>" * N, "stars": "**a " * N, "brackets": "[" * N,
    "points": "!" * N + "a", "names": "_a_b" * N, "addresses": "http://" * (N // 10),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_comes_to_an_end(reader):
    for text in TEXTS.values():
        READERS[reader](text)
