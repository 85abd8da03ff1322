"""Comparing notes: who may, what they see, and that the blind answers stay."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from annotation import summaries
from annotation.accounts import add_member
from annotation.comparing import scores_table
from annotation.differing import DIFFERING, Differing
from annotation.models import (
    Assignment,
    Item,
    Rating,
    RatingScore,
    Remark,
    SecondThought,
    Summary,
)
from annotation.norming import campaigns_open_to, items_in, room_of
from annotation.services import claim_work, close_campaign, open_campaign, submit_rating
from common.errors import Conflict
from tests import people

pytestmark = pytest.mark.django_db
NORMING = {"quality": {"norming": True}}


def dora():
    return people.person("dora", "annotator")


def study(protocol="sqm", **fields):
    """Bob and Dora annotate; each item wants both."""
    fields = {"raters_per_item": 2, "batch_size": 50, "n_segments": 3, **fields}
    campaign = people.small_campaign("study", protocol, **fields)
    add_member(campaign=campaign, user=dora(), role="annotator")
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def answer(campaign, person, answers, **more):
    """A person's answers to the first items in the campaign's order; codes in that of the names."""
    person.annotator.code = f"A-{person.username}"[:4]
    person.annotator.save()
    claim_work(person.annotator, campaign)
    mine = Assignment.objects.filter(annotator=person.annotator, item__campaign=campaign)
    for assignment, given in zip(mine.order_by("item__position"), answers, strict=False):
        submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer=given, **more)


def points(*scores):
    return [{"score": score} for score in scores]


def page(name, campaign, *more):
    return reverse(f"annotation:{name}", args=[campaign.pk, *more])


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def campaign():
    campaign = study()
    answer(campaign, people.bob(), points(0, 3, 6, 2, 2))
    answer(campaign, dora(), points(1, 3, 0, 2))
    return campaign


def listed(campaign, person):
    return list(items_in(room_of(campaign, person)))


def test_items_that_differ_most_come_first(campaign):
    found = [(item.position, item.gap) for item in listed(campaign, people.alice())]
    assert found == [(2, 6.0), (0, 1.0), (1, 0.0), (3, 0.0)]  # the fifth has one answer


def test_controls_drafts_and_single_answers_are_not_compared(campaign):
    Item.objects.filter(position=2).update(purpose="damaged")
    Rating.objects.filter(item__position=0).update(is_complete=False)
    assert [item.position for item in listed(campaign, people.alice())] == [1, 3]


def test_a_big_campaign_keeps_its_order_until_it_is_counted_again(campaign, monkeypatch):
    room = room_of(campaign, people.alice())
    monkeypatch.setattr(summaries, "BIG", 1)
    assert list(Differing(room)[0:3]) == listed(campaign, people.alice())[:3]
    assert Summary.objects.get(name=DIFFERING).n_answers == 9
    rating = Rating.objects.get(item__position=4)
    Rating.objects.create(item=rating.item, annotator=dora().annotator, is_complete=True)
    assert len(Differing(room)) == 4
    summaries.make_summary(campaign, DIFFERING)
    assert len(Differing(room)) == 5
    bob = room_of(campaign, people.bob())
    assert [item.position for item in Differing(bob._replace(is_research=False))[0:9]] == [
        item.position for item in listed(campaign, people.bob())
    ]


def test_only_flagged_items_where_asked(campaign):
    Rating.objects.filter(item__position=1).update(flagged=True)
    client = signed_in(people.alice())
    html = client.get(page("norming", campaign), {"flagged": "1"}).content.decode()
    first = campaign.items.get(position=1)
    assert page("norming_item", campaign, first.pk) in html
    assert html.count("norming/") - html.count("?flagged") <= 2
    Rating.objects.update(flagged=False)
    html = client.get(page("norming", campaign), {"flagged": "1"}).content.decode()
    assert "No such item is flagged." in html


STATES = {
    # (open, norming off), (open, norming on), closed: list and item, for an item that Bob judged
    "bob": (404, 200, 200),
    "dora": (404, 200, 200),
    "charlie": (404, 404, 404),
    "alice": (200, 200, 200),
    "ada": (200, 200, 200),
}


@pytest.mark.parametrize("person", sorted(STATES))
@pytest.mark.parametrize("state", [0, 1, 2])
def test_who_may_compare_and_when(campaign, person, state):
    if state == 1:
        campaign.options = NORMING
        campaign.save()
    if state == 2:
        close_campaign(campaign)
    client = signed_in(dora() if person == "dora" else getattr(people, person)())
    item = campaign.items.get(position=2).pk
    expected = STATES[person][state]
    assert client.get(page("norming", campaign)).status_code == expected
    assert client.get(page("norming_item", campaign, item)).status_code == expected
    said = client.post(page("norming_remark", campaign, item), {"text": "why?"}).status_code
    assert said == (302 if expected == 200 else 404)
    again = client.get(page("norming_again", campaign, item)).status_code
    assert again == (200 if expected == 200 and person in ("bob", "dora") else 404)


def test_an_annotator_compares_only_what_they_judged_themselves(campaign):
    close_campaign(campaign)
    eve = people.person("eve", "annotator")
    add_member(campaign=campaign, user=eve, role="annotator")
    client = signed_in(eve)
    assert client.get(page("norming", campaign)).status_code == 200
    item = campaign.items.get(position=2).pk
    assert client.get(page("norming_item", campaign, item)).status_code == 404
    client = signed_in(dora())
    Rating.objects.filter(annotator=dora().annotator, item=item).update(is_complete=False)
    assert client.get(page("norming_item", campaign, item)).status_code == 404


def test_an_item_of_another_campaign_is_not_found(campaign):
    other = people.small_campaign("other", "sqm")
    item = campaign.items.get(position=2).pk
    assert signed_in(people.alice()).get(page("norming_item", other, item)).status_code == 404


def test_annotators_see_codes_and_letters_and_researchers_the_systems():
    campaign = study("sidebyside")
    bob, eve = people.bob(), dora()
    answer(campaign, bob, [{"better": 0, "strength": "much"}])
    answer(campaign, eve, [{"better": "tie"}])
    close_campaign(campaign)
    campaign.refresh_from_db()
    item = campaign.items.get(position=0)
    html = signed_in(bob).get(page("norming_item", campaign, item.pk)).content.decode()
    assert "secret" not in html and "dora" not in html
    order = Assignment.objects.get(item=item, annotator=bob.annotator).order
    mine = f"Answer {'AB'[order.index(0)]}"
    assert f"{bob.annotator.code} (you)" in html and eve.annotator.code in html
    assert f"<td>{mine}</td>" in html.replace("\n", "") and "both alike" in html
    read = signed_in(people.alice()).get(page("norming_item", campaign, item.pk)).content.decode()
    assert "secret-base of study" in read and "dora" not in read


def test_notes_for_researchers_are_for_researchers(campaign):
    close_campaign(campaign)
    Rating.objects.filter(item__position=2).update(note="for your eyes", flagged=True)
    item = campaign.items.get(position=2).pk
    assert (
        "for your eyes"
        in signed_in(people.alice()).get(page("norming_item", campaign, item)).content.decode()
    )
    html = signed_in(people.bob()).get(page("norming_item", campaign, item)).content.decode()
    assert "for your eyes" not in html


def test_remarks_are_added_escaped_and_signed_by_code_or_role(campaign):
    close_campaign(campaign)
    item = campaign.items.get(position=2).pk
    bob, alice = signed_in(people.bob()), signed_in(people.alice())
    bob.post(page("norming_remark", campaign, item), {"text": "<script>alert(1)</script>"})
    alice.post(page("norming_remark", campaign, item), {"text": "दोन\r\nओळी"})
    html = bob.get(page("norming_item", campaign, item)).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
    assert f"<strong>{people.bob().annotator.code}</strong>" in html
    assert "<strong>researcher</strong>" in html and "दोन<br>ओळी" in html
    assert "alice" not in html
    people.alice().delete()
    assert "somebody who has left" in bob.get(page("norming_item", campaign, item)).content.decode()


@pytest.mark.parametrize("text", ["", "  \n ", "\0", "x" * 2001])
def test_an_empty_or_endless_remark_is_refused_with_a_sentence(campaign, text):
    item = campaign.items.get(position=2).pk
    response = signed_in(people.alice()).post(
        page("norming_remark", campaign, item), {"text": text}
    )
    assert response.status_code == 422 and 'role="alert"' in response.content.decode()
    assert not Remark.objects.exists()


def test_no_page_changes_or_removes_a_remark(campaign):
    item = campaign.items.get(position=2).pk
    client = signed_in(people.alice())
    client.post(page("norming_remark", campaign, item), {"text": "one"})
    for method in (client.put, client.patch, client.delete, client.get):
        assert method(page("norming_remark", campaign, item)).status_code == 405
    assert Remark.objects.get().text == "one"


def test_a_second_thought_stands_beside_the_blind_answer(campaign):
    close_campaign(campaign)
    item = campaign.items.get(position=2)
    bob = signed_in(people.bob())
    address = page("norming_again", campaign, item.pk)
    assert 'value="6" data-key="6" checked' in bob.get(address).content.decode()
    scores = list(RatingScore.objects.order_by("pk").values_list("value", flat=True))
    response = bob.post(address, {"score": "2", "reason": "Dora <b>is</b> right"})
    assert response.headers["Location"] == page("norming_item", campaign, item.pk)
    rating = Rating.objects.get(item=item, annotator=people.bob().annotator)
    assert rating.answer == {"score": 6}
    assert (rating.second_thought.answer, rating.second_thought.reason) == (
        {"score": 2},
        "Dora <b>is</b> right",
    )
    assert list(RatingScore.objects.order_by("pk").values_list("value", flat=True)) == scores
    mine = bob.get(page("norming_item", campaign, item.pk)).content.decode()
    assert "after comparing" in mine and "Dora &lt;b&gt;is&lt;/b&gt; right" in mine
    read = signed_in(people.alice())
    assert "after comparing" in read.get(page("norming_item", campaign, item.pk)).content.decode()
    hers = signed_in(dora()).get(page("norming_item", campaign, item.pk)).content.decode()
    assert "after comparing" not in hers and "is right" not in hers
    bob.post(address, {"score": "1", "reason": "more"})
    assert SecondThought.objects.get().answer == {"score": 1}


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({"score": "", "reason": "because"}, "answer every question"),
        ({"score": "9", "reason": "because"}, "0 to 6"),
        ({"score": "3", "reason": " "}, "write something"),
        ({"score": "3", "reason": "x" * 2001}, "2000 is the most"),
    ],
)
def test_a_second_thought_needs_an_answer_and_a_reason(campaign, posted, sentence):
    close_campaign(campaign)
    item = campaign.items.get(position=2)
    response = signed_in(people.bob()).post(page("norming_again", campaign, item.pk), posted)
    assert response.status_code == 422 and sentence in response.content.decode()
    assert not SecondThought.objects.exists()


def test_an_answer_that_is_compared_stays_as_it_was(campaign):
    assignment = Assignment.objects.get(item__position=2, annotator=people.bob().annotator)
    key = uuid.uuid4()
    submit_rating(assignment=assignment, key=key, sequence=2, answer={"score": 5})
    close_campaign(campaign)
    assignment = Assignment.objects.get(pk=assignment.pk)
    with pytest.raises(Conflict, match="being compared"):
        submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=3, answer={"score": 1})
    again = submit_rating(assignment=assignment, key=key, sequence=2, answer={"score": 5})
    assert not again.is_new
    assert Rating.objects.get(pk=again.rating.pk).answer == {"score": 5}
    html = signed_in(people.bob()).get(reverse("annotation:annotate", args=[assignment.pk]))
    assert "yours stays as you gave it" in html.content.decode()


def test_what_nobody_could_compare_may_still_be_sent(campaign):
    close_campaign(campaign)
    alone = Assignment.objects.get(item__position=4, annotator=people.bob().annotator)
    submit_rating(assignment=alone, key=uuid.uuid4(), sequence=2, answer={"score": 1})
    late = Assignment.objects.get(item__position=4, annotator=dora().annotator)
    submit_rating(assignment=late, key=uuid.uuid4(), sequence=1, answer={"score": 1})
    assert Rating.objects.filter(item__position=4, is_complete=True).count() == 2


def marked(text, quoted, severity="major", side="target"):
    start = text.index(quoted)
    return {
        "side": side, "start": start, "end": start + len(quoted), "quoted": quoted,
        "category": "Style/Awkward", "severity": severity, "note": "",
    }  # fmt: skip


def errors(*found):
    return {"outputs": {"0": {"errors": list(found)}}}


def test_marked_errors_lie_over_the_text_in_lanes():
    campaign = study("mqm")
    item = campaign.items.order_by("position").first()
    text = item.slots.get().output.text
    whole, first, second = text, text.split()[0], text.split()[1]
    answer(campaign, people.bob(), [errors(marked(text, first), marked(text, whole, "minor"))])
    answer(
        campaign,
        dora(),
        [errors(marked(text, second), marked(item.segment.source, "dog", side="source"))],
    )
    close_campaign(campaign)
    html = signed_in(people.bob()).get(page("norming_item", campaign, item.pk)).content.decode()
    assert "lanes lanes-2" in html and html.count("lanes-box") == 2
    assert 'class="lane lane-2 is-major"' in html and "lane-1 is-minor" in html
    assert "secret" not in html
    for cell in ("Style/Awkward", "source", "dog"):
        assert cell in html


def test_a_second_thought_on_marked_errors_is_checked_against_the_text():
    campaign = study("mqm")
    item = campaign.items.order_by("position").first()
    text = item.slots.get().output.text
    answer(campaign, people.bob(), [errors(marked(text, text.split()[0]))])
    answer(campaign, dora(), [errors()])
    close_campaign(campaign)
    bob, address = signed_in(people.bob()), page("norming_again", campaign, item.pk)
    assert "marking_page.js" in bob.get(address).content.decode()
    wrong = {**marked(text, text.split()[0]), "quoted": "मांजर"}
    bad = bob.post(address, {"errors": json.dumps([wrong]), "reason": "x"})
    assert bad.status_code == 422 and not SecondThought.objects.exists()
    good = bob.post(address, {"errors": "[]", "reason": "no error"})
    assert good.status_code == 302
    rating = Rating.objects.get(annotator=people.bob().annotator)
    assert rating.spans.count() == 1 and rating.second_thought.answer == errors()
    rows = scores_table(room_of(campaign, people.alice()), [rating], [_shown(item)])["rows"]
    assert [row[1] for row in rows] == ["5", "0"]


def _shown(item):
    from annotation.comparing import Shown

    return Shown([0], "x", item.slots.get().output.text)


def test_questionnaires_are_compared_output_by_output():
    campaign = study("questionnaire")
    fields = ("correctness", "fluency", "contextual_relevance", "cultural_appropriateness")
    given = {
        "outputs": {slot: dict.fromkeys(fields, points) for slot, points in (("0", 2), ("1", 5))},
        "item": {"preference": {"better": 1}},
    }
    answer(campaign, people.bob(), [given])
    answer(campaign, dora(), [given])
    close_campaign(campaign)
    item = campaign.items.get(position=0)
    html = signed_in(people.bob()).get(page("norming_item", campaign, item.pk)).content.decode()
    assert "Answer A: fluency" in html and "Answer B: overall" in html and "Preferred" in html
    assert signed_in(people.bob()).get(page("norming_again", campaign, item.pk)).status_code == 200


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_the_queries_do_not_grow(campaign, person, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    close_campaign(campaign)
    client = signed_in(getattr(people, person)())
    item = campaign.items.get(position=2)
    pages = [page("norming", campaign), page("norming_item", campaign, item.pk)]
    few = []
    for address in pages:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        few.append(len(asked))
    for n in range(4):
        client.post(page("norming_remark", campaign, item.pk), {"text": str(n)})
    for rating in Rating.objects.filter(is_complete=True):
        SecondThought.objects.create(rating=rating, answer={"score": 3}, reason="x")
    for address, n in zip(pages, few, strict=True):
        with django_assert_num_queries(n):
            client.get(address)
    assert few[0] <= 16 and few[1] <= 20


def test_each_may_enter_only_their_own_campaigns(campaign):
    assert list(campaigns_open_to(people.alice())) == [campaign]
    assert not campaigns_open_to(people.bob()).exists()
    assert not campaigns_open_to(people.charlie()).exists()
