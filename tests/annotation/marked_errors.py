"""Errors for the tests of MQM and ESA, in an English source and a text of two scripts."""

from typing import Any

from annotation.protocols.base import Texts

SOURCE = "The dog ran, twice."
TARGET = "कुत्रा क्षणात धावला 👩🏽‍🔬 agus ba\u0301n"


def error(quoted: str = "dog", *, side: str = "source", **fields: Any) -> dict[str, Any]:
    """A minor awkward place that quotes the first such words of its text."""
    start = {"source": SOURCE, "target": TARGET}[side].index(quoted)
    place = {"side": side, "start": start, "end": start + len(quoted), "quoted": quoted}
    return {**place, "category": "Style/Awkward", "severity": "minor", "note": "", **fields}


def target(quoted: str, **fields: Any) -> dict[str, Any]:
    return error(quoted, side="target", **fields)


def caret(at: int, side: str = "target", **fields: Any) -> dict[str, Any]:
    return error("", side=side, **{"start": at, "end": at, **fields})


def answer(*errors: Any, **more: Any) -> dict[str, Any]:
    return {"outputs": {"0": {"errors": list(errors), **more}}}


def placed(protocol: Any, *errors: Any) -> list[dict[str, Any]]:
    """The errors as they are stored."""
    checked = protocol.check_answer(answer(*errors), 1).answer
    stored = protocol.check_places(checked, Texts(SOURCE, [TARGET]))
    return stored["outputs"]["0"]["errors"]
