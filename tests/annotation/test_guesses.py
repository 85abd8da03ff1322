"""Asking which output was the tuned model's: optional, logged, projected, blind."""

import pytest
from django.urls import reverse

from annotation.forms import CampaignForm
from annotation.guesses import restore_guesses
from annotation.models import Assignment, Campaign, Guess, Rating, RatingEvent
from annotation.services import open_campaign
from tests import people
from tests.annotation.test_annotate_view import JSON, posted

pytestmark = pytest.mark.django_db
ASKING = {"quality": {"ask_guess": True}}


def opened(client, protocol, options=ASKING):
    campaign = people.small_campaign(f"study {protocol}", protocol, options=options)
    open_campaign(campaign)
    client.force_login(people.bob())
    return client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]


def assignment_of(page):
    return Assignment.objects.get(pk=page.split("/")[-2])


@pytest.mark.parametrize("protocol", ["sidebyside", "questionnaire"])
@pytest.mark.parametrize("letter", ["0", "1"])
def test_a_guess_at_a_pair_is_logged_by_slot_and_stored_by_output(client, protocol, letter):
    page = opened(client, protocol)
    html = client.get(page).content.decode()
    assert "Which one do you think is the tuned model?" in html and 'data-key="b"' in html
    assert client.post(page, posted(page, guess=letter), **JSON).status_code == 200
    assignment, guess = assignment_of(page), Guess.objects.get()
    slot = assignment.order[int(letter)]
    assert guess.is_tuned and guess.output == assignment.item.slots.get(slot=slot).output
    assert RatingEvent.objects.get().answer["guess"] == slot
    assert "guess" not in Rating.objects.get().answer
    shown = client.get(page).content.decode()
    assert f'name="guess" value="{letter}" data-key="{"ab"[int(letter)]}" checked' in shown


@pytest.mark.parametrize(
    ("value", "is_tuned"), [("tuned", True), ("not_tuned", False), ("cannot_tell", None)]
)
def test_a_single_output_is_taken_for_tuned_or_not(client, value, is_tuned):
    page = opened(client, "sqm")
    assert "Do you think the tuned model wrote this?" in client.get(page).content.decode()
    client.post(page, posted(page, guess=value), **JSON)
    guess = Guess.objects.get()
    assert guess.is_tuned is is_tuned
    assert (guess.output is None) == (is_tuned is None)
    assert RatingEvent.objects.get().answer["guess"] == value
    shown = client.get(page).content.decode()
    assert f'value="{value}" data-key=' in shown and shown.count("checked") == 2


def test_it_is_not_required_and_may_be_taken_back(client):
    page = opened(client, "sidebyside")
    client.post(page, posted(page), **JSON)
    assert Rating.objects.get().is_complete and not Guess.objects.exists()
    client.post(page, posted(page, sequence="2", guess="cannot_tell"), **JSON)
    assert Guess.objects.get().output is None
    client.post(page, posted(page, sequence="3"), **JSON)
    assert not Guess.objects.exists() and RatingEvent.objects.count() == 3


def test_a_late_event_does_not_override_the_guess(client):
    page = opened(client, "sqm")
    client.post(page, posted(page, sequence="2", guess="tuned"), **JSON)
    client.post(page, posted(page, sequence="1", guess="not_tuned"), **JSON)
    assert Guess.objects.get().is_tuned is True


def test_the_same_answer_with_another_guess_is_another_answer(client):
    page = opened(client, "sqm")
    data = posted(page, guess="tuned")
    assert client.post(page, data, **JSON).status_code == 200
    assert client.post(page, data, **JSON).status_code == 200
    assert client.post(page, {**data, "guess": "not_tuned"}, **JSON).status_code == 409


def test_nobody_is_asked_where_the_campaign_does_not_ask(client):
    page = opened(client, "sidebyside", options={})
    html = client.get(page).content.decode()
    assert "tuned" not in html and "guess.js" not in html
    client.post(page, posted(page, guess="1"), **JSON)
    assert not Guess.objects.exists() and "guess" not in RatingEvent.objects.get().answer


@pytest.mark.parametrize("bad", ["2", "-1", "tuned", "<b>", "x" * 500])
def test_what_is_no_choice_is_refused_with_a_sentence(client, bad):
    page = opened(client, "sidebyside")
    answer = client.post(page, posted(page, guess=bad), **JSON)
    assert answer.status_code == 422 and "is no guess" in answer.json()["error"]["message"]
    assert not RatingEvent.objects.exists()


@pytest.mark.parametrize("protocol", ["sqm", "sidebyside"])
def test_the_page_still_asks_the_database_little(client, protocol, django_assert_max_num_queries):
    page = opened(client, protocol)
    client.post(page, posted(page, guess="cannot_tell" if protocol == "sqm" else "0"), **JSON)
    with django_assert_max_num_queries(14):
        html = client.get(page).content.decode()
    assert "secret" not in html and "lora" not in html


def test_guesses_come_back_from_the_log_and_what_is_none_does_not(client):
    page = opened(client, "sidebyside")
    client.post(page, posted(page, guess="1"), **JSON)
    expected = Guess.objects.get().output
    Guess.objects.all().delete()
    campaign = Campaign.objects.get()
    restore_guesses(campaign)
    assert Guess.objects.get().output == expected
    for odd in ([], True, 7, "tuned", None):
        Guess.objects.all().delete()
        event = RatingEvent.objects.get()
        RatingEvent.objects.update(answer={**event.answer, "guess": odd})
        restore_guesses(campaign)
        assert not Guess.objects.exists()


def test_the_form_stores_what_was_chosen():
    campaign = people.small_campaign("old", "sqm")
    systems = list(campaign.systems.values_list("pk", flat=True))
    data = {
        "name": "new", "dataset": campaign.dataset_id, "protocol": "sqm", "systems": systems,
        "raters_per_item": 1, "batch_size": 5, "lease_minutes": 60, "seed": 1,
        "ask_guess": "on", "tuned": systems[1:], "norming": "on",
    }  # fmt: skip
    form = CampaignForm(data)
    assert form.is_valid(), form.errors
    assert form.save(commit=False).options["quality"] == {
        "ask_guess": True,
        "norming": True,
        "tuned": ["secret-lora of old"],
    }
    plain = CampaignForm({k: v for k, v in data.items() if k not in ("ask_guess", "norming")})
    assert plain.is_valid() and "quality" not in plain.save(commit=False).options
