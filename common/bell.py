"""Ringing a worker's bell through the broker, which may be away: then a row waits, not a person."""

import logging
import time
from typing import Any

from kombu.exceptions import KombuError

log = logging.getLogger(__name__)

REST = 2.0  # seconds after a refusal in which the broker is not asked again

_away_since: float | None = None
_asked_at = 0.0


def ring(task: Any, *arguments: Any) -> bool:
    """Send the task; False where the broker does not take it. Logged once for each absence."""
    global _away_since, _asked_at
    now = time.monotonic()
    if _away_since is not None and now - _asked_at < REST:
        return False
    _asked_at = now
    try:
        task.delay(*arguments)
    except Exception as problem:
        if not isinstance(problem, _refusals(task)):
            raise
        _asked_at = time.monotonic()
        if _away_since is None:
            _away_since = now
            log.warning("the broker takes no messages (%s); jobs wait in the database", problem)
        return False
    if _away_since is not None:
        log.warning("the broker is back after %.0f s", time.monotonic() - _away_since)
        _away_since = None
    return True


def _refusals(task: Any) -> tuple[type[BaseException], ...]:
    connection = task.app.connection_for_write()
    return (KombuError, OSError, *connection.connection_errors, *connection.channel_errors)
