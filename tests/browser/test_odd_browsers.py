"""No answer is lost where the clock is wrong, or the browser keeps nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.judging import finish, score, score_and_finish, sent, sign_in
from tests.browser.kept import events, given, nothing_lost
from tests.browser.marking import mark_word, quoted, says
from tests.browser.saving import until

SHIFT_CLOCK = """(() => {
  const now = Date.now.bind(Date);
  const Old = Date;
  globalThis.leap = %d;
  globalThis.Date = class extends Old {
    constructor(...given) { given.length ? super(...given) : super(now() + leap); }
    static now() { return now() + leap; }
  };
})()"""
DAY_MS = 24 * 60 * 60 * 1000
NOTHING_KEPT = {
    "no IndexedDB": "Object.defineProperty(globalThis, 'indexedDB', {get: () => undefined})",
    "a forbidden one": """Object.defineProperty(globalThis, 'indexedDB',
        {get: () => { throw new DOMException('forbidden', 'SecurityError'); }})""",
    "a full one": """IDBObjectStore.prototype.put = () => {
        throw new DOMException('full', 'QuotaExceededError'); };
        Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError'); };""",
}
NO_WORKER = "Object.defineProperty(Navigator.prototype, 'serviceWorker', {get: () => undefined});"
NOT_LASTING = "This browser cannot keep answers when it closes; please stay connected."


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_a_day_off_changes_nothing(work, days):
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(SHIFT_CLOCK % (days * DAY_MS))
    page = device.open(work.next("esa"))
    address = page.url
    score_and_finish(page, 64)
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()
    score(page, 65)
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert [event["sequence"] for event in log] == [1, 2, 3, 4, 1]
    shown = datetime.fromisoformat(str(log[-1]["client_time"])).replace(tzinfo=UTC)
    assert abs(shown - datetime.now(UTC) - timedelta(days=days)) < timedelta(hours=1)


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_set_while_one_works_changes_nothing(work, days):
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(SHIFT_CLOCK % 0)
    page = device.open(work.next("esa"))
    score(page, 20)
    page.evaluate(f"() => {{ leap = {days * DAY_MS}; }}")
    score(page, 21)
    score(page, 22)
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert len(log) == 3 and all(0 < event["active_seconds"] < 60 for event in log)


@pytest.mark.parametrize("kind", NOTHING_KEPT)
def test_a_browser_that_keeps_nothing_saves_and_says_so(work, kind):
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(NOTHING_KEPT[kind] + ";" + NO_WORKER)
    page = device.open(work.next("esa"))
    address = page.url
    mark_word(page, "कुत्रा", "minor")
    says(page, f"Saved {NOT_LASTING}")
    device.lose_line()
    score(page, 30)
    finish(page)
    says(page, "Not sent yet: 2. Keep this page open.")
    says(page, NOT_LASTING)
    assert page.url == address and quoted(page) == ["कुत्रा"]
    device.find_line()
    says(page, "Saved")
    score_and_finish(page, 31)
    page.wait_for_url(lambda found: found != address)
    log = nothing_lost(work.server, person.name, device)
    assert log[-1]["is_complete"] and given(log[-1]["answer"])[1] == "31"


def test_signing_in_again_does_not_cost_what_only_the_page_holds(work):
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(NOTHING_KEPT["no IndexedDB"])
    page = device.open(work.next("esa"))
    device.context.clear_cookies(name="sessionid")
    score(page, 77)
    says(page, "You are signed out; your answers are on this page only.")
    with device.context.expect_page() as opened:
        page.locator("[data-state]").get_by_role("link", name="Sign in").click()
    other = opened.value
    sign_in(other, person.name)
    other.wait_for_url("**/work/item/**")
    other.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    says(page, "Saved")
    assert len(nothing_lost(work.server, person.name, device)) == 1


def test_without_a_worker_one_stays_on_the_item_until_it_is_sent(work):
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(NO_WORKER)
    page = device.open(work.next("esa"))
    address = page.url
    device.lose_line()
    score_and_finish(page, 15)
    says(page, "Not sent yet: 4.")
    assert page.url == address
    device.find_line()
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert len(log) == 4 and log[-1]["is_complete"]


def test_the_page_counts_what_waits_and_asks_before_it_is_closed(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    state = page.locator("[data-state]")
    score(page, 10)
    expect(state).to_have_text("Saved")
    device.lose_line()
    for n in (1, 2, 3):
        score(page, 10 + n)
        expect(state).to_have_text(re.compile(f"Not sent yet: {n}. Kept on this device."))
    page.close(run_before_unload=True)
    until(page, lambda: asked, "the page was closed without a question")
    assert asked == ["beforeunload"] and not page.is_closed()
    assert len(events(work.server, person.name)) == 1
    device.find_line()
    sent(page)
    assert len(nothing_lost(work.server, person.name, device)) == 4
    other = device.context.new_page()
    page.close(run_before_unload=True)
    until(other, page.is_closed, "the page asks although nothing waits")
    assert asked == ["beforeunload"]


def test_going_on_within_the_site_asks_nothing_and_loses_nothing(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    device.line.cut()
    score_and_finish(page, 90)
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    score(page, 91)
    says(page, "Not sent yet: 5.")
    page.locator("[data-back]").click()
    page.wait_for_url(address)
    says(page, "Not sent yet: 5.")
    device.line.join()
    page.locator("a", has_text="My work").first.click()
    page.wait_for_url("**/work/")
    sent(page)
    assert asked == [] and len(nothing_lost(work.server, person.name, device)) == 5
