"""The pages of MQM and ESA over HTTP: blind, forgiving, and cheap."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.models import Assignment, ErrorSpan, Rating, RatingEvent, RatingScore
from annotation.services import expire_leases, open_campaign
from common.text import text_hash
from tests import people

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def opened(client, protocol, **fields):
    campaign = people.small_campaign(f"study {protocol}", protocol, **fields)
    open_campaign(campaign)
    client.force_login(people.bob())
    response = client.get(reverse("annotation:annotate_next", args=[campaign.pk]))
    return response.headers["Location"]


@pytest.fixture(params=["mqm", "esa"])
def page(request, client):
    return opened(client, request.param)


@pytest.fixture
def mqm_page(client):
    return opened(client, "mqm", options={"tree": "core", "leaves": "mr"})


def assignment_of(page):
    return Assignment.objects.get(pk=page.split("/")[-2])


def texts_of(page):
    item = assignment_of(page).item
    return item.segment.source, item.slots.get().output.text


def error(text, quoted, **fields):
    start = text.index(quoted)
    place = {"side": "target", "start": start, "end": start + len(quoted), "quoted": quoted}
    return {**place, "category": "Style", "severity": "major", "note": "", **fields}


def posted(page, *errors, **more):
    """A finished answer with these errors, else with one on the output's first word."""
    _, text = texts_of(page)
    errors = errors or (error(text, text.split()[0]),)
    fields = {"key": str(uuid.uuid4()), "sequence": "1", "score": "40"}
    return {**fields, "errors": json.dumps(errors), **more}


def script(html, name):
    """The JSON that the page's script reads."""
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html)
    return json.loads(found[1])


def shown_errors(client, page):
    return script(client.get(page).content.decode(), "marking-errors")


def test_the_page_tells_nothing_of_the_systems(client, page):
    html = client.get(page).content.decode()
    assert "secret" not in html and "lora" not in html
    assert script(html, "marking-texts") == dict(
        zip(("source", "target"), texts_of(page), strict=True)
    )


@pytest.mark.parametrize("work", ["nothing", "a draft", "an answer"])
def test_the_page_asks_the_database_little(client, page, work, django_assert_max_num_queries):
    if work != "nothing":
        client.post(page, posted(page, finish="0" if work == "a draft" else "1"), **JSON)
    client.get(page)
    with django_assert_max_num_queries(12):
        assert client.get(page).status_code == 200


def test_the_form_comes_in_the_annotators_language(client, mqm_page):
    html = client.get(mqm_page, headers={"accept-language": "mr"}).content.decode()
    tree = script(html, "marking-form")["tree"]
    style = next(node for node in tree if node["path"] == "Style")
    assert style["label"] == "शैली"
    leaves = [leaf["path"] for child in style["children"] for leaf in child["children"]]
    assert "Style/Register/Honorific" in leaves


def test_an_answer_is_stored_scored_and_leads_on(client, page):
    response = client.post(page, posted(page), **JSON)
    assert response.json()["saved"] is True and response.json()["next"] != page
    assert Rating.objects.get().is_complete
    scores = dict(RatingScore.objects.values_list("criterion", "value"))
    assert scores["penalty"] == 5.0 and scores.get("score", 40.0) == 40.0


def test_errors_are_stored_one_by_one_with_the_hash_of_their_text(client, mqm_page):
    source, text = texts_of(mqm_page)
    marked = [
        error(text, "कुत्रा", category="Accuracy/Mistranslation", note="मांजर?"),
        error(text, "त्रा", category="Style/Register/Honorific", severity="Minor"),
        error(source, "dog", side="source", category="Accuracy/Omission"),
        {**error(text, " "), "end": text.index(" "), "quoted": "", "category": "Accuracy/Omission"},
        {"category": "Non-translation!"},
    ]
    assert client.post(mqm_page, posted(mqm_page, *marked), **JSON).status_code == 200
    dog, at = text.index("कुत्रा"), text.index("त्रा")
    end, gap = at + len("त्रा"), text.index(" ")
    fields = ("side", "start", "end", "quoted", "category", "severity", "note")
    assert list(ErrorSpan.objects.order_by("pk").values_list(*fields)) == [
        ("target", dog, end, "कुत्रा", "Accuracy/Mistranslation", "major", "मांजर?"),
        ("target", at, end, "त्रा", "Style/Register/Honorific", "minor", ""),
        ("source", 4, 7, "dog", "Accuracy/Omission", "major", ""),
        ("target", gap, gap, "", "Accuracy/Omission", "major", ""),
        ("target", None, None, "", "Non-translation!", "major", ""),
    ]
    hashes = ErrorSpan.objects.values_list("side", "text_hash")
    assert set(hashes) == {("target", text_hash(text)), ("source", text_hash(source))}
    assert RatingScore.objects.get().value == 25.0


def test_a_new_answer_replaces_the_errors_of_the_old(client, page):
    client.post(page, posted(page), **JSON)
    client.post(page, posted(page, sequence="2", errors="[]"), **JSON)
    assert not ErrorSpan.objects.exists()
    assert RatingEvent.objects.count() == 2


def test_identical_outputs_are_judged_once_for_all_systems(client):
    campaign = people.small_campaign("twins", "mqm")
    for system in campaign.systems.all():
        system.outputs.update(text="एकच उत्तर", text_hash=text_hash("एकच उत्तर"))
    open_campaign(campaign)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    data = {"key": str(uuid.uuid4()), "sequence": "1"}
    errors = json.dumps([error("एकच उत्तर", "उत्तर")])
    assert client.post(page, {**data, "errors": errors}, **JSON).status_code == 200
    systems = ErrorSpan.objects.values_list("output__system__name", flat=True)
    assert sorted(systems) == ["secret-base of twins", "secret-lora of twins"]


def test_a_draft_is_kept_and_shown_again(client, page):
    _, text = texts_of(page)
    draft = error(text, text.split()[1], severity="", category="", note="शंका")
    data = posted(page, draft, finish="0", score="")
    assert client.post(page, data, **JSON).json()["next"] is None
    assert shown_errors(client, page) == [draft]
    assert not Rating.objects.get().is_complete and not ErrorSpan.objects.exists()


def test_an_answer_given_is_shown_again(client, page):
    client.post(page, posted(page), **JSON)
    html = client.get(page).content.decode()
    assert [found["severity"] for found in script(html, "marking-errors")] == ["major"]
    assert 'name="score"' not in html or 'value="40"' in html


def test_an_unfinished_answer_is_a_draft_and_a_sentence(client, page):
    _, text = texts_of(page)
    data = posted(page, error(text, text.split()[0], severity=""))
    response = client.post(page, data, **JSON)
    assert response.status_code == 422
    assert "draft is saved" in response.json()["error"]["message"]
    assert len(shown_errors(client, page)) == 1


@pytest.mark.parametrize(
    "errors, sentence",
    [
        ("", "cannot be read; load the page again"),
        ("[", "cannot be read; load the page again"),
        ("[" * 100_000, "cannot be read; load the page again"),
        ('{"a": 1}', "are a list"),
        ("[5]", "a marked error has"),
        ('[{"start": NaN, "end": 3}]', "two whole numbers"),
        ('[{"start": 0, "end": 3, "quoted": "\\ud800"}]', "holds"),
    ],
)
def test_errors_that_cannot_be_read_are_refused_with_a_sentence(client, page, errors, sentence):
    client.post(page, posted(page, finish="0"), **JSON)
    response = client.post(page, posted(page, errors=errors, sequence="2"), **JSON)
    assert response.status_code == 422
    assert sentence in response.json()["error"]["message"]
    as_html = client.post(page, posted(page, errors=errors, sequence="2"))
    assert as_html.status_code == 422 and sentence in as_html.content.decode()
    assert RatingEvent.objects.count() == 1


def test_a_refused_page_still_shows_what_was_stored(client, page):
    client.post(page, posted(page, finish="0"), **JSON)
    kept = shown_errors(client, page)
    refused = client.post(page, posted(page, errors="", sequence="2")).content.decode()
    assert script(refused, "marking-errors") == kept != []


def test_a_lease_that_ran_out_keeps_the_work(client, page):
    client.post(page, posted(page, finish="0", score=""), **JSON)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(hours=1))
    expire_leases()
    html = client.get(page).content.decode()
    assert "you can still answer it" in html
    assert len(script(html, "marking-errors")) == 1
    assert client.post(page, posted(page, sequence="2"), **JSON).status_code == 200
    assert Rating.objects.get().is_complete and ErrorSpan.objects.count() == 1
    assert RatingEvent.objects.get(sequence=2).after_lease
    assert assignment_of(page).state == Assignment.State.DONE


def test_model_text_is_data_and_never_markup(client):
    campaign = people.small_campaign("hostile", "mqm")
    campaign.dataset.segments.update(source="</script><script>alert(1)</script>")
    open_campaign(campaign)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    html = client.get(page).content.decode()
    assert "<script>alert" not in html
    assert script(html, "marking-texts")["source"] == "</script><script>alert(1)</script>"
