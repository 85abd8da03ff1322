"""What the tests of saving do on an item's page, and ask of the browser."""

from playwright.sync_api import expect

from tests.browser.marking import mark_word
from tests.browser.marking_campaigns import PASSWORD

OUTBOX = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("nikash");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const kept = request.result.transaction("outbox").objectStore("outbox").getAll();
    kept.onsuccess = () => resolve(kept.result);
  };
})"""
# Each letter five times, all at once, in an order that has nothing to do with how they were made.
DELIVER = """async (letters) => {
  const token = document.cookie.match(/csrftoken=([^;]*)/)[1];
  const headers = {
    "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token,
    Accept: "application/json",
  };
  const mixed = [0, 1, 2, 3, 4].flatMap((turn) =>
    letters.map((_, i) => letters[(letters.length - 1 - i + turn) % letters.length]));
  const answers = await Promise.all(
    mixed.map(({ address, body }) => fetch(address, { method: "POST", headers, body })));
  return answers.map((answer) => answer.status);
}"""


def listens(page):
    """The item's script has begun; on a phone its help is there, out of sight."""
    page.wait_for_selector("#answer [data-help]:not([hidden])", state="attached")


def sent(page):
    """Everything is sent, which takes until the page tries again."""
    expect(page.locator("[data-state]")).to_have_text("Saved")


def score(page, value):
    """One answer."""
    page.locator("input[name=score]").fill(str(value))
    page.locator("input[name=score]").press("Tab")


def finish(page):
    page.locator("button[name=finish]").click()


def score_and_finish(page, value):
    """Four answers, the last of them whole."""
    mark_word(page, "धावला", "major")
    score(page, value)
    finish(page)


def leave_answers(page):
    """To one's own start page, without a word about the item."""
    page.get_by_role("link", name="My work").first.click()
    page.wait_for_url("**/work/")


def sign_in(page, name):
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
