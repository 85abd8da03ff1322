"""Options of a metric as typed: words from a terminal become what the metric expects."""

import inspect
from collections.abc import Mapping
from typing import Any

from common.errors import BadInput
from metrics.automatic import Metric

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def typed(kind: type[Metric], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with words read by the type of each one's usual value.

    yes or no, a whole number, or a list with commas; BadInput where a word is none of it. An
    option the metric does not have stays as it is.
    """
    usual = {name: p.default for name, p in inspect.signature(kind).parameters.items()}
    return {
        name: _read(f"{kind.name}.{name}", value, usual.get(name))
        if isinstance(value, str)
        else value
        for name, value in options.items()
    }


def _read(name: str, word: str, usual: Any) -> Any:
    if isinstance(usual, bool):
        if word.lower() not in YES_NO:
            raise BadInput(f"{name} cannot be {word!r}; write yes or no")
        return YES_NO[word.lower()]
    if isinstance(usual, int):
        try:
            return int(word)
        except ValueError:
            raise BadInput(f"{name} cannot be {word!r}; write a whole number") from None
    if isinstance(usual, tuple):
        return [part.strip() for part in word.split(",") if part.strip()]
    return word
