"""Each of the three people does their job in the demo, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.judging import listens

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


def open_campaign(person, name):
    person.page.goto("/work/")
    person.page.locator("article", has_text=name).get_by_role(
        "link", name=re.compile("Start|Go on")
    ).click()
    listens(person.page)


def is_chosen(page, score):
    expect(page.locator(f"input[name=score][value='{score}']")).to_be_checked()


def state(page, text="Saved"):
    expect(page.locator("[data-state]")).to_contain_text(text)


def test_the_annotator_rates_by_keyboard_alone(sign_in):
    annotator = sign_in("annotator")
    page = annotator.page
    open_campaign(annotator, "Translations from 0 to 6")
    first = page.url
    page.keyboard.press("4")
    state(page)
    is_chosen(page, 4)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address != first)
    listens(page)
    page.evaluate(  # a Devanagari digit, as a Marathi keyboard sends it
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '५', bubbles: true}))"
    )
    state(page)
    is_chosen(page, 5)
    page.keyboard.press("u")
    page.wait_for_url(first)
    is_chosen(page, 4)
    annotator.check()


def test_the_annotator_compares_side_by_side_on_a_phone(sign_in):
    annotator = sign_in("annotator", **PHONE)
    page = annotator.page
    open_campaign(annotator, "Which answer is better?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    first = page.url
    page.get_by_text("B is slightly better").tap()
    state(page)
    page.get_by_role("button", name=re.compile("Save and go on")).tap()
    page.wait_for_url(lambda address: address != first)
    annotator.check()


def test_answers_made_offline_are_kept_and_sent_later(sign_in):
    annotator = sign_in("annotator")
    page = annotator.page
    open_campaign(annotator, "Translations from 0 to 6")
    address = page.url
    annotator.context.set_offline(True)
    page.keyboard.press("2")
    state(page, "1")
    annotator.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    state(page)
    other = sign_in("annotator")  # another device
    other.page.goto(address)
    is_chosen(other.page, 2)


def test_a_lost_session_keeps_the_answer_until_one_is_back(sign_in, site):
    annotator = sign_in("annotator")
    page = annotator.page
    open_campaign(annotator, "Translations from 0 to 6")
    address = page.url
    annotator.context.clear_cookies(name="sessionid")
    page.keyboard.press("1")
    page.locator("[data-state] a").click()
    page.fill("input[name=username]", "annotator")
    page.fill("input[name=password]", site.passwords["annotator"])
    page.click("main button[type=submit]")
    page.wait_for_url(address)
    state(page)
    page.reload()
    is_chosen(page, 1)


@pytest.mark.parametrize("language", ["mr", "hi", "ga"])
def test_the_questionnaire_speaks_the_annotators_language(sign_in, language):
    annotator = sign_in("annotator", locale=language)
    open_campaign_of = annotator.page.goto
    open_campaign_of("/work/")
    annotator.page.locator("article", has_text="Cultural relevance").locator("a.primary").click()
    annotator.page.wait_for_selector("#answer")
    question = {
        "mr": "उत्तर बरोबर आहे का?",
        "hi": "क्या उत्तर सही है?",
        "ga": "An bhfuil sé ceart?",
    }[language]
    assert annotator.page.get_by_text(question).count() == 2
    annotator.check()


def test_the_researcher_reads_the_report_down_to_a_segment(sign_in):
    researcher = sign_in("researcher")
    page = researcher.page
    page.goto("/campaigns/")
    page.get_by_role("link", name="Marathi answers: base or LoRA?", exact=True).click()
    page.get_by_role("link", name="Read the report").click()
    page.wait_for_selector("figure .main-svg")
    assert page.get_by_text("simulated", exact=False).count() > 0
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename.endswith(".json")
    page.get_by_role("link", name="Disagreement", exact=True).click()
    page.locator("#disagreements ~ .table-wrap a[href*='segment']").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
    researcher.check()


def test_the_admin_generates_outputs_and_watches_the_bar(sign_in):
    admin = sign_in("admin")
    page = admin.page
    page.goto("/models/runs/")
    page.get_by_text("Generate outputs").click()
    page.select_option("select[name=dataset]", label="en-ga-60")
    page.get_by_label("en-mr greedy").check()
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector("[data-job-url], .badge.state-done", timeout=90000)
    page.wait_for_selector(".badge.state-done", timeout=90000)
    page.get_by_text("60").first.wait_for()
    admin.check()


def test_the_admin_loads_outputs_with_a_preview(sign_in, tmp_path):
    admin = sign_in("admin")
    page = admin.page
    file = tmp_path / "outputs.csv"
    file.write_text(
        "system,key,output\nelsewhere,enga-001,Tá an dochtúir anseo.\n", encoding="utf-8"
    )
    page.goto("/models/outputs/load/")
    page.set_input_files("input[name=file]", str(file))
    page.select_option("select[name=dataset]", label="en-ga-60")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_text("Nothing is stored yet.").wait_for()
    page.get_by_role("button", name="Store it").click()
    page.get_by_text("1 new").wait_for()
    admin.check()
