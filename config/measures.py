"""Numbers of this site for Prometheus: what each process counts, and what the database knows.

Labels are names of views, kinds of jobs, states and queues, so their number is bounded.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

# Each web process writes a file of its own, named after its slot and read by all.
SHARED = "WEB_SLOT" in os.environ and "PROMETHEUS_MULTIPROC_DIR" in os.environ
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@cache
def _requests() -> Any:
    """Made when first used: workers and commands count no requests."""
    from prometheus_client import CollectorRegistry, Histogram, values

    if SHARED:
        values.ValueClass = values.MultiProcessValue(lambda: os.environ["WEB_SLOT"])
    return Histogram(
        "nikash_request_seconds",
        "Seconds from a request's arrival to its answer.",
        ["view", "method", "status"],
        buckets=BUCKETS,
        registry=None if SHARED else CollectorRegistry(),
    )


@cache
def _series(view: str, method: str, status: int) -> Any:
    return _requests().labels(view, method, str(status))


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    _series(view, method if method in METHODS else "other", status).observe(seconds)


def exposition() -> bytes:
    """Everything in Prometheus's text format."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    from config.measures_database import Site

    registry = CollectorRegistry()
    if SHARED:
        MultiProcessCollector(registry)
    else:
        registry.register(_Own())
    registry.register(Site())
    return generate_latest(registry)


class _Own:
    def collect(self) -> Iterator[Any]:
        yield from _requests().collect()
