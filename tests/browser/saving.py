"""A server that can be killed, annotators who are signed in, and their devices."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from benchmarks.load.ports import free_port
from config.processes import wait_until_up, web
from tests.browser.line import Line
from tests.browser.saving_campaigns import ITEMS_KEPT
from tests.servers import Store

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """The site on a database of its own, which outlives it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.environment = self.store.environment
        self.log = folder / "log.txt"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                web(self.port), cwd=ROOT, env=self.environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        if not wait_until_up(self.port):
            raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """SIGKILL for the server and all its workers, whatever they are doing."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Device:
    """A browser of one's own on a line of its own; every answer that leaves it is noted."""

    def __init__(self, browser: Any, server: Server, session: str = "", **context: Any) -> None:
        self.line = Line(server.port)
        self.context = browser.new_context(base_url=self.line.address, **context)
        self.posted: dict[str, dict[str, str]] = {}
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.errors: list[str] = []
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)
        self.context.on("weberror", lambda problem: self.errors.append(str(problem.error)))
        if session:
            cookie = {"name": "sessionid", "value": session, "url": self.line.address}
            self.context.add_cookies([cookie])
        self.page = self.context.new_page()

    def _on_request(self, request: Any) -> None:
        if letter := letter_in(request):
            self.posted.setdefault(letter["key"], letter)

    def _on_response(self, response: Any) -> None:
        letter = letter_in(response.request)
        if letter and response.status == 200:
            self.acknowledged.add(letter["key"])
        elif letter and response.status == 422:
            self.refused.add(letter["key"])

    def open(self, path: str, page: Any = None) -> Any:
        """An item's page, ready to be marked; the page it stands in."""
        page = page or self.page
        page.goto(path)
        page.locator("[data-target] [data-at]").first.wait_for()
        return page

    def fetch_ahead(self, n_items: int) -> None:
        """Wait until this many items are kept for a time without a line."""
        page = self.page
        until(page, lambda: page.evaluate(ITEMS_KEPT) == n_items, "not fetched ahead")

    def lose_line(self) -> None:
        self.context.set_offline(True)
        self.line.cut()

    def find_line(self) -> None:
        self.line.join()
        self.context.set_offline(False)

    def close(self) -> None:
        self.context.close()
        self.line.cut()


def letter_in(request: Any) -> dict[str, str]:
    """The answer that a request carries, and its assignment; empty for any other request."""
    path = urlsplit(request.url).path
    if request.method != "POST" or not path.startswith("/work/item/"):
        return {}
    letter = dict(parse_qsl(request.post_data, keep_blank_values=True))
    return {**letter, "assignment": path.split("/")[-2]}


class Person(NamedTuple):
    name: str
    session: str


class Work:
    """What one test uses: a running server, annotators nobody used before, and their devices."""

    def __init__(self, browser: Any, server: Server, campaigns: dict[str, int], people: Any):
        self.browser, self.server, self.campaigns, self.people = browser, server, campaigns, people
        self.devices: list[Device] = []

    def person(self) -> Person:
        return Person(*next(self.people))

    def device(self, person: Person | None = None, **context: Any) -> Device:
        session = person.session if person else ""
        self.devices.append(Device(self.browser, self.server, session, **context))
        return self.devices[-1]

    def next(self, campaign: str) -> str:
        """The address that leads to a person's next item."""
        return f"/work/{self.campaigns[campaign]}/next/"

    def close(self) -> None:
        for device in self.devices:
            device.close()
        problems = [problem for device in self.devices for problem in device.errors]
        assert not problems, problems


def until(page: Any, holds: Callable[[], Any], otherwise: str, seconds: float = 60.0) -> None:
    """Wait, and let the browser tell meanwhile what leaves it."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        page.wait_for_timeout(50)


def prepare(server: Server, n_people: int) -> dict[str, Any]:
    """Campaigns and annotators in the server's database: their keys and their sessions."""
    server.manage("collectstatic", "--verbosity", "0", "--no-input")
    code = f"from tests.browser.saving_campaigns import make; make({n_people})"
    return json.loads(server.manage("shell", "--verbosity", "0", "-c", code))
