"""Marked errors are described, undone, kept and finished, in a real browser."""

import json
import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser.marking import (
    ESA,
    MQM,
    TWO,
    box,
    describe,
    errors,
    mark_word,
    quoted,
    rows,
    saved,
    says,
    word,
)

COMPACT = {"separators": (",", ":"), "ensure_ascii": False}  # as JSON.stringify writes


def test_everything_can_be_undone_and_redone(mark_in):
    page = mark_in(MQM)
    states = [errors(page)]

    def note_state():
        assert errors(page) != states[-1]
        states.append(errors(page))

    mark_word(page, "धावला")
    note_state()
    for label in ("major", "Other"):
        describe(page, label)
        note_state()
    expect(page.locator(".error-note input")).to_be_focused()
    page.keyboard.type("विचित्र")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".error-editor")).to_have_count(0)
    note_state()
    box(page).focus()
    for key in ("Home", "o"):
        page.keyboard.press(key)
    note_state()
    page.keyboard.press("Delete")
    note_state()
    page.locator("[data-non-translation]").check()
    note_state()
    page.locator("[data-non-translation]").uncheck()
    note_state()
    box(page).focus()
    for state in states[-2::-1]:
        page.keyboard.press("Control+z")
        assert errors(page) == state
    expect(page.locator("[data-undo]")).to_be_disabled()
    for state in states[1:]:
        page.locator("[data-redo]").click()
        assert errors(page) == state
    expect(page.locator("[data-redo]")).to_be_disabled()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    assert errors(page) == states[-1]
    saved(page)


def test_undo_leaves_the_keyboard_where_one_can_go_on(mark_in):
    page = mark_in(MQM)
    mark_word(page, "धावला", "major")
    page.keyboard.press("Control+z")
    expect(page.locator(".error-editor input").first).to_be_focused()
    page.keyboard.press("Control+z")
    expect(box(page)).to_be_focused()
    page.locator("[data-redo]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()


def test_esa_asks_once_whether_a_low_score_without_errors_is_right(mark_in):
    page = mark_in(ESA)
    address = page.url
    go_on = page.get_by_role("button", name=re.compile("Save and go on"))
    go_on.click()
    says(page, "Please answer the questions that are marked.")
    expect(page.locator("input[name=score]")).to_be_focused()
    expect(page.locator("[data-score-range]")).to_have_class(re.compile("unset"))
    page.locator("[data-anchor='33']").click()
    expect(page.locator("[data-score-range]")).not_to_have_class(re.compile("unset"))
    saved(page)
    go_on.click()
    says(page, "The score is low but no error is marked.")
    assert page.url == address
    go_on.click()
    page.wait_for_url(lambda found: found != address)


@pytest.mark.parametrize("score, marked", [("66", False), ("20", True)])
def test_esa_asks_nothing_where_score_and_errors_agree(mark_in, score, marked):
    page = mark_in(ESA)
    address = page.url
    if marked:
        mark_word(page, "धावला", "minor")
    page.locator("input[name=score]").fill(score)
    page.get_by_role("button", name=re.compile("Save and go on")).click()
    page.wait_for_url(lambda found: found != address)


def test_a_score_that_is_none_yet_keeps_no_error_from_being_saved(mark_in):
    page = mark_in(ESA)
    page.locator("input[name=score]").fill("700")
    mark_word(page, "धावला", "minor")
    saved(page)
    page.get_by_role("button", name=re.compile("Save and go on")).click()
    expect(page.locator("input[name=score]")).to_be_focused()


def test_the_slider_gives_every_score_with_one_click(mark_in):
    page = mark_in(ESA)
    page.locator("[data-score-range]").click()
    expect(page.locator("input[name=score]")).to_have_value("50")
    saved(page)
    page.locator("[data-score-range]").press("ArrowRight")
    expect(page.locator("input[name=score]")).to_have_value("51")


def test_errors_not_described_yet_are_shown_before_one_goes_on(mark_in):
    page = mark_in(MQM)
    address = page.url
    mark_word(page, "कुत्रा", "major", "Style")
    page.get_by_role("button", name="Done").click()
    mark_word(page, "धावला", "minor")
    page.keyboard.press("Escape")
    mark_word(page, "क्षणात", "minor", "Other")
    page.keyboard.press("Escape")
    expect(page.locator(".is-unfinished")).to_have_count(2)
    go_on = page.get_by_role("button", name=re.compile("Save and go on"))
    go_on.click()
    says(page, "Please say of every marked error")
    expect(rows(page).nth(1)).to_have_class(re.compile("is-open"))
    category = page.locator(".error-editor fieldset").nth(1)
    expect(category.locator("input").first).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    go_on.click()
    says(page, "Please write in the note")
    expect(page.locator(".error-note input")).to_be_focused()
    page.keyboard.type("odd")
    page.keyboard.press("Enter")
    expect(page.locator(".is-unfinished")).to_have_count(0)
    assert page.url == address
    page.keyboard.press("Tab")
    go_on.click()
    page.wait_for_url(lambda found: found != address)


def test_no_error_at_all_is_asked_about_once(mark_in):
    page = mark_in(MQM)
    address = page.url
    go_on = page.get_by_role("button", name=re.compile("Save and go on"))
    go_on.click()
    says(page, "Nothing is marked.")
    go_on.click()
    page.wait_for_url(lambda found: found != address)


def test_no_more_errors_than_the_campaign_allows(mark_in):
    page = mark_in(TWO)
    mark_word(page, "कुत्रा", "major")
    mark_word(page, "धावला", "major")
    mark_word(page, "क्षणात")
    says(page, "No more errors can be marked")
    expect(page.locator(".is-selected")).to_have_count(0)
    page.locator("[data-non-translation]").check()
    saved(page)
    assert len(errors(page)) == 3


def test_a_row_is_removed_by_key_and_by_button(mark_in):
    page = mark_in(ESA)
    for text in ("कुत्रा", "क्षणात", "धावला"):
        mark_word(page, text, "minor")
    rows(page).nth(1).locator(".error-head").focus()
    page.keyboard.press("Delete")
    assert quoted(page) == ["कुत्रा", "धावला"]
    expect(box(page)).to_be_focused()
    expect(page.locator("[data-marking-said]")).to_have_text("Removed; undo brings it back.")
    rows(page).nth(0).locator(".error-head").click()
    page.get_by_role("button", name="Remove").click()
    assert quoted(page) == ["धावला"]


def test_each_change_is_sent_once(mark_in):
    page = mark_in(MQM)

    def is_fifth(request):
        return request.method == "POST" and parse_qs(request.post_data)["sequence"] == ["5"]

    with page.expect_request(is_fifth) as fifth:
        page.locator("[data-non-translation]").check()
        mark_word(page, "धावला", "major", "Style")
        page.get_by_label("Whole words").uncheck()
        page.locator("[data-gap]").click()
    assert parse_qs(fifth.value.post_data)["errors"] == [json.dumps(errors(page), **COMPACT)]
    saved(page)


def test_everything_is_shown_again_here_and_on_another_device(mark_in, annotators):
    name = next(annotators)
    page = mark_in(ESA, name)
    mark_word(page, "धावला", "major")
    mark_word(page, "dog", side="source")
    page.locator(".error-note input").fill("मांजर?")
    page.get_by_role("button", name="Done").click()
    page.locator("input[name=score]").fill("71")
    page.locator("input[name=score]").press("Tab")
    saved(page)
    before = errors(page)
    other = mark_in(ESA, name)
    page.reload()
    for shown in (page, other):
        expect(rows(shown)).to_have_count(2)
        assert errors(shown) == before and before[1]["note"] == "मांजर?"
        expect(shown.locator("input[name=score]")).to_have_value("71")
        expect(shown.locator("[data-score-range]")).to_have_value("71")
        expect(word(shown, "धावला")).to_have_class(re.compile("is-major"))


PRESS = """(node, [key, code, shiftKey]) => node.dispatchEvent(
  new KeyboardEvent("keydown", {key, code, shiftKey, bubbles: true}))"""


def test_a_marathi_keyboard_marks_gaps_and_names_kinds(mark_in):
    page = mark_in(MQM)
    box(page).focus()
    page.keyboard.press("Home")
    box(page).evaluate(PRESS, ["ऑ", "KeyO", True])  # before the first word
    assert [error["start"] for error in errors(page)] == [0]
    page.locator(".error-editor input").first.evaluate(PRESS, ["२", "Digit2", False])
    assert errors(page)[0]["severity"] == "major"
    expect(page.locator(".error-editor")).to_have_count(0)
