"""Tell the person at the terminal what a study is doing, while it does it in this process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from studies.models import Study

EVERY = 1.0  # seconds between two looks


@contextmanager
def following(study: Study, say: Callable[[str], None]) -> Iterator[None]:
    """Within, each new message of the study is said once; not within a transaction."""
    if connection.in_atomic_block:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_follow, args=(study.pk, say, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=10)


def _follow(pk: int, say: Callable[[str], None], done: threading.Event) -> None:
    said = ""
    try:
        while not done.wait(EVERY):
            message = Study.objects.values_list("message", flat=True).get(pk=pk)
            if message and message != said:
                say(said := message)
    finally:
        connection.close()
