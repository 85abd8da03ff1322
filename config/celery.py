"""The door for workers: `manage.py worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_init,
)
from kombu.transport import TRANSPORT_ALIASES

from common import request_id
from config import queues
from config.backups import running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.embedded:Transport"

app = Celery("nikash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = queues.declared()
app.conf.task_default_queue = queues.DEFAULT
app.conf.task_routes = [queues.route]
# By their names: only workers import them.
app.conf.worker_pool = "config.pool:Pool"
app.steps["consumer"].add("config.children:KeptBeat")
app.autodiscover_tasks()


@before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """A job's log lines carry the id of the request that asked for it."""
    if headers is not None and (known := request_id.current()):
        headers["nikash_request"] = known


@task_prerun.connect
def take_request_id(task_id: str = "", task: Any = None, **_: Any) -> None:
    request_id.set_current(getattr(task.request, "nikash_request", None) or f"job-{task_id}")


@task_postrun.connect
def forget_request_id(**_: Any) -> None:
    request_id.set_current("")


@worker_init.connect
@beat_init.connect
def part_of_the_site(**_: Any) -> None:
    """Commands that need the site stopped see this process."""
    running.say_so()
