"""No answer is lost, doubled or another's: signed out, two people, tabs, devices, going back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.judging import finish, leave_answers, score, score_and_finish, sent, sign_in
from tests.browser.kept import events, finished, given, nothing_lost
from tests.browser.marking import errors, mark_word, quoted, says
from tests.browser.saving import until

SIGNED_OUT = "You are signed out; your answers are kept on this device."


def sign_out(page):
    page.goto("/work/")
    page.locator("summary", has_text="Account:").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/**")


def test_a_session_ends_in_the_middle_of_a_batch(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    mark_word(page, "कुत्रा", "minor")
    sent(page)
    device.context.clear_cookies(name="sessionid")
    score(page, 61)
    says(page, SIGNED_OUT)
    finish(page)
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()
    says(page, SIGNED_OUT)
    score_and_finish(page, 62)
    page.wait_for_url(lambda found: len({found, address}) == 2)
    says(page, SIGNED_OUT)
    assert len(events(work.server, person.name)) == 2
    page.locator("[data-state]").get_by_role("link", name="Sign in").click()
    sign_in(page, person.name)
    page.wait_for_url("**/work/item/**")
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert len(log) == 8 and sum(event["is_complete"] for event in log) == 2


def test_nobody_sends_the_answers_of_another(work):
    first, second = work.person(), work.person()
    device = work.device(first)
    page = device.open(work.next("esa"))
    mark_word(page, "कुत्रा", "minor")
    sent(page)
    device.context.clear_cookies(name="sessionid")
    score(page, 33)
    says(page, SIGNED_OUT)
    other = device.context.new_page()
    other.goto("/login/")
    sign_in(other, second.name)
    other.wait_for_url("**/work/")
    expect(other.locator("[data-state]")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('online'))")
    says(page, "Somebody else is signed in here; your answers are kept")
    mark_word(page, "धावला")
    says(page, "Somebody else is signed in here; your answers are kept")
    device.open(work.next("esa"), other)
    mark_word(other, "क्षणात", "major")
    sent(other)
    assert len(events(work.server, first.name)) == 2
    sign_out(other)
    sign_in(other, first.name)
    other.wait_for_url("**/work/")
    sent(other)
    sent(page)
    theirs = {event["key"] for event in events(work.server, second.name)}
    log = nothing_lost(work.server, (first.name, second.name), device)
    assert len(theirs) == 2 and len(log) == 6
    assert quoted(page) == ["कुत्रा", "धावला"]
    texts = [error["quoted"] for event in log if event["key"] in theirs
             for error in given(event["answer"])[0]]  # fmt: skip
    assert set(texts) == {"क्षणात"}


def alike(page, other):
    until(page, lambda: errors(page) == errors(other), "the tabs show different errors")


@pytest.mark.parametrize("line", ["with", "without"])
def test_two_tabs_show_one_item(work, line):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    other = device.open(page.url, device.context.new_page())
    if line == "without":
        device.lose_line()
    mark_word(page, "कुत्रा", "minor")
    alike(page, other)
    mark_word(other, "धावला", "major")
    alike(page, other)
    score(page, 48)
    expect(other.locator("input[name=score]")).to_have_value("48")
    if line == "without":
        for tab in (page, other):
            says(tab, "Not sent yet: 5.")
        device.find_line()
    for tab in (page, other):
        sent(tab)
        assert quoted(tab) == ["कुत्रा", "धावला"]
    log = nothing_lost(work.server, person.name, device)
    assert [event["sequence"] for event in log] == [1, 2, 3, 4, 5]


def test_two_devices_and_one_of_them_is_behind(work):
    person = work.person()
    here, there = work.device(person), work.device(person)
    page = here.open(work.next("esa"))
    stale = there.open(page.url)
    mark_word(page, "कुत्रा", "minor")
    score(page, 80)
    sent(page)
    mark_word(stale, "धावला")
    says(stale, "A newer answer was given elsewhere, and counts.")
    assert len(nothing_lost(work.server, person.name, here, there)) == 4
    stale.locator("[data-state] a").click()
    expect(stale.locator("input[name=score]")).to_have_value("80")
    expect(stale.locator(".error-row")).to_have_text([re.compile("कुत्रा")])
    score(stale, 85)
    sent(stale)
    log = nothing_lost(work.server, person.name, here, there)
    assert given(log[-1]["answer"])[1] == "85" and log[-1]["sequence"] == 4


def test_a_device_that_was_behind_and_went_on_says_so_later(work):
    person = work.person()
    here, there = work.device(person), work.device(person)
    page = here.open(work.next("esa"))
    stale = there.open(page.url)
    there.fetch_ahead(4)
    address = stale.url
    mark_word(page, "कुत्रा", "minor")
    for value in (81, 82, 83, 84):
        score(page, value)
    score_and_finish(page, 85)
    finished(page, work.server, person.name)
    there.lose_line()
    score_and_finish(stale, 10)
    stale.wait_for_url(lambda found: found != address)
    says(stale, "Not sent yet: 4.")
    there.find_line()
    says(stale, "A newer answer was given elsewhere, and counts.")
    log = nothing_lost(work.server, person.name, here, there)
    assert [event["sequence"] for event in log[-4:]] == [1, 2, 3, 4]
    stale.locator("[data-state] a").click()
    stale.wait_for_url(address)
    expect(stale.locator("input[name=score]")).to_have_value("85")
    expect(stale.locator("[data-state]")).to_have_text("Saved")


def test_the_back_button_leads_to_the_answer_that_was_given(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    score_and_finish(page, 90)
    page.wait_for_url(lambda found: found != address)
    page.locator("[data-target] [data-at]").first.wait_for()
    page.go_back()
    page.wait_for_url(address)
    expect(page.locator("input[name=score]")).to_have_value("90")
    expect(page.locator(".error-row")).to_have_count(1)
    assert quoted(page) == ["धावला"] and errors(page)[0]["severity"] == "major"
    says(page, "Saved")
    score(page, 95)
    sent(page)
    leave_answers(page)
    page.go_forward()
    log = nothing_lost(work.server, person.name, device)
    assert [event["sequence"] for event in log] == [1, 2, 3, 4, 5]
    assert log[-1]["is_complete"] and given(log[-1]["answer"])[1] == "95"
