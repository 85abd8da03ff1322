"""One request stores an answer and brings the next item, at a cost that does not grow."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.blanks import Blank, Blanks
from annotation.models import Assignment
from annotation.progress import standing_at
from annotation.services import open_campaign
from tests import people

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}
ANSWERS = {
    "sqm": {"score": "4"},
    "sidebyside": {"preference": "tie"},
    "esa": {"score": "70", "errors": "[]"},
    "mqm": {"errors": "[]"},
}
VARIES = re.compile(r'(name="(key|csrfmiddlewaretoken)" value=)"[^"]*"')


@pytest.fixture
def work(client):
    def begin(protocol="sqm", **fields):
        campaign = people.small_campaign(f"study {uuid.uuid4().hex}", protocol, **fields)
        open_campaign(campaign)
        client.force_login(people.bob())
        return client.get(reverse("annotation:annotate_next", args=[campaign.pk]))["Location"]

    return begin


def send(client, page, protocol="sqm", **more):
    letter = {"key": str(uuid.uuid4()), "sequence": "1", **ANSWERS[protocol], **more}
    return client.post(page, letter, **JSON).json()


def main_of(html):
    return html.split("<main")[1].split(">", 1)[1].split("</main>")[0].strip()


@pytest.mark.parametrize("protocol", ANSWERS)
def test_what_is_brought_is_what_the_page_shows(client, work, protocol):
    page = work(protocol)
    for _ in range(3):
        told = send(client, page, protocol)
        page = told["next"]
        assert f'action="{page}"' in told["html"]
        shown = main_of(client.get(page).content.decode())
        assert VARIES.sub(r"\1", told["html"].strip()) == VARIES.sub(r"\1", shown)


def test_a_draft_comes_back_with_the_item(client, work):
    first = work()
    second = send(client, first)["next"]
    send(client, second, finish="0", note="शंका")
    html = send(client, first, sequence="2")["html"]
    assert f'action="{second}"' in html and "शंका" in html and "checked" in html


def test_nothing_is_brought_that_the_page_has_already(client, work):
    assert send(client, work(), bring="0")["html"] is None


def test_a_draft_brings_nothing(client, work):
    told = send(client, work(), finish="0")
    assert told["next"] is None and "html" not in told


def test_the_end_is_a_page_of_its_own(client, work):
    page = work(n_segments=1)
    last = send(client, send(client, page)["next"])
    assert last["html"] is None and last["next"].endswith("/done/")


def test_it_asks_the_database_little_and_the_same_at_every_item(client, work):
    page, counts = work(n_segments=30, batch_size=60), []
    for _ in range(50):
        with CaptureQueriesContext(connection) as asked:
            page = send(client, page)["next"]
        counts.append(len([q for q in asked if "SAVEPOINT" not in q["sql"]]))
    assert max(counts[1:]) == min(counts[1:]) <= 17, counts


def test_where_one_stands_is_told_without_counting(client, work):
    page = work(n_segments=8, batch_size=3)
    for number in range(1, 12):
        assignment = Assignment.objects.get(pk=page.split("/")[-2])
        mine = Assignment.objects.filter(annotator=assignment.annotator)
        standing = standing_at(assignment)
        assert standing.number == number
        assert standing.n == mine.count()
        assert standing.n_done == mine.filter(state="done").count()
        before = mine.filter(position__lt=assignment.position).order_by("position").last()
        assert standing.previous == (before and before.pk)
        page = send(client, page)["next"]


def test_no_text_can_pose_as_a_mark():
    first, second = Blank(), Blank()
    mark = first.put("private")
    second.put(mark)  # a text that holds the mark of another value
    second.put("<b>")
    blanks, page = Blanks(), Blank()
    marks = [page.put("x"), page.put("y")]
    html = blanks.fill("key", second, lambda: f"<p>{marks[0]}</p>{marks[1]}")
    assert html == f"<p>{mark}</p>&lt;b&gt;"


def test_hostile_text_is_escaped_in_what_is_brought(client, work):
    page = work()
    assignment = Assignment.objects.get(pk=page.split("/")[-2])
    assignment.item.campaign.dataset.segments.update(source="<script>alert(1)</script>")
    html = send(client, page)["html"]
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
