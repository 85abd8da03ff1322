"""This site under the load: a campaign of its own, started as `manage.py serve` starts it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from html import unescape
from pathlib import Path
from typing import Any

from benchmarks.load.platform import N_ITEMS, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.load.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGN = "load"


class Person(Annotator):
    """Sends what static/js/annotate.js sends: the finished answer, with its own key."""

    async def begin(self) -> None:
        self.http.cookie_jar.update_cookies({"sessionid": self.spec["sessions"][self.number]})
        self.sent: tuple[str, dict[str, str]] | None = None
        first = f"{self.spec['address']}/work/{self.spec['campaign']}/next/"
        async with self.http.get(first) as answer:
            answer.raise_for_status()
            html, self.page = await answer.text(), str(answer.url)
        cookies = self.http.cookie_jar.filter_cookies(answer.url)
        self.token = cookies["csrftoken"].value
        self.read(html)

    def read(self, html: str) -> None:
        self.is_item = 'id="answer"' in html
        found = re.search(r'data-sequence="(\d+)"', html)
        self.sequence = int(found[1]) if found else 0
        if self.is_item and 'name="score"' not in unescape(html):
            raise ValueError("the page has no scale")

    async def loop(self) -> Done | None:
        if not self.is_item:
            return None
        if self.sent is None:
            self.sent = self.page, {
                "score": str(self.number % 7), "note": "", "key": str(uuid.uuid4()),
                "sequence": str(self.sequence + 1), "active_seconds": "20.0",
                "client_time": "2026-01-01T10:00:00.000Z", "finish": "1",
            }  # fmt: skip
        page, letter = self.sent
        headers = {"Accept": "application/json", "X-CSRFToken": self.token}
        begin = time.perf_counter()
        async with self.http.post(
            page, data=letter, headers=headers, allow_redirects=False
        ) as answer:
            answer.raise_for_status()
            told = await answer.json()
        saved = (time.perf_counter() - begin) * 1000
        if not told["saved"]:
            raise ValueError("not acknowledged")
        self.sent = None
        self.page = self.spec["address"] + told["next"]
        if html := told.get("html"):
            self.read(html)
            return Done(letter["key"], saved, saved, 1)
        begin = time.perf_counter()
        async with self.http.get(self.page) as answer:
            answer.raise_for_status()
            self.read(await answer.text())
        return Done(letter["key"], saved, (time.perf_counter() - begin) * 1000, 2)


class Nikash(Platform):
    """SQLite, or a PostgreSQL server of its own."""

    name = "Nikash"
    annotator = Person

    def __init__(
        self, folder: Path, n_people: int, raters: int, database: str = "sqlite", n_items: int = 0
    ) -> None:
        super().__init__(folder, n_people, raters)
        self.database, self.n_items = database, n_items or N_ITEMS
        self.postgres = Postgres() if database == "postgres" else None
        self.port = free_port()
        self.environment = {
            **os.environ, "NIKASH_DATA_DIR": str(folder), "OMP_NUM_THREADS": "1",
            "DATABASE_URL": self.postgres.url if self.postgres else f"sqlite:///{folder}/db.sqlite3",
        }  # fmt: skip

    def prepare(self) -> None:
        empty = empty_site(self.database)
        shutil.copytree(empty.folder, self.folder, dirs_exist_ok=True)
        if self.postgres and empty.postgres:
            self.postgres.copy_from(empty.postgres)
            self.postgres.start()
        make = f"make({self.n_items}, {self.n_people}, {self.raters})"
        self.made = json.loads(self.code(make))

    def migrate(self) -> None:
        if self.postgres:
            self.postgres.start()
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--verbosity", "0", "--no-input")
        if self.postgres:
            self.postgres.rest()

    def start(self) -> None:
        from config.processes import web

        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                web(self.port), cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)
        until_answered(f"{self.spec()['address']}/health/live/")

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}", **self.made}

    def roots(self) -> dict[str, int]:
        database = {"database": self.postgres.pid} if self.postgres else {}
        return {**super().roots(), **database}

    def stored(self) -> Stored:
        """The events that were acknowledged by key; the shared items by their assignments."""
        with tempfile.TemporaryDirectory() as out:
            self.manage("export_ratings", "--campaign", CAMPAIGN, "--format", "nikash", "--out",
                        f"{out}/export")  # fmt: skip
            lines = Path(out, "export", "campaign.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row.get("record") == "event"]
        pairs = [(row["annotator"], row["key"]) for row in rows]
        return Stored(pairs, int(self.code("print(shared())")))

    def stop(self) -> None:
        super().stop()
        if self.postgres:
            self.postgres.stop()

    def code(self, call: str) -> str:
        line = f"from benchmarks.load.campaign import make, shared; {call}"
        return self.manage("shell", "--verbosity", "0", "-c", line)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr[-3000:]}")
        return done.stdout


@functools.cache
def empty_site(database: str) -> Nikash:
    """Migrated and not running, for the sites of one run to begin with; removed at the end."""
    site = Nikash(Path(tempfile.mkdtemp(prefix="nikash-load-")), 0, 0, database)
    atexit.register(site.stop)
    site.migrate()
    return site


def until_answered(address: str, seconds: float = 120.0) -> None:
    """A server listens before its processes have loaded the pages; RuntimeError where none does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(address, timeout=seconds).close()
            return
        except OSError as problem:  # of a killed one's child, too, that is on its way out
            if time.monotonic() > deadline:
                raise RuntimeError(f"{address} does not answer: {problem}") from problem
            time.sleep(0.2)


def wait_for(
    port: int, seconds: float = 120.0, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Until somebody listens at the port; RuntimeError where nobody does, or the process ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server stopped with {process.returncode}; see its log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nobody listens at port {port} after {seconds:g} s")
