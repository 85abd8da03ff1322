"""Every page by axe-core's rules of WCAG 2.2 A and AA: light and dark, on a phone and on a desk."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tests.browser.roles import prepare

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
RELOADS = 5
WIDTHS = {"phone": 360, "desk": 1280}
PROTOCOLS = {
    "Translations from 0 to 6": "SQM",
    "Which answer is better?": "side by side",
    "Cultural relevance": "questionnaire",
    "Errors in translations": "MQM",
    "Errors and a score": "ESA",
}
RESEARCHER = (
    "/",
    "/models/datasets/",
    "/models/corpora/",
    "/models/playground/",
    "/models/training/",
    "/models/energy/",
    "/models/sweeps/",
    "/models/benchmarks/",
    "/benchmarks/",
    "/benchmarks/judges/",
    "/campaigns/",
    "/campaigns/new/",
    "/audit/",
    "/audit/?day=2001-01-01",
    "/webhooks/",
    "/guidelines/",
    "/guidelines/sqm/1/?language=mr",
    "/guidelines/new/",
    "/guidelines/new/?name=sqm&language=mr",
    "/reports/",
    "/reports/across/",
    "/scoring/",
    "/studies/",
    "/scoring/start/",
)
LEAVES = (
    ("campaign", "/campaigns/", "tbody th a"),
    ("dataset", "/models/datasets/", "main tbody a, main .card a"),
    ("system", "/models/systems/", "main tbody a, main .card a"),
    ("report", "/campaigns/", "tbody td a"),
)
ADMIN = (
    "/",
    "/models/systems/",
    "/models/runs/",
    "/models/checkpoints/",
    "/models/systems/new/",
    "/models/training/new/",
    "/studies/new/?template=adaptmllm",
    "/models/datasets/load/",
    "/models/corpora/load/",
    "/models/corpora/mix/",
    "/ratings/load/",
    "/people/",
    "/people/3/erase/",
    "/account/people/1/reset-link/",
    "/audit/",
    "/webhooks/",
    "/account/password/",
    "/account/tokens/",
    "/api/v1/docs/",
)
ASKED = b'{"instruction": "Where is the school?", "output": "The school is near the river."}\n'
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}
widths = pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)


@pytest.fixture
def look(width: int) -> dict[str, Any]:
    """A browser context; the strict policy is off here, as axe-core is an inline script."""
    return {
        "bypass_csp": True,
        "color_scheme": "light",
        "reduced_motion": "reduce",  # colours change at once
        "viewport": {"width": width, "height": 800},
    }


@pytest.fixture(scope="module")
def roles(site: Any) -> None:
    """Somebody who administers two campaigns, and somebody who audits them."""
    site.passwords.update(prepare(site.environment))


class Inspector:
    """Walks through pages and keeps what is wrong with each."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}

    def visit(self, address: str, name: str = "") -> None:
        answer = self.page.goto(address)
        assert answer.ok, f"{address}: {answer.status}"
        self.inspect(name or address)

    def inspect(self, name: str) -> None:
        """Look at the page as it stands; again where it loaded itself anew meanwhile."""
        for left in reversed(range(RELOADS)):
            try:
                return self._inspect(name)
            except Error as problem:
                if "context was destroyed" not in str(problem) or not left:
                    raise
                self.page.wait_for_load_state()

    def _inspect(self, name: str) -> None:
        wrong = self._wrong(OPTIONS)
        self.page.emulate_media(color_scheme="dark")
        wrong += [f"dark, {one}" for one in self._wrong(COLOURS)]
        self.page.emulate_media(color_scheme="light")
        excess = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if excess > 0:
            wrong.append(f"the page is {excess} px wider than the screen")
        if wrong:
            self.found[name] = wrong

    def _wrong(self, options: dict[str, Any]) -> list[str]:
        results = Axe().run(self.page, options=options).response
        return [
            f"{rule['id']}: {rule['help']}; {node['html'][:160]} ({node['failureSummary'][:200]})"
            for rule in results["violations"]
            for node in rule["nodes"][:3]
        ]


@widths
def test_the_door_can_be_used_by_everybody(browser: Any, site: Any, look: dict[str, Any]) -> None:
    context = browser.new_context(base_url=site.address, **look)
    inspector = Inspector(context.new_page())
    inspector.visit("/login/")
    inspector.page.fill("input[name=username]", "nobody")
    inspector.page.click("main button[type=submit]")
    inspector.inspect("refused")
    for address in ("/account/reset/", "/account/reset/sent/", "/account/reset/MQ/set-password/"):
        inspector.visit(address)
    context.close()
    assert inspector.found == {}


@widths
def test_an_annotators_pages_can_be_used_by_everybody(
    sign_in: Any, site: Any, look: dict[str, Any]
) -> None:
    inspector = Inspector(sign_in("annotator", **look).page)
    page = inspector.page
    inspector.visit("/account/")
    inspector.visit("/account/two-factor/")
    page.fill("input[name=password]", site.passwords["annotator"])
    page.click("main button[type=submit]")
    page.locator("img[src^='data:']").wait_for()
    inspector.inspect("picture of the key")
    for address, status in (("/nowhere/", 404), ("/people/", 403)):
        assert page.goto(address).status == status
        inspector.inspect(str(status))
    inspector.visit("/my-data/")
    page.click("main button.danger")
    inspector.inspect("refused erasure")
    inspector.visit("/account/tokens/")
    page.fill("input[name=name]", "a program")
    page.click("main button.primary")
    page.locator("code.token").wait_for()
    inspector.inspect("a new token")
    inspector.visit("/work/profile/")
    page.fill("input[name=experience_years]", "-1")
    page.click("main button[type=submit]")
    inspector.inspect("refused profile")
    inspector.visit("/work/")
    page.locator("summary.tool").last.click()
    inspector.inspect("account menu")
    for campaign, protocol in PROTOCOLS.items():
        page.goto("/work/")
        card = page.locator("article", has_text=campaign)
        number = re.search(r"/work/(\d+)/", card.locator("a.primary").get_attribute("href"))[1]
        inspector.visit(f"/work/{number}/next/", protocol)
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        inspector.inspect(f"{protocol}, opened")
        inspector.visit(f"/work/{number}/guideline/", f"guideline of {protocol}")
    inspector.visit(f"/work/{number}/done/", "done")
    assert inspector.found == {}


@widths
def test_a_researchers_pages_can_be_used_by_everybody(sign_in: Any, look: dict[str, Any]) -> None:
    inspector = Inspector(sign_in("researcher", **look).page)
    page = inspector.page
    for address in RESEARCHER:
        inspector.visit(address)
    for name, start, link in LEAVES:
        page.goto(start)
        inspector.visit(page.locator(link).first.get_attribute("href"), name)
        if name == "report":
            chapters = page.locator(".tabs a")
            for place in range(chapters.count()):
                chapters.nth(place).click()
                page.wait_for_selector("figure .main-svg")
                inspector.inspect(f"report, chapter {place}")
            segment = page.locator("a[href*='segment']").first.get_attribute("href")
            inspector.visit(segment, "segment")
    assert inspector.found == {}


@widths
def test_an_admins_pages_can_be_used_by_everybody(
    sign_in: Any, look: dict[str, Any], width: int
) -> None:
    inspector = Inspector(sign_in("admin", **look).page)
    for address in ADMIN:
        inspector.visit(address)
    inspector.page.evaluate(
        "for (const d of [...document.querySelectorAll('main details')].slice(0, 3)) d.open = true"
    )
    inspector.inspect("the API, opened")
    inspector.visit("/account/people/2/reset-link/")
    inspector.page.click("main button.primary")
    inspector.page.locator("[data-copied]").wait_for()
    inspector.inspect("a link for a new password")
    if width == WIDTHS["phone"]:
        _send_a_big_file(inspector)
    assert inspector.found == {}


def _send_a_big_file(inspector: Inspector) -> None:
    """Three rows that a worker checks; nothing of it is stored."""
    page = inspector.page
    page.goto("/models/datasets/load/")
    rows = b"".join(b"%d,%s\n" % (n, b"long " * 200_000) for n in range(3))
    file = {"name": "big.csv", "mimeType": "text/csv", "buffer": b"key,source\n" + rows}
    page.set_input_files("input[name=file]", file)
    for field, value in {"name": "big", "source_lang": "en", "target_lang": "mr"}.items():
        page.fill(f"main [name={field}]", value)
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/models/uploads/\d+/"))
    inspector.inspect("an upload at work")
    page.wait_for_selector("#preview-title")
    inspector.inspect("the preview of an upload")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("main .message")).to_contain_text("cancelled")


@widths
def test_the_pages_of_a_campaigns_own_roles_can_be_used_by_everybody(
    sign_in: Any, roles: None, look: dict[str, Any]
) -> None:
    inspector = Inspector(sign_in("campaign-admin", **look).page)
    page = inspector.page
    inspector.visit("/")
    page.goto("/campaigns/")
    for link in [one.get_attribute("href") for one in page.locator("tbody th a").all()]:
        inspector.visit(link, f"campaign admin, {link}")
    page.get_by_role("link", name="Webhooks").click()
    page.locator(".badge.bad").wait_for()
    inspector.inspect("webhooks, one given up")
    inspector.page = page = sign_in("campaign-auditor", **look).page
    inspector.visit("/", "start of an auditor")
    inspector.visit("/audit/", "audit log of an auditor")
    page.goto("/campaigns/")
    for link in [one.get_attribute("href") for one in page.locator("tbody th a").all()]:
        inspector.visit(link, f"auditor, {link}")
    page.get_by_role("link", name="Read the report").click()
    page.wait_for_selector("figure .main-svg")
    inspector.inspect("report of an auditor")
    assert inspector.found == {}


@widths
def test_the_pages_of_a_corpus_can_be_used_by_everybody(
    sign_in: Any, look: dict[str, Any], width: int
) -> None:
    inspector = Inspector(sign_in("admin", **look).page)
    page = inspector.page
    name = f"asked {width}"
    page.goto("/models/corpora/load/")
    file = {"name": "asked.jsonl", "mimeType": "application/json", "buffer": ASKED}
    page.set_input_files("input[name=file]", file)
    fields = {"source_lang": "en", "target_lang": "en", "licence": "CC0-1.0", "origin": "here"}
    for field, value in {"name": name, **fields}.items():
        page.fill(f"main [name={field}]", value)
    page.select_option("main [name=kind]", "instruction")
    page.click("main form button.primary")
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/models/corpora/\d+/"))
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    inspector.inspect("a corpus, opened")
    page.get_by_role("link", name="Translate it").click()
    page.wait_for_load_state()
    inspector.inspect("translate")
    page.select_option("main [name=system]", label="en-mr greedy")
    page.fill("main [name=target_lang]", "mr")
    page.fill("main [name=name]", f"{name} mr")
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/models/corpora/translations/\d+/"))
    inspector.inspect("a translation")
    page.wait_for_selector("[data-job-state=done]", timeout=120_000)
    inspector.inspect("a finished translation")
    page.goto("/models/corpora/mix/")
    page.fill("main [name=name]", f"{name} mixed")
    page.fill("main [name=budget]", "1")
    page.select_option("main [name=corpus_1]", label=name)
    page.get_by_role("button", name="Show what it would take").click()
    page.wait_for_selector("main table")
    inspector.inspect("a mix, shown")
    assert inspector.found == {}


@widths
def test_every_link_of_the_navigation_is_in_sight_and_works(sign_in: Any, width: int) -> None:
    page = sign_in("admin", viewport={"width": width, "height": 800}).page
    menu = page.locator("nav.nav:not(.doors)")
    labels = menu.locator("a").all_inner_texts()
    assert "People" in labels
    for label in labels:
        link = menu.get_by_role("link", name=label, exact=True)
        box = link.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] >= 40
        link.click()
        expect(menu.locator("[aria-current]")).to_have_text([label])
        for door in page.locator("nav.doors a").all():
            box = door.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] >= 40
