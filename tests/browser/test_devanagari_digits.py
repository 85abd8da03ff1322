"""Who writes Marathi sees and types its digits; what is stored is a number all the same."""

from playwright.sync_api import expect

from tests.browser.judging import listens

PRESS = """key => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))"""


def work_in_marathi(sign_in, campaign):
    person = sign_in("annotator", locale="mr-IN")
    person.page.goto("/work/")
    person.page.locator("article", has_text=campaign).locator("a.primary").click()
    listens(person.page)
    return person


def test_a_severity_and_a_score_are_typed_in_devanagari(sign_in):
    person = work_in_marathi(sign_in, "Errors and a score")
    page = person.page
    page.locator("[data-target] [data-at]").first.wait_for()
    page.locator("[data-target]").focus()
    page.keyboard.press(" ")
    expect(page.locator(".error-editor kbd")).to_have_text(["१", "२"])
    page.evaluate(PRESS, "२")
    expect(page.locator(".error-row .badge.major").last).to_have_text("मोठी")
    page.locator("#score").fill("")
    page.locator("#score").focus()
    page.keyboard.insert_text("८")
    page.keyboard.insert_text("५")
    expect(page.locator("#score")).to_have_value("85")
    expect(page.locator("[data-score-range]")).to_have_attribute("aria-valuetext", "८५")
    person.check()


def test_a_point_is_chosen_with_a_devanagari_digit(sign_in):
    person = work_in_marathi(sign_in, "Translations from 0 to 6")
    page = person.page
    expect(page.locator(".point").first).to_have_text("६")
    page.locator("#item-title").focus()
    page.evaluate(PRESS, "४")
    expect(page.locator('input[name=score][value="4"]')).to_be_checked()
    person.check()
