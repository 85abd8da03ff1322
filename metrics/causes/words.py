"""Sentences in English that can be said in other languages later.

The functions bear the names of Django's, so that what gathers texts for translation finds these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Value = str | int | Sequence[str]  # a sequence holds texts that are translated themselves


class Said(str):
    """The sentence as a text in English, with what it was made from.

    `text` and `plural` have places such as %(word)s for `values`; `n` chooses between the two.
    """

    text: str
    plural: str
    n: int
    values: Mapping[str, Value]

    def __new__(cls, text: str, plural: str, n: int, values: Mapping[str, Value]) -> Said:
        made = super().__new__(cls, (plural if plural and n != 1 else text) % spelled(values))
        made.text, made.plural, made.n, made.values = text, plural, n, values
        return made


def kept(sentence: str) -> str:
    """What a sentence was made from as JSON, for a table; a plain text is its own."""
    said = sentence if isinstance(sentence, Said) else Said("%(text)s", "", 0, {"text": sentence})
    parts = {"text": said.text, "plural": said.plural, "n": said.n, "values": said.values}
    return json.dumps(parts, ensure_ascii=False)


def english(sentences: Sequence[str]) -> str:
    """What `kept` kept of some sentences, as it was; a table of an older release has them so."""
    if isinstance(sentences, str):
        return sentences
    parts = [json.loads(one) for one in sentences]
    return " ".join(Said(**part) for part in parts)


def spelled(values: Mapping[str, Value]) -> dict[str, str | int]:
    """Sequences as one text, with commas."""
    return {
        name: value if isinstance(value, str | int) else ", ".join(value)
        for name, value in values.items()
    }


def gettext(text: str, **values: Value) -> Said:
    return Said(text, "", 0, values)


def ngettext(text: str, plural: str, n: int, **values: Value) -> Said:
    return Said(text, plural, n, {**values, "n": n})


def gettext_noop(text: str) -> str:
    return text
