"""What the database and the broker tell Prometheus, asked when it asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import KombuError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from annotation.models import Assignment, Rating
from config.celery import app
from config.queues import ALL
from models_app.models import Job


class Site:
    def collect(self) -> Iterator[Any]:
        yield from _jobs()
        yield from _ratings()
        yield _database_size()
        yield from _queues()


def job_models() -> list[type[Job]]:
    return sorted(
        (model for model in apps.get_models() if issubclass(model, Job)), key=lambda m: m.__name__
    )


def _jobs() -> Iterator[Any]:
    counts = GaugeMetricFamily("nikash_jobs", "Jobs by kind and state.", labels=["kind", "state"])
    oldest = GaugeMetricFamily(
        "nikash_job_oldest_waiting_seconds", "How long the oldest job waits.", labels=["kind"]
    )
    expired = GaugeMetricFamily(
        "nikash_job_leases_expired", "Running jobs that nobody renews.", labels=["kind"]
    )
    for model in job_models():
        kind = str(model._meta.model_name)
        found = dict(
            model.objects.order_by()
            .values_list("state")
            .annotate(n=Count("pk"))
            .values_list("state", "n")
        )
        for state in Job.State.values:
            counts.add_metric([kind, state], found.get(state, 0))
        gone = Q(state=Job.State.RUNNING, lease_until__lt=Now())
        since = model.objects.filter(state=Job.State.QUEUED).aggregate(at=Min("queued_at"))["at"]
        waited = (timezone.now() - since).total_seconds() if since else 0.0
        oldest.add_metric([kind], max(0.0, waited))
        expired.add_metric([kind], model.objects.filter(gone).count())
    yield from (counts, oldest, expired)


def _ratings() -> Iterator[Any]:
    """Ratings are only ever added, so the last number tells how many there were, at no cost."""
    yield CounterMetricFamily(
        "nikash_ratings_saved",
        "Ratings saved since the site was made: the number of the last.",
        value=Rating.objects.aggregate(last=Max("pk"))["last"] or 0,
    )
    yield GaugeMetricFamily(
        "nikash_assignments_open",
        "Items that annotators hold now.",
        value=Assignment.objects.filter(state=Assignment.State.OPEN).count(),
    )


def _database_size() -> Any:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            n_bytes = cursor.fetchone()[0]
    else:
        path = Path(str(connection.settings_dict["NAME"]))
        n_bytes = path.stat().st_size if path.is_file() else 0
    return GaugeMetricFamily("nikash_database_bytes", "Size of the database.", value=n_bytes)


def _queues() -> Iterator[Any]:
    """Messages that no worker has taken; nothing where the broker is away."""
    family = GaugeMetricFamily("nikash_queue_messages", "Messages waiting.", labels=["queue"])
    reachable = 1
    with app.connection_for_read() as broker:
        try:
            for name in ALL:
                family.add_metric([name], _length(broker, name))
        except (KombuError, OSError, *broker.connection_errors):
            reachable = 0
    yield family
    yield GaugeMetricFamily("nikash_broker_up", "Whether the broker answers.", value=reachable)


def _length(broker: Any, queue: str) -> int:
    try:
        with broker.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)
    except broker.channel_errors:
        return 0  # nobody has put anything in yet
