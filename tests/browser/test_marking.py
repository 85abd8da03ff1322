"""Errors are marked with a mouse, a finger or the keyboard, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.marking import (
    ESA,
    MQM,
    SCIENTIST,
    UNSEEN,
    box,
    describe,
    drag,
    errors,
    mark_word,
    quoted,
    rows,
    saved,
    says,
    stored_texts,
    tab_to,
    word,
)
from tests.browser.marking_campaigns import PASSWORD

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("campaign", ["Errors in translations", "Errors and a score"])
def test_the_demo_lets_errors_be_marked(sign_in, campaign):
    person = sign_in("annotator")
    page = person.page
    page.goto("/work/")
    page.locator("article", has_text=campaign).locator("a.primary").click()
    box(page).locator("[data-at]").first.wait_for()
    before = len(errors(page))
    box(page).focus()
    page.keyboard.press(" ")
    expect(rows(page)).to_have_count(before + 1)
    says(page, "Saved")
    person.check()


def test_a_click_begins_an_error_and_another_ends_it(mark_in):
    page = mark_in(MQM)
    word(page, "घराकडे").click()
    expect(rows(page)).to_have_count(0)
    word(page, "कुत्रा").click()
    assert quoted(page) == [f"कुत्रा क्षणात {SCIENTIST} घराकडे"]
    describe(page, "major", "Accuracy", "Mistranslation")
    expect(page.locator(".error-editor")).to_have_count(0)
    expect(rows(page)).to_contain_text(["Accuracy: Mistranslation"])
    mark_word(page, "धावला", "minor", "Style")
    page.get_by_role("button", name="Done").click()
    saved(page)
    assert [(e["severity"], e["category"]) for e in errors(page)] == [
        ("major", "Accuracy/Mistranslation"), ("minor", "Style"),
    ]  # fmt: skip


def test_escape_gives_up_an_error_that_was_begun(mark_in):
    page = mark_in(MQM)
    word(page, "घराकडे").click()
    page.keyboard.press("Escape")
    expect(page.locator(".is-selected")).to_have_count(0)
    assert errors(page) == []


def test_an_error_is_dragged_over_words_and_may_end_outside(mark_in):
    page = mark_in(ESA)
    drag(page, word(page, "क्षणात"), word(page, "घराकडे"))
    assert quoted(page) == [f"क्षणात {SCIENTIST} घराकडे"]
    drag(page, word(page, "dog", "source"), word(page, "home", "source"))
    start = word(page, "घराकडे").bounding_box()
    page.mouse.move(start["x"] + 3, start["y"] + 8)
    page.mouse.down()
    end = word(page, "धावला").bounding_box()
    page.mouse.move(end["x"] + 3, end["y"] + 8, steps=4)
    page.mouse.move(5, 5)
    page.mouse.up()
    assert [(e["side"], e["quoted"]) for e in errors(page)][1:] == [
        ("source", "dog ran home"), ("target", "घराकडे धावला"),
    ]  # fmt: skip


def test_a_finger_taps_where_an_error_begins_and_ends(mark_in):
    page = mark_in(MQM, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    word(page, "क्षणात").tap()
    expect(rows(page)).to_have_count(0)
    word(page, "धावला").tap()
    assert quoted(page) == [f"क्षणात {SCIENTIST} घराकडे धावला"]
    for label in ("minor", "Style"):
        page.locator(".error-editor label").filter(has=page.get_by_text(label, exact=True)).tap()
    page.get_by_role("button", name="Done").tap()
    word(page, "home", "source").tap()
    page.get_by_role("button", name="Something is missing here").tap()
    assert [(e["side"], e["start"]) for e in errors(page)] == [("target", 7), ("source", 16)]
    saved(page)


def test_the_keyboard_alone_takes_one_from_signing_in_to_a_finished_item(browser, site, annotators):
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/login/")
    tab_to(page, page.locator("input[name=username]"))
    page.keyboard.type(next(annotators))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/")
    card = page.locator("article").filter(has=page.get_by_role("heading", name=MQM, exact=True))
    tab_to(page, card.locator("a.primary"))
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-target] [data-at]")
    address = page.url
    tab_to(page, box(page))
    for key in ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", " "):
        page.keyboard.press(key)
    assert quoted(page) == [f"क्षणात {SCIENTIST} घराकडे"]
    for key in ("2", "b", "a"):  # major; accuracy; mistranslation
        page.keyboard.press(key)
    expect(box(page)).to_be_focused()
    for key in ("Home", "o", "1"):  # after the first word; minor; it is an omission already
        page.keyboard.press(key)
    expect(box(page)).to_be_focused()
    for key in ("End", "ArrowLeft", " ", "Delete"):
        page.keyboard.press(key)
    expect(rows(page)).to_have_count(2)
    assert [(e["severity"], e["category"], e["quoted"]) for e in errors(page)] == [
        ("major", "Accuracy/Mistranslation", f"क्षणात {SCIENTIST} घराकडे"),
        ("minor", "Accuracy/Omission", ""),
    ]  # fmt: skip
    tab_to(page, page.get_by_role("button", name=re.compile("Save and go on")))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda found: found != address)
    context.close()


def test_digits_of_a_marathi_keyboard_choose_the_severity(mark_in):
    page = mark_in(MQM)
    mark_word(page, "धावला")
    page.locator(".error-editor input").first.evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown', {key: '२', bubbles: true}))"
    )
    assert [error["severity"] for error in errors(page)] == ["major"]


def test_marks_lie_over_one_another_and_a_click_means_the_shortest(mark_in):
    page = mark_in(ESA)
    drag(page, word(page, "कुत्रा"), word(page, "घराकडे"))
    describe(page, "major")
    drag(page, word(page, "घराकडे"), word(page, "धावला"))
    describe(page, "minor")
    box(page).focus()
    for key in ("Home", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", " ", "1"):
        page.keyboard.press(key)
    assert quoted(page) == [
        f"कुत्रा क्षणात {SCIENTIST} घराकडे", "घराकडे धावला", f"क्षणात {SCIENTIST} घराकडे",
    ]  # fmt: skip
    expect(word(page, "घराकडे")).to_have_class(re.compile("overlap"))
    for text, row in (("घराकडे", 1), (SCIENTIST, 2), ("कुत्रा", 0)):
        word(page, text).click()
        expect(rows(page).nth(row)).to_have_class(re.compile("is-open"))


def test_several_things_are_missing(mark_in):
    page = mark_in(MQM)
    for side, key in (("target", "Home"), ("target", "End"), ("source", "Home")):
        box(page, side).focus()
        for pressed in (key, "o", "2"):
            page.keyboard.press(pressed)
        expect(box(page, side)).to_be_focused()
    box(page).focus()
    page.keyboard.press("Home")
    page.locator("[data-gap]").click()
    describe(page, "minor")
    end = len(stored_texts(page)["target"])
    found = [(e["side"], e["start"], e["end"], e["category"]) for e in errors(page)]
    assert found == [
        ("target", 6, 6, "Accuracy/Omission"), ("target", end, end, "Accuracy/Omission"),
        ("source", 3, 3, "Accuracy/Omission"), ("target", 6, 6, "Accuracy/Omission"),
    ]  # fmt: skip
    expect(box(page).locator(".gap")).to_have_count(2)
    expect(box(page, "source").locator(".gap")).to_have_count(1)
    saved(page)


def test_characters_are_never_cut_when_words_may_be(mark_in):
    page = mark_in(MQM)
    page.get_by_label("Whole words").uncheck()
    steps = box(page).locator("[data-at]").all_text_contents()
    assert steps[:7] == ["कु", "त्रा", " ", "क्ष", "णा", "त", " "] and SCIENTIST in steps
    assert "a\u0301" in steps
    mark_word(page, "त्रा", "minor", "Style")
    page.get_by_role("button", name="Done").click()
    box(page).focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", " ", "1"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    assert quoted(page) == ["त्रा", "क्षणा"]
    page.reload()
    expect(page.get_by_label("Whole words")).not_to_be_checked()
    page.get_by_label("Whole words").check()
    word(page, "कु").click()
    assert quoted(page) == ["त्रा", "क्षणा"]


def test_an_error_after_a_hidden_character_is_where_it_was_marked(mark_in):
    page = mark_in(UNSEEN)
    text = stored_texts(page)["target"]
    boxes = box(page).locator(".unseen")
    codes = ["<U+202E>", "<U+202C>", "<U+200B>", "<U+2067>"]  # no joiner of Devanagari
    assert boxes.evaluate_all("all => all.map((one) => one.dataset.code)") == codes
    assert box(page, "source").locator(".unseen").count() == 2
    first, second = word(page, "कुत्रा").bounding_box(), word(page, "घराकडे").bounding_box()
    assert boxes.first.bounding_box()["width"] > 10
    assert first["x"] < second["x"] < word(page, "अ\u200cब").bounding_box()["x"]
    mark_word(page, "घराकडे", "major")
    mark_word(page, "अ\u200cब", "minor")
    page.locator("[data-by-word]").uncheck()
    box(page).locator(".unseen").nth(2).click()
    box(page).locator(".unseen").nth(2).click()
    for error in errors(page):
        assert text[error["start"] : error["end"]] == error["quoted"]
    assert quoted(page) == ["घराकडे", "अ\u200cब", "\u200b"]
    assert rows(page).nth(2).locator(".unseen").count() == 1
    assert [error["start"] for error in errors(page)][:2] == [text.index("घ"), text.index("अ")]
