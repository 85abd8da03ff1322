"""What the server refuses, or stumbles over, is kept, told, and in nobody's way."""

from playwright.sync_api import expect

from tests.browser.judging import finish, score, score_and_finish, sent
from tests.browser.kept import events, nothing_lost, rows
from tests.browser.marking import says
from tests.browser.saving import until

REMOVE = """DELETE FROM annotation_membership
WHERE user_id = (SELECT id FROM auth_user WHERE username = ?) AND campaign_id = ?"""


def test_what_the_server_refuses_stays_and_the_page_says_why(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    score(page, 80)
    sent(page)
    page.locator("details.note summary").click()
    note = page.locator("#note")
    note.evaluate("node => node.removeAttribute('maxlength')")
    words = "फार लांब " * 300
    note.fill(words)
    note.press("Tab")
    says(page, "the note has 2700 characters; 2000 is the most")
    expect(note).to_have_value(words)
    finish(page)
    page.wait_for_url(lambda found: found != address)
    says(page, "the note has 2700 characters; 2000 is the most")
    assert page.locator("[data-state]").text_content().count("2700") == 1
    page.locator("[data-state]").get_by_role("link", name="Open that item").click()
    page.wait_for_url(address)
    says(page, "the note has 2700 characters; 2000 is the most")
    expect(note).to_have_value(words)
    assert len(device.refused) == 2
    assert len(nothing_lost(work.server, person.name, device)) == 1
    note.fill("लांब")
    note.press("Tab")
    sent(page)
    page.goto("/work/")
    expect(page.locator("[data-state]")).to_be_hidden()
    log = nothing_lost(work.server, person.name, device)
    assert log[-1]["answer"]["note"] == "लांब"


def test_an_answer_to_an_item_that_is_gone_is_kept_and_told_once(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    score(page, 70)
    sent(page)
    rows(work.server, REMOVE, person.name, work.campaigns["esa"])
    score(page, 71)
    says(page, "The server did not take an answer (404); it is kept on this device.")
    expect(page.locator("input[name=score]")).to_have_value("71")
    page.goto("/work/")
    says(page, "The server did not take an answer (404); it is kept on this device.")
    page.locator("[data-state]").get_by_role("link", name="Open that item").click()
    page.wait_for_url("**/work/item/**")
    page.goto("/work/")
    expect(page.locator("[data-state]")).to_be_hidden()
    assert len(events(work.server, person.name)) == 1


def test_a_server_that_stumbles_over_one_answer_gets_the_others(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    page.route(address, lambda route: route.fulfill(status=500) if is_ill else route.fallback())
    is_ill = True
    score_and_finish(page, 40)
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()
    score(page, 41)
    until(page, lambda: len(events(work.server, person.name)) == 1, "the other was held up")
    says(page, "Not sent yet: 4.")
    is_ill = False
    sent(page)
    assert len(nothing_lost(work.server, person.name, device)) == 5
