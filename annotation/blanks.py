"""A page's part that many readers get, rendered once: what differs is put in afterwards.

A template is rendered with a mark in each place that differs; the marks are then replaced, all at
once, by values that are escaped already. Marks are drawn anew by every process, and values are
never searched for marks, so that no text can pose as one.
"""

import re
import secrets
import string
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

T = TypeVar("T")
MOST_KEPT = 200
KEPT_SECONDS = 60  # a guideline or a scale may be worded anew meanwhile
_MARK = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
_FIND = re.compile(f"{_MARK}([a-z]+){_MARK.upper()}")


class Blank:
    """The values of one rendering, and the marks that stand for them."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def put(self, value: object) -> SafeString:
        """A mark to render in place of the value; it holds letters only."""
        name = "".join(chr(97 + int(digit)) for digit in str(len(self.values)))
        self.values[name] = conditional_escape(value)
        return mark_safe(_MARK + name + _MARK.upper())


class Kept(Generic[T]):
    """What was made for a key, those asked for last; each for a minute."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        now = time.monotonic()
        with self._lock:
            if key in self._kept and now - self._kept[key][0] < KEPT_SECONDS:
                self._kept.move_to_end(key)
                return self._kept[key][1]
        made = make()
        with self._lock:
            self._kept[key] = now, made
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


class Blanks:
    """Renderings, kept for a minute."""

    def __init__(self) -> None:
        self._kept: Kept[list[str]] = Kept()

    def fill(self, key: Hashable, blank: Blank, render: Callable[[], str]) -> SafeString:
        """The rendering with this blank's values; `render` is called where none is kept.

        key : all that the rendering depends on, but for the values put into the blank
        """
        parts = list(self._kept.get(key, lambda: _FIND.split(render())))
        parts[1::2] = [blank.values[name] for name in parts[1::2]]
        return mark_safe("".join(parts))
