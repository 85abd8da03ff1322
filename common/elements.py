"""A long list in JSON, element by element: only one of them is in memory."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from common.records import STRICT, check_text

READ = 64 * 1024  # bytes, or twice what an unfinished element has
MAY_GO_ON = ("", *".eE+-")  # a number that was cut


class NoList(ValueError):
    """The file is no list in strict JSON; reading it whole tells why."""


def elements(stream: BinaryIO, most: int) -> Iterator[Any]:
    """What a list in UTF-8 JSON holds, as strict as common.records.checked_json.

    Raises NoList where the file is anything else, or has more than `most` bytes.
    """
    text = _Text(stream, most)
    if not text.takes("["):
        raise NoList
    if not text.takes("]"):
        yield text.value()
        while text.takes(","):
            yield text.value()
        if not text.takes("]"):
            raise NoList
    if text.next_sign():
        raise NoList


class _Text:
    """The part of a file that is being read."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream, self._left = stream, most
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder(**STRICT).raw_decode
        self._text = ""
        self.at = 0

    def next_sign(self) -> str:
        """The next character that is no blank, where reading stands then; empty at the end."""
        while True:
            while self.at < len(self._text):
                if (sign := self._text[self.at]) not in " \t\n\r":
                    return sign
                self.at += 1
            if not self._more():
                return ""

    def takes(self, sign: str) -> bool:
        """Whether this character is the next, which then is read."""
        found = self.next_sign() == sign
        self.at += found
        return found

    def value(self) -> Any:
        self.next_sign()
        while True:
            try:
                value, end = self._scan(self._text, self.at)
            except ValueError as problem:
                if not self._more():
                    raise NoList from problem
            except RecursionError as problem:
                raise NoList from problem
            else:
                if self._text[end : end + 1] not in MAY_GO_ON or not self._more():
                    self.at = end
                    return self._checked(value)

    def _checked(self, value: Any) -> Any:
        try:
            check_text(value, "a text", 1)
        except (ValueError, RecursionError) as problem:
            raise NoList from problem
        return value

    def _more(self) -> bool:
        data = self._stream.read(max(READ, 2 * (len(self._text) - self.at)))
        self._left -= len(data)
        try:
            more = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as problem:
            raise NoList from problem
        if self._left < 0 or "\0" in more:
            raise NoList
        self._text, self.at = self._text[self.at :] + more, 0
        return bool(data)
