"""docs/api.md: every act has its address, and the examples run against a live site."""

import re
import sys
from pathlib import Path

import pytest

from annotation.models import Campaign, Rating
from api.tokens import make_token
from api.views import document
from tests import people
from tests.test_permissions import EXPECTED, NO

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([\w:]+)` \| (.+) \|$", re.MULTILINE)
ADDRESS = re.compile(r"^`(GET|POST|PUT|DELETE) (/api/v1/\S+)`$")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def client_on_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "client"), *sys.path])


def test_every_act_of_a_page_has_an_address_or_a_reason():
    told = {name for name, _answer in ROW.findall(TEXT)}
    acts = {name for name, line in EXPECTED.items() if line[1] != NO}
    assert acts - told == set()


def test_every_address_in_the_table_is_there(db):
    paths = document()["paths"]
    found = [ADDRESS.match(answer) for _name, answer in ROW.findall(TEXT)]
    asked = [match.groups() for match in found if match]
    assert asked and [a for a in asked if a[0].lower() not in paths.get(a[1], {})] == []


@pytest.mark.django_db(transaction=True)
def test_the_examples_run(live_server, client_on_path, tmp_path, capsys):
    first = people.small_campaign()
    tokens = [
        make_token(user=who(), name="docs", scope="write", days=None)[1]
        for who in (people.alice, people.bob)
    ]
    names = {
        "SITE": live_server.url,
        "TOKEN": tokens[0],
        "ANNOTATOR_TOKEN": tokens[1],
        "DATASET": first.dataset_id,
        "SYSTEMS": list(first.systems.values_list("pk", flat=True)),
        "FOLDER": tmp_path,
    }
    for example in EXAMPLES:
        exec(example, names)
    names["nikash"].close()
    names["annotator"].close()
    made = Campaign.objects.get(name="second study")
    assert Rating.objects.filter(item__campaign=made, is_complete=True).count() == 12
    assert (tmp_path / "study.zip").stat().st_size > 500
    assert capsys.readouterr().out.startswith("alice\n")
