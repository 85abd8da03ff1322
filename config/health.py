"""Is it alive, can it serve, and how much does it do: for machines that look after the site."""

import hmac
import os
import shutil
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError

from config.celery import app
from config.measures import exposition

KEPT_SECONDS = 2.0  # an answer is given again for so long: asking often costs nothing

Check = Callable[[], str]
_known: dict[str, tuple[float, str]] = {}
_migrated = False


@login_not_required
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 or 503, and a sentence for each part that fails; `?except=broker` leaves parts out."""
    left_out = set(request.GET.get("except", "").split(","))
    found = {name: _checked(name) for name in CHECKS if name not in left_out}
    is_ready = not any(found.values())
    answer = {"ready": is_ready, "checks": {name: said or "ok" for name, said in found.items()}}
    return JsonResponse(answer, status=200 if is_ready else 503)


def _checked(name: str) -> str:
    at, said = _known.get(name, (0.0, ""))
    now = time.monotonic()
    if not at or now - at > KEPT_SECONDS:
        said = CHECKS[name]()
        _known[name] = time.monotonic(), said
    return said


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer; look whether it runs and whether DATABASE_URL fits."
    return ""


def migrations() -> str:
    """Asked until they are all there; they do not go away again."""
    global _migrated
    if _migrated:
        return ""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer, so its tables cannot be looked at."
    if missing:
        return f"{len(missing)} migrations are not applied; run manage.py migrate."
    _migrated = True
    return ""


def broker() -> str:
    with app.connection_for_write(connect_timeout=1) as link:
        try:
            link.ensure_connection(max_retries=1, interval_start=0, interval_step=0.1)
        except (KombuError, OSError, *link.connection_errors):
            return (
                "The broker does not answer; ratings are saved, jobs wait. Look whether it runs "
                "and whether CELERY_BROKER_URL fits."
            )
    return ""


def data_folder() -> str:
    probe = Path(settings.DATA_DIR) / f".writable-{os.getpid()}"
    try:
        probe.write_bytes(b"1")
        probe.unlink()
    except OSError as problem:
        return f"The data folder cannot be written to ({problem.strerror}); see NIKASH_DATA_DIR."
    return ""


def disk() -> str:
    free = shutil.disk_usage(settings.DATA_DIR).free // 2**20
    if free < settings.MIN_FREE_MB:
        return (
            f"Only {free} MB are free on the data folder's disk; free some, "
            "or set NIKASH_MIN_FREE_MB."
        )
    return ""


CHECKS: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "data_folder": data_folder,
    "disk": disk,
}


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whom has the token, or asks from this very machine and not through a proxy."""
    if not may_measure(request):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_measure(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if token := settings.METRICS_TOKEN:
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
