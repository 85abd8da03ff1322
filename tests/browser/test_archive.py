"""An archive opened from its folder: no server, no network, nothing refused, fluid when large."""

import functools
import subprocess
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.browser.conftest import ROOT
from tests.servers import Store

BUILD = """
import sys
import django
django.setup()
from django.core.management import call_command
from tests.metrics.studies import scored, study
from models_app.models import Output
large = study("large", systems=[f"s{n}" for n in range(4)], n_segments=450, raters=["r1"])
Output.objects.filter(segment__key="s7", system__name="s0").update(
    text="<img src=x onerror=document.title=1> पाणी"
)
scored(large, ["chrf"])
call_command("archive", "--campaign=large", "--out", sys.argv[1])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of 1800 outputs, made by a process with a database of its own."""

    place = tmp_path_factory.mktemp("archive")
    environment = Store(place).environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", BUILD, str(place / "site")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return place / "site"


@pytest.fixture
def opened(browser: Any, folder: Path) -> Iterator[Any]:
    """opened(name): a page of the archive; in the end nothing went wrong on any."""
    contexts: list[Any] = []
    errors: list[str] = []
    addresses: set[str] = set()

    def enter(name: str, query: str = "", **options: Any) -> Any:
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: addresses.add(request.url.partition(":")[0]))
        page.goto((folder / name).as_uri() + query)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert errors == []
    assert addresses <= {"file", "data"}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_args: Any) -> None:
        pass


def texts(page: Any, slot: str) -> list[str]:
    return page.locator(f'[data-list] [data-slot="{slot}"]').all_inner_texts()


def counted(page: Any, n: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('[data-count]').textContent.startsWith(`${n} `)", arg=n
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_draws_its_figures_in_both_schemes(opened: Any, scheme: str) -> None:
    page = opened("index.html", color_scheme=scheme)
    page.wait_for_selector("figure .main-svg")
    dark = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert dark == scheme
    page.locator('a[href^="segments/"]').first.evaluate("link => link.click()")
    page.wait_for_selector(".item-text.output")
    page.click("text=Outputs")
    counted(page, 1800)


def test_outputs_are_filtered_sorted_paged_and_searched(opened: Any) -> None:
    page = opened("explorer.html")
    counted(page, 1800)
    assert len(texts(page, "key")) == 25
    page.select_option("#x-system", label="s2")
    counted(page, 450)
    assert set(texts(page, "system")) == {"s2"}
    page.select_option("#x-domain", "news")
    counted(page, 225)
    page.select_option("#x-order", "people-best")
    page.wait_for_function(
        """() => { const all = [...document.querySelectorAll('[data-slot="people"]')]
            .map(place => Number(place.textContent));
            return all.length && all.every((v, i) => !i || v <= all[i - 1]); }"""
    )
    first = texts(page, "key")
    page.click("[data-next]")
    page.wait_for_function("() => document.querySelector('[data-list]').start === 26")
    assert not set(first) & set(texts(page, "key"))
    page.select_option("#x-system", "")
    page.select_option("#x-domain", "")
    page.fill("#x-words", "पाणी")
    counted(page, 1)
    assert texts(page, "text") == ["<img src=x onerror=document.title=1> पाणी"]
    assert page.title() != "1"
    page.click('[data-list] [data-slot="key"]')
    page.wait_for_url("**/segments/*")
    assert "Segment s7" in page.inner_text("h1")
    assert "<img src=x" in page.inner_text(".item-text.output")


def test_only_the_texts_that_are_shown_are_read(opened: Any) -> None:
    page = opened("explorer.html")
    counted(page, 1800)
    loaded = "() => [...document.scripts].filter(s => s.src.includes('texts-')).length"
    assert page.evaluate(loaded) == 1
    page.fill("#x-words", "s449")
    counted(page, 4)
    assert page.evaluate(loaded) == 3


def test_what_is_selected_in_the_report_is_opened_among_the_outputs(opened: Any) -> None:
    page = opened("index.html", viewport={"width": 1280, "height": 900})
    page.wait_for_selector("figure .main-svg")
    picks = page.locator("tr:has(th a[href^='segments/']) .pick")
    picks.nth(0).evaluate("button => button.click()")
    page.locator(".linked.is-on").wait_for()
    key = page.locator("tr.marked th a").first.inner_text()
    page.locator("[data-open]").click()
    page.wait_for_url("**/explorer.html?*picked=*")
    page.wait_for_function("() => document.querySelectorAll('[data-list] > li').length")
    assert set(texts(page, "key")) == {key}
    page.get_by_role("button", name="Show the others too").click()
    counted(page, 1800)
    assert page.locator("[data-selection]").is_hidden()


@pytest.mark.parametrize(
    ("address", "n"),
    [
        ("?picked=s1**s0*s2&picked=*news*s1*s0", 6),
        ("?picked=s1**s0*s2&system=s1&metric=chrf", 2),
        ("?picked=s1*no+such+domain", 0),
        ("?picked=***&system=s2&domain=news", 225),
        ("?system=nobody&domain=nowhere&metric=none", 1800),
    ],
)
def test_an_address_chooses_as_on_the_site(opened: Any, address: str, n: int) -> None:
    page = opened("explorer.html", query=address)
    counted(page, n)
    assert page.locator("[data-selection]").is_visible() == ("=s1*" in address)


def test_a_server_of_files_is_enough(browser: Any, folder: Path) -> None:
    handler = functools.partial(Quiet, directory=folder)
    errors: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(f"http://127.0.0.1:{server.server_port}/explorer.html?picked=s1**s0")
        counted(page, 1)
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_selector("figure .main-svg")
        page.close()
        server.shutdown()
    assert errors == []


def test_it_fits_a_phone(opened: Any) -> None:
    for name in ("explorer.html", "segments/001.html"):
        page = opened(name, viewport={"width": 360, "height": 740}, is_mobile=True)
        page.wait_for_selector("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_rule_of_axe_is_kept(browser: Any, folder: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(bypass_csp=True)
    for name in ("index.html", "explorer.html", "datasheet.html", "segments/001.html"):
        page = context.new_page()
        page.goto((folder / name).as_uri())
        page.wait_for_load_state()
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, (name, found.generate_report())
    context.close()
