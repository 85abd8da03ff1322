"""Causes and what explains them in the reader's language, from what tables keep in English."""

import json
from collections.abc import Sequence

from django.utils.translation import gettext, ngettext

from metrics.causes.words import spelled


def label_of(label: str | None) -> str:
    """A cause's label in the reader's language; "" stays empty."""
    return gettext(label) if label else ""


def sentences(kept: Sequence[str] | None, english: str = "") -> str:
    """Sentences that `words.kept` kept, translated; the English of an older release as it is."""
    if not kept or isinstance(kept, str):
        return kept or english
    return " ".join(_sentence(json.loads(one)) for one in kept)


def _sentence(said: dict) -> str:
    values = {
        name: [gettext(part) for part in value] if isinstance(value, list) else value
        for name, value in said["values"].items()
    }
    text, plural, n = said["text"], said["plural"], said["n"]
    return (ngettext(text, plural, n) if plural else gettext(text)) % spelled(values)
