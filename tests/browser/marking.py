"""What the tests of marking do on the page, and see there."""

import json

from playwright.sync_api import expect

MQM, TWO, ESA = "Marking with categories", "Marking two at most", "Marking with a score"
UNSEEN = "Marking what nobody sees"
SCIENTIST = "👩🏽\u200d🔬"  # one character of four code points


def box(page, side="target"):
    return page.locator("[data-target]" if side == "target" else ".item-text.source")


def word(page, text, side="target"):
    return box(page, side).get_by_text(text, exact=True)


def stored_texts(page):
    return json.loads(page.locator("#marking-texts").text_content())


def errors(page):
    return json.loads(page.locator("input[name=errors]").input_value())


def quoted(page):
    return [error["quoted"] for error in errors(page)]


def rows(page):
    return page.locator(".error-row")


def saved(page):
    expect(page.locator("[data-state]")).to_have_text("Saved")


def says(page, text):
    expect(page.locator("[data-state]")).to_contain_text(text)


def describe(page, severity="major", *categories):
    editor = page.locator(".error-editor")
    for label in (severity, *categories):
        editor.locator("label").filter(has=page.get_by_text(label, exact=True)).click()


def mark_word(page, text, *described, side="target"):
    word(page, text, side).click()
    word(page, text, side).click()
    if described:
        describe(page, *described)


def drag(page, first, last):
    start, end = first.bounding_box(), last.bounding_box()
    page.mouse.move(start["x"] + 3, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 3, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()


def tab_to(page, target, most=80):
    for _ in range(most):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")
