"""Ending an answer as a server does, within a test's own transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

SIGNALS = (request_started, request_finished)


@contextmanager
def connection_kept() -> Iterator[None]:
    """Within, no request ends the connection on which the test's transaction is open."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in SIGNALS:
            signal.connect(close_old_connections)


def close(response: Any) -> None:
    """Close the files and generators of a response; one that is no stream is closed already."""
    if getattr(response, "streaming", False):
        with connection_kept():
            response.close()
