"""No answer is lost or doubled: without a line, by a killed server, late, delivered five times."""

import pytest

from tests.browser.judging import DELIVER, OUTBOX, finish, score, score_and_finish, sent
from tests.browser.kept import events, finished, nothing_lost, rows
from tests.browser.marking import SCIENTIST, mark_word, says
from tests.browser.saving import until

RUN_OUT = """UPDATE annotation_assignment SET lease_until = '2020-01-01 00:00:00'
WHERE item_id IN (SELECT id FROM annotation_item WHERE campaign_id = ?)"""
SAME_ITEM = """SELECT id FROM annotation_assignment
WHERE item_id = (SELECT item_id FROM annotation_assignment WHERE id = ?) AND id <> ?"""


def test_a_whole_batch_is_marked_without_a_line(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("mqm"))
    device.fetch_ahead(4)
    device.lose_line()
    seen = []
    for n in range(1, 5):
        seen.append(page.url)
        mark_word(page, "धावला", "major", "Accuracy", "Mistranslation")
        mark_word(page, SCIENTIST, "minor", "Style")
        finish(page)
        if n < 4:
            page.wait_for_url(lambda found: found not in seen)
            page.locator("[data-target] [data-at]").first.wait_for()
    says(page, "Not sent yet: 32.")  # two errors of 4 and 3 clicks, and that it is finished
    says(page, "This was the last item on this device")
    assert events(work.server, person.name) == []
    device.find_line()
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert len(log) == 32 and sum(event["is_complete"] for event in log) == 4


@pytest.mark.parametrize("moment", ["before it is stored", "before it is acknowledged"])
def test_a_server_is_killed_while_it_saves(work, moment):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    score(page, 70)
    sent(page)
    if moment == "before it is stored":
        with work.server.store.nobody_else_writes():
            mark_word(page, "धावला")
            until(page, lambda: len(device.posted) == 2, "the answer did not leave the page")
            work.server.kill()
    else:
        device.line.loses_answers = True
        mark_word(page, "धावला")
        until(page, lambda: len(events(work.server, person.name)) == 2, "the answer was not stored")
        work.server.kill()
        device.line.loses_answers = False
    page.locator(".error-editor label").first.click()
    says(page, "Not sent yet: 2.")
    assert len(device.acknowledged) == 1
    work.server.start()
    sent(page)
    assert len(nothing_lost(work.server, person.name, device)) == 3


def test_every_answer_comes_five_times_and_in_any_order(work):
    person = work.person()
    device = work.device(person)
    page = device.open(work.next("esa"))
    device.fetch_ahead(4)
    address = page.url
    device.line.cut()
    mark_word(page, "कुत्रा", "minor")
    score(page, 40)
    score(page, 45)
    finish(page)
    page.wait_for_url(lambda found: found != address)
    letters = page.evaluate(OUTBOX)
    assert len(letters) == 5
    device.line.join()
    assert set(page.evaluate(DELIVER, letters)) == {200}
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert sorted(event["sequence"] for event in log) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("campaign, taken", [("mine", False), ("ours", True)])
def test_a_lease_runs_out_while_there_is_no_line(work, campaign, taken):
    person, other = work.person(), work.person()
    device = work.device(person)
    page = device.open(work.next(campaign))
    device.fetch_ahead(4)
    device.lose_line()
    address = page.url
    score_and_finish(page, 55)
    page.wait_for_url(lambda found: found != address)
    rows(work.server, RUN_OUT, work.campaigns[campaign])
    if taken:
        elsewhere = work.device(other)
        elsewhere.open(work.next(campaign))
        item = int(address.split("/")[-2])
        (theirs,) = rows(work.server, SAME_ITEM, item, item)
        elsewhere.open(f"/work/item/{theirs['id']}/")
        score_and_finish(elsewhere.page, 12)
        finished(elsewhere.page, work.server, other.name)
    device.find_line()
    sent(page)
    log = nothing_lost(work.server, person.name, device)
    assert log and all(event["after_lease"] for event in log)
    assert log[-1]["state"] == "done" and log[-1]["answer"]["outputs"]["0"]["score"] == 55
    if taken:
        (*_, last) = nothing_lost(work.server, other.name, elsewhere)
        assert last["answer"]["outputs"]["0"]["score"] == 12 and not last["after_lease"]
