"""A trial at work looks whether its sweep goes on, and a search looks at its curve."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

from models_app import jobs
from models_app.jobs import Progress
from models_app.models import TrainingRun

Look = Callable[[TrainingRun], None]
Work = Callable[[TrainingRun, Progress], None]
_look: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def looking(look: Look) -> Iterator[None]:
    """Within, `look(run)` is called while a trial trains here; it may raise Cancelled."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


def watched(work: Work) -> Work:
    """Decorator for the training job's work."""

    @wraps(work)
    def with_eyes(run: TrainingRun, progress: Progress) -> None:
        look = _look.get()
        work(run, progress if look is None else WatchedProgress(run, progress, look))

    return with_eyes


class WatchedProgress(Progress):
    """The trial's own progress, and a look at most every half second and at each evaluation."""

    def __init__(self, run: TrainingRun, own: Progress, look: Look) -> None:
        self._run, self._own, self._look = run, own, look
        self._looked_at = 0.0

    def total(self, n: int, done: int = 0) -> None:
        self._own.total(n, done)
        self._look_now()

    def advance(self, n: int = 1) -> None:
        self._own.advance(n)
        if time.monotonic() - self._looked_at >= jobs.WRITE_EVERY:
            self._look_now()

    def say(self, text: str) -> None:
        self._own.say(text)
        self._look_now()

    def stop_if_cancelled(self) -> None:
        self._own.stop_if_cancelled()
        self._look_now()

    def _look_now(self) -> None:
        self._looked_at = time.monotonic()
        self._look(self._run)
