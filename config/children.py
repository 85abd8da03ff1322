"""What a worker starts: its beat is kept alive, and nothing outlives the worker."""

import logging
import os
import threading
import time
from typing import Any

from celery import bootsteps
from celery.signals import beat_embedded_init, worker_process_init
from celery.worker import state

log = logging.getLogger(__name__)

EVERY = 2.0  # seconds between two looks
STEP = "celery.worker.components.Beat"


class KeptBeat(bootsteps.StartStopStep):
    """Looks after the beat's process whenever the worker has a connection to its broker."""

    def start(self, consumer: Any) -> None:
        worker = consumer.controller
        self.watch = None
        if worker.beat is not None:
            self.watch = consumer.timer.call_repeatedly(EVERY, keep_beat, (worker,))

    def stop(self, consumer: Any) -> None:
        if self.watch is not None:
            self.watch.cancel()

    shutdown = stop


def keep_beat(worker: Any) -> None:
    """Start the beat of a worker again where its process ended before the worker's time."""
    is_stopping = state.should_stop is not None or state.should_terminate is not None
    if is_stopping or worker.beat.is_alive():
        return
    log.warning("the beat's process ended; it is started again")
    step = worker.blueprint[STEP]
    step.obj = step.create(worker)
    step.obj.start()


@beat_embedded_init.connect
@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """A killed worker cannot stop its children; one that stays keeps its memory and its locks.

    What a child was doing is queued again when its lease ends.
    """
    threading.Thread(target=_end_after, args=(os.getppid(),), daemon=True).start()


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY)
    os._exit(1)
