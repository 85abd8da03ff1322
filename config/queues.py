"""Which queue each task waits in, and who goes first there.

A person who waits at a page goes before bulk work. Queues and their order exist on Redis and
RabbitMQ; the embedded broker keeps the queues apart, and within one first come is first served.
"""

from fnmatch import fnmatch
from typing import Any

from django.conf import settings
from kombu import Exchange, Queue

from models_app.playground.limits import QUEUE as PLAYGROUND

SCORING, GENERATION, TRAINING, DEFAULT = "scoring", "generation", "training", "default"
HOUSEKEEPING = "housekeeping"
JOBS = (SCORING, GENERATION, TRAINING, DEFAULT)
ALL = (*JOBS, HOUSEKEEPING, PLAYGROUND)
HIGHEST = 9

# queue, and how soon within it: 0 somebody waits at a page, 1 as usual, 2 bulk
PLACES = {
    "models_app.playground.*": (PLAYGROUND, 0),
    "models_app.generation.*": (GENERATION, 1),
    "models_app.corpora.translating.*": (GENERATION, 2),
    "models_app.training.*": (TRAINING, 1),
    "models_app.tasks.publish_training": (TRAINING, 0),
    "models_app.sweeps.*": (TRAINING, 2),
    "models_app.benchmarks.*": (TRAINING, 2),
    "studies.*": (TRAINING, 2),
    "metrics.tasks.make_report": (SCORING, 0),
    "metrics.packages.*": (SCORING, 0),
    "metrics.tasks.score_outputs": (SCORING, 1),
    "metrics.judge.*": (SCORING, 2),
    "accounts.*": (HOUSEKEEPING, 0),
    "models_app.tasks.requeue_lost_jobs": (HOUSEKEEPING, 0),
    "annotation.tasks.expire_leases": (HOUSEKEEPING, 0),
    "config.tasks.*": (HOUSEKEEPING, 1),
}


def priority(broker_url: str, place: int) -> int:
    """The broker's own number: on Redis the smallest goes first, on RabbitMQ the largest."""
    is_redis = broker_url.startswith(("redis", "sentinel"))
    return (0, 3, 6)[place] if is_redis else (HIGHEST, 5, 1)[place]


def place_of(task: str) -> tuple[str, int]:
    """Its queue, and how soon within it; what nobody placed waits in the default queue."""
    return next(
        (place for pattern, place in PLACES.items() if fnmatch(task, pattern)), (DEFAULT, 1)
    )


def route(name: str, *_: Any, **__: Any) -> dict[str, Any]:
    """Celery's question of where to send a task."""
    queue, place = place_of(name)
    return {"queue": queue, "priority": priority(settings.CELERY_BROKER_URL, place)}


def declared() -> list[Queue]:
    return [
        Queue(name, Exchange(name), name, queue_arguments={"x-max-priority": HIGHEST})
        for name in ALL
    ]
