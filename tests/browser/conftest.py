"""A real site with the demo in it, a real worker and a real browser."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.load.ports import free_port
from tests.browser.marking_campaigns import PASSWORD, prepare
from tests.browser.saving import Server, Work
from tests.browser.saving import prepare as prepare_saving
from tests.servers import Store

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome")
                 if (found := shutil.which(name))), None)  # fmt: skip
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT = 40_000  # milliseconds that a page may take to show what is expected
HOW = "Chromium is not installed; the browser tests need it: apt-get install chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They come first: one process has all of them (`tests.sharing_out`), and they take longest."""
    for item in items:
        if _is_here(item):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: not _is_here(item))


def _is_here(item: pytest.Item) -> bool:
    return ROOT / "tests" / "browser" in item.path.parents


class Site(NamedTuple):
    address: str
    passwords: dict[str, str]
    data_dir: Path
    environment: dict[str, str]


def _wait(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"the demo did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is; without one its tests are skipped, or fail where it is required."""
    if CHROMIUM is None:
        if os.environ.get("NIKASH_REQUIRE_BROWSER"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    return CHROMIUM


@pytest.fixture(scope="session")
def site(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`manage.py demo` in a folder of its own, stopped at the end."""
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    environment = Store(folder).environment
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address + "/login/", process, log, seconds=300)
            passwords = json.loads((folder / "demo-logins.json").read_text())
            yield Site(address, passwords, folder, environment)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=120)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT)
    # Playwright's loop makes Django take this thread for an asynchronous one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Person:
    """Somebody with a browser of their own; what goes wrong on a page is kept in `errors`."""

    def __init__(self, browser: Any, site: Site, name: str, **context: Any) -> None:
        self.site = site
        self.context = browser.new_context(base_url=site.address, **context)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.page.goto("/login/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", site.passwords[name])
        self.page.click("main button[type=submit]")
        self.page.wait_for_load_state()

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def check(self) -> None:
        """No script error, no refused file, no other host."""
        assert self.errors == []
        assert self.hosts <= {self.site.address.split("/")[2]}


@pytest.fixture
def sign_in(browser: Any, site: Site) -> Iterator[Any]:
    people: list[Person] = []

    def enter(name: str, **context: Any) -> Person:
        people.append(Person(browser, site, name, **context))
        return people[-1]

    yield enter
    for person in people:
        person.context.close()


@pytest.fixture(scope="session")
def saving(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that may be killed; its campaigns and its annotators, who did nothing yet."""
    server = Server(tmp_path_factory.mktemp("saving"))
    prepared = prepare_saving(server, n_people=40)
    try:
        yield server, prepared["campaigns"], iter(prepared["sessions"].items())
    finally:
        server.kill()


@pytest.fixture
def work(browser: Any, saving: Any) -> Iterator[Work]:
    """The server, running whatever the test before did to it. In the end no script has failed."""
    server, campaigns, people = saving
    if server.process is None:
        server.start()
    work = Work(browser, server, campaigns, people)
    yield work
    work.close()


@pytest.fixture(scope="session")
def annotators(site: Site) -> Iterator[str]:
    """Names of annotators who have marked nothing yet, each for one test."""
    names = [f"marker-{number}" for number in range(60)]
    prepare(site.environment, names)
    site.passwords.update(dict.fromkeys(names, PASSWORD))
    return iter(names)


@pytest.fixture
def mark_in(sign_in: Any, annotators: Iterator[str]) -> Iterator[Any]:
    """mark_in(campaign): the page of a new annotator's first item.

    In the end both texts read as they are stored, and nothing went wrong on the page.
    """
    people: list[Person] = []

    def enter(campaign: str, name: str | None = None, **context: Any) -> Any:
        people.append(sign_in(name or next(annotators), **context))
        page = people[-1].page
        page.goto("/work/")
        heading = page.get_by_role("heading", name=campaign, exact=True)
        card = page.locator("article").filter(has=heading)
        card.get_by_role("link", name=re.compile("Start|Go on")).click()
        page.locator("[data-target] [data-at]").first.wait_for()
        return page

    yield enter
    for person in people:
        stored = json.loads(person.page.locator("#marking-texts").text_content())
        for side, box in (("source", ".item-text.source"), ("target", "[data-target]")):
            assert person.page.locator(box).evaluate("box => box.textContent") == stored[side]
        person.check()
