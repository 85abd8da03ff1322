"""The annotator's page over HTTP: blind, forgiving, and cheap."""

import uuid

import pytest
from django.urls import reverse

from annotation.models import Assignment, Rating, RatingEvent
from annotation.services import open_campaign
from tests import people

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(params=["sqm", "sidebyside", "questionnaire"])
def page(request, client):
    campaign = people.small_campaign(f"study {request.param}", request.param)
    open_campaign(campaign)
    client.force_login(people.bob())
    response = client.get(reverse("annotation:annotate_next", args=[campaign.pk]))
    return response.headers["Location"]


def answer(protocol):
    if protocol == "sqm":
        return {"score": "4"}
    if protocol == "sidebyside":
        return {"preference": "0:slightly"}
    fields = ("correctness", "fluency", "contextual_relevance", "cultural_appropriateness")
    filled = {f"o{shown}-{field}": "4" for shown in (0, 1) for field in fields}
    return {**filled, "item-preference": "tie"}


def posted(page, **more):
    protocol = Assignment.objects.get(pk=page.split("/")[-2]).item.campaign.protocol
    return {"key": str(uuid.uuid4()), "sequence": "1", **answer(protocol), **more}


def test_the_page_tells_nothing_of_the_systems(client, page):
    html = client.get(page).content.decode()
    assert "secret" not in html and "lora" not in html


def test_the_page_asks_the_database_little(client, page, django_assert_max_num_queries):
    client.get(page)
    with django_assert_max_num_queries(12):
        assert client.get(page).status_code == 200


def test_an_answer_leads_to_the_next_item(client, page):
    response = client.post(page, posted(page))
    assert response.status_code == 302 and response.headers["Location"] != page
    assert Rating.objects.get().is_complete


def test_a_program_gets_the_next_address_as_json(client, page):
    response = client.post(page, posted(page), **JSON)
    assert response.json()["saved"] is True
    assert response.json()["next"].startswith("/work/")


def test_a_draft_is_kept_and_shown_again(client, page):
    data = posted(page, finish="0", note="शंका आहे")
    assert client.post(page, data, **JSON).json()["next"] is None
    html = client.get(page).content.decode()
    assert "शंका आहे" in html and "checked" in html
    assert not Rating.objects.get().is_complete


def test_an_unfinished_answer_is_a_draft_and_a_sentence(client, page):
    data = {"key": str(uuid.uuid4()), "sequence": "1"}
    response = client.post(page, data)
    assert response.status_code == 422
    assert "draft is saved" in response.content.decode()
    assert RatingEvent.objects.count() == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"key": "no"}, {"sequence": "0"}, {"sequence": "x"}, {"sequence": "99999999999"},
        {"active_seconds": "nan"}, {"active_seconds": "soon"}, {"note": "x" * 3000},
    ],
)  # fmt: skip
def test_a_damaged_answer_is_refused_with_a_sentence(client, page, bad):
    response = client.post(page, posted(page, **bad), **JSON)
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"code", "message", "fields"}
    assert not RatingEvent.objects.exists()


def test_model_text_is_escaped(client):
    campaign = people.small_campaign("hostile", "sqm")
    campaign.dataset.segments.update(source="<script>alert(1)</script>")
    open_campaign(campaign)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    html = client.get(page).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_my_work_asks_the_database_the_same_however_many_campaigns(
    client, django_assert_max_num_queries
):
    for number in range(4):
        open_campaign(people.small_campaign(f"study {number}", "sqm"))
    client.force_login(people.bob())
    with django_assert_max_num_queries(9):
        assert client.get(reverse("annotation:my_work")).status_code == 200
