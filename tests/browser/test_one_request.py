"""The next item takes the place of the one before: one request, by keyboard, heard, and back."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.judging import finish, score, sent
from tests.browser.kept import finished, nothing_lost
from tests.browser.marking import mark_word, quoted
from tests.browser.saving import until

NO_WORKER = "Object.defineProperty(navigator, 'serviceWorker', {value: undefined})"
SAME_PAGE = "() => globalThis.isSamePage === true"


def watch(page):
    """What the page asks for from now on, but for files that never change: the browser has them."""
    asked = []

    def note(request):
        path = urlsplit(request.url).path
        if not path.startswith("/static/"):
            asked.append((request.method, path))

    page.evaluate("globalThis.isSamePage = true")
    page.on("request", note)
    return asked


@pytest.fixture
def opened(work):
    """A person's device at an item, in a browser that keeps no pages ahead."""
    person = work.person()
    device = work.device(person)
    device.page.add_init_script(NO_WORKER)
    page = device.open(work.next("esa"))
    return person, device, page


def turned(page, address):
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()


def test_one_request_saves_and_brings_the_next_item(work, opened):
    person, device, page = opened
    address = page.url
    score(page, 60)
    mark_word(page, "धावला", "major")
    sent(page)
    asked = watch(page)
    finish(page)
    turned(page, address)
    assert asked == [("POST", urlsplit(address).path)]
    assert page.evaluate(SAME_PAGE)
    assert page.locator("#item-title").inner_text().startswith("Item 2")
    assert quoted(page) == [] and page.locator("input[name=score]").input_value() == ""
    finished(page, work.server, person.name)
    nothing_lost(work.server, person.name, device)


def test_the_heading_of_the_next_item_is_read_out_and_keys_work_on(opened):
    _person, _device, page = opened
    address = page.url
    score(page, 60)
    sent(page)
    page.locator("#item-title").focus()
    for _ in range(2):
        page.keyboard.press("Enter")  # nothing is marked: the page asks whether that is meant
    turned(page, address)
    expect(page.locator("#item-title")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("n")
    expect(page.locator("#note")).to_be_focused()


def test_what_was_marked_before_is_not_undone_in_the_next_item(opened):
    _person, _device, page = opened
    address = page.url
    score(page, 60)
    mark_word(page, "धावला", "major")
    finish(page)
    turned(page, address)
    mark_word(page, "कुत्रा", "minor")
    page.locator("[data-target]").focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert quoted(page) == []
    page.keyboard.press("Control+y")
    assert quoted(page) == ["कुत्रा"]


def test_back_and_forward_show_what_was_answered(work, opened):
    person, device, page = opened
    first = page.url
    score(page, 61)
    mark_word(page, "धावला", "major")
    finish(page)
    turned(page, first)
    second = page.url
    page.go_back()
    page.wait_for_url(first)
    expect(page.locator("input[name=score]")).to_have_value("61")
    page.go_forward()
    page.wait_for_url(second)
    expect(page.locator("input[name=score]")).to_have_value("")
    nothing_lost(work.server, person.name, device)


def test_kept_items_are_shown_in_place_and_asked_for_no_more(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    page.reload()
    page.locator("[data-target] [data-at]").first.wait_for()
    page.wait_for_function("() => navigator.serviceWorker.controller")
    address = page.url
    score(page, 60)
    mark_word(page, "धावला", "major")
    sent(page)
    asked = watch(page)
    finish(page)
    turned(page, address)
    until(page, lambda: asked, "nothing was sent")
    finished(page, work.server, person.name)
    assert asked == [("POST", urlsplit(address).path)]
    assert page.evaluate(SAME_PAGE)
    nothing_lost(work.server, person.name, device)
