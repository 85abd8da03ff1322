"""The playground by clicks: two systems asked blind, a vote, their names, and the votes as CSV."""

import csv
import subprocess
import sys
from typing import Any

import pytest

from tests.browser.conftest import ROOT
from tests.browser.test_accessibility import Inspector, look, widths

__all__ = ["look"]
NAMES = ["echo one", "echo two"]
REGISTER = """
from models_app.checkpoints import register_system
from models_app.models import System
for name in {names}:
    if not System.objects.filter(name=name).exists():
        register_system(name=name, backend="echo")
"""


@pytest.fixture(scope="module")
def echoes(site: Any) -> list[str]:
    command = [sys.executable, "manage.py", "shell", "-c", REGISTER.format(names=NAMES)]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    return NAMES


def asked(page: Any, text: str) -> Any:
    page.goto("/models/playground/")
    for name in NAMES:
        page.locator(f"input[name=systems][value='{name}']").check()
    page.get_by_label("Blind: hide the names").check()
    page.fill("#text", text)
    page.locator("[data-send]").click()
    page.locator(".vote").wait_for(timeout=120_000)
    return page.locator(".lane")


def test_names_are_shown_after_the_vote_and_the_vote_is_in_the_csv(
    sign_in: Any, echoes: list[str]
) -> None:
    person = sign_in("researcher")
    page = person.page
    lanes = asked(page, "one two three")
    assert lanes.locator("h3").all_inner_texts() == ["Answer A", "Answer B"]
    assert lanes.locator(".lane-text:visible").all_inner_texts() == ["three two one"] * 2
    page.get_by_label("Note (optional)").fill("clearer")
    page.get_by_role("button", name="B is best").click()
    page.locator(".vote.message").wait_for()
    shown = lanes.locator("h3").all_inner_texts()
    assert [name[:3] for name in shown] == ["A: ", "B: "]
    assert sorted(name[3:] for name in shown) == sorted(echoes)
    page.reload()
    assert page.locator("tbody th", has_text=shown[1][3:]).count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="All votes as CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert (row["source"], row["note"]) == ("one two three", "clearer")
    assert row[f"system_{row['verdict']}"] == shown[1][3:]
    person.check()


@widths
def test_a_blind_question_and_its_vote_can_be_used_by_everybody(
    sign_in: Any, echoes: list[str], look: dict[str, Any]
) -> None:
    inspector = Inspector(sign_in("researcher", **look).page)
    asked(inspector.page, "आपण कुठे जाणार आहात?")
    inspector.inspect("before the vote")
    inspector.page.get_by_role("button", name="Equally good").click()
    inspector.page.locator(".vote.message").wait_for()
    inspector.inspect("after the vote")
    assert inspector.found == {}
