"""Who is at work: the person of the request, asked for only when an act is recorded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponseBase

Act = tuple[str, str, str]  # action, kind and id of its subject
_request: ContextVar[HttpRequest | None] = ContextVar("acting_request", default=None)
_recorded: ContextVar[dict[Act, int] | None] = ContextVar("acting_recorded", default=None)


def acting() -> Any:
    """The signed-in person of the request; None outside of one, where the site itself acts."""
    request = _request.get()
    return getattr(request, "user", None) if request is not None else None


@contextmanager
def acting_as(user: Any) -> Iterator[None]:
    """Within, what is recorded is this person's: a worker does what they asked for."""
    request = HttpRequest()
    request.user = user
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def recorded() -> dict[Act, int]:
    """The entries that this request has made so far; outside of requests none is remembered."""
    known = _recorded.get()
    return {} if known is None else known


def middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Keeps the request, not its person: a token of a program says only later who that is."""

    def remember(request: HttpRequest) -> HttpResponseBase:
        of_request, of_acts = _request.set(request), _recorded.set({})
        try:
            return get_response(request)
        finally:
            _request.reset(of_request)
            _recorded.reset(of_acts)

    return remember
