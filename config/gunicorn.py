"""Settings of the web server: `gunicorn --config python:config.gunicorn config.wsgi`.

Each worker process is a slot: its numbers go on where those of its predecessor stopped, so that the
metrics' files do not become more. Nothing is loaded before the fork: threads and connections of a
parent are no good to its children.
"""

import ctypes
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

M_ARENA_MAX = -8  # of glibc's malloc.h

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "config.patience.Worker"  # threads
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = False
# A process is replaced after so many requests, not all at once, whatever it has gathered.
max_requests, max_requests_jitter = 50_000, 5_000
timeout = 120  # a silent process is replaced; longer than any page may take
graceful_timeout = 30  # what is being answered when it is told to stop is answered
keepalive = 15  # longer than between two answers of a proxy's kept connections
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
loglevel = "warning"
control_socket_disable = True
# Whoever is on this machine may send any header; of proxies only Django believes one, and only
# where NIKASH_HTTPS says that there is one.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        server.nikash_metrics = tempfile.mkdtemp(prefix="nikash-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.nikash_metrics
    for left in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("*.db"):
        left.unlink()


def pre_fork(server: Any, worker: Any) -> None:
    taken = {getattr(other, "nikash_slot", None) for other in server.WORKERS.values()}
    worker.nikash_slot = next(n for n in range(len(taken) + 1) if n not in taken)


def post_fork(server: Any, worker: Any) -> None:
    os.environ["WEB_SLOT"] = str(worker.nikash_slot)
    _share_memory_among_threads()


def on_exit(server: Any) -> None:
    if folder := getattr(server, "nikash_metrics", None):
        shutil.rmtree(folder, ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """Load every page's code before the first request, not during it."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - asking for it loads it


def _share_memory_among_threads() -> None:
    """glibc keeps what each thread freed for that thread alone; here two pools serve them all."""
    try:
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
    except (OSError, AttributeError):
        return  # another libc, which has no such pools
