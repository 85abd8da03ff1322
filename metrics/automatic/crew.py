"""Statistics on all cores: helpers are processes of their own, results come in the order asked.

Not multiprocessing: a worker that is itself somebody's daemon may not have such children.
"""

import contextlib
import itertools
import logging
import os
import pickle
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from metrics.automatic.base import FloatArray, Metric, Pair

log = logging.getLogger(__name__)

MODELS = 100  # effort from which a metric is a model, which has the machine to itself
WORTHWHILE = 50_000  # effort of a whole job, in pairs of BLEU, that repays starting helpers
_ROOT = Path(__file__).resolve().parents[2]


def n_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Crew:
    """Helpers for one job, started when the first batch is worth it; leave it and they are gone.

    Parameters
    ----------
    effort : of the whole job, the sum of each pair's `Metric.effort`; models do not count
    n_helpers : as many as there are cores unless told; with fewer than two nobody is started
    """

    def __init__(self, effort: int, n_helpers: int | None = None) -> None:
        n_helpers = n_cores() if n_helpers is None else n_helpers
        self.n_helpers = n_helpers if n_helpers > 1 and effort >= WORTHWHILE else 0
        self.closed = False
        self._free: queue.SimpleQueue[_Helper] = queue.SimpleQueue()
        self._helpers: list[_Helper] = []
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closed = True
        for helper in self._helpers:
            helper.stop()
        if self._threads:
            self._threads.shutdown(cancel_futures=True)

    def statistics(self, metric: Metric, batches: Sequence[Sequence[Pair]]) -> Iterator[FloatArray]:
        """Statistics of each batch, in order; closing the iterator stops what has not begun."""
        alone = not self.n_helpers or metric.effort >= MODELS or len(batches) < 2
        if alone or not _travels(metric):
            yield from map(metric.statistics, batches)
            return
        threads = self._start()
        waiting: deque[Future[FloatArray]] = deque()
        rest: Iterable[Sequence[Pair]] = iter(batches)
        try:
            for batch in itertools.islice(rest, 2 * self.n_helpers):
                waiting.append(threads.submit(self._ask, metric, batch))
            while waiting:
                rows = waiting.popleft().result()
                for batch in itertools.islice(rest, 1):
                    waiting.append(threads.submit(self._ask, metric, batch))
                yield rows
        finally:
            for future in waiting:
                future.cancel()

    def _start(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.n_helpers)
            self._helpers = [_Helper() for _ in range(self.n_helpers)]
            for helper in self._helpers:
                self._free.put(helper)
        return self._threads

    def _ask(self, metric: Metric, batch: Sequence[Pair]) -> FloatArray:
        helper = self._free.get()
        try:
            rows = helper.statistics(metric, batch)
        finally:
            self._free.put(helper)
        if rows is None and not self.closed:
            return metric.statistics(batch)  # the helper died: here the reason can be seen
        return metric.statistics([]) if rows is None else rows


def _travels(metric: Metric) -> bool:
    try:
        pickle.dumps(metric)
    except (pickle.PicklingError, AttributeError, TypeError):  # a class within a function, say
        return False
    return True


class _Helper:
    """One process; it is given its metric once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "metrics.automatic.helper"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._metric: Metric | None = None

    def statistics(self, metric: Metric, batch: Sequence[Pair]) -> FloatArray | None:
        """The rows of a batch; None where the process is gone."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None or self._process.poll() is not None:
            return None
        new = None if metric is self._metric else metric
        self._metric = metric
        try:
            pickle.dump((new, list(batch)), stdin, pickle.HIGHEST_PROTOCOL)
            stdin.flush()
            rows: FloatArray = pickle.load(stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as problem:
            log.warning("a helper of %s is gone (%s)", metric.label, problem)
            self.stop()
            return None
        return rows

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what it has not read is lost with it
                    pipe.close()
