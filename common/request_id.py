"""The id of the request, or of the job, that is being worked on: in logs, answers and jobs."""

import re
import secrets
from contextvars import ContextVar

SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)

_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Empty outside of requests and jobs."""
    return _current.get()


def set_current(value: str) -> None:
    _current.set(value)


def new_or(given: str) -> str:
    """`given` where it is 8 to 64 plain characters, else a new one."""
    return given if SANE.fullmatch(given) else secrets.token_hex(12)
