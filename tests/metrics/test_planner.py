"""The planner's page: numbers that follow from what was typed, pilots, and what is refused."""

import re

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.models import RatingScore
from annotation.services import open_campaign
from metrics.analyses.frame import load_frame
from metrics.analyses.pilots import pilot_of
from metrics.analyses.sizes import size_for
from metrics.planner_forms import QUESTIONS, USUAL, form_for
from metrics.statistics import (
    correlation_sample_size,
    difference_sd,
    krippendorff_alpha,
    mixed_model,
    paired_t_power,
    paired_t_sample_size,
    win_rate_sample_size,
)
from tests import people
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db


@pytest.fixture
def researcher(client):
    client.force_login(people.alice())
    return client


def page(client, campaign=None, **typed):
    name = "campaign_planner" if campaign else "planner"
    return client.get(reverse(f"metrics:{name}", args=[campaign.pk] if campaign else []), typed)


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer_from_the_start(researcher, question):
    response = page(researcher, question=question)
    assert response.status_code == 200
    shown = response.context["size"]
    assert shown["n"] > 1 and str(shown["n"]) in shown["sentence"]
    figure = shown["figure"]
    assert figure["table"]["rows"] and len(figure["spec"]["data"]) >= 2
    assert [row[0] for row in figure["table"]["rows"]] == [
        str(n) for n in figure["spec"]["data"][0]["x"]
    ]


def test_the_usual_numbers_are_those_of_hindi_ratings(researcher):
    response = page(researcher)
    assert response.context["size"]["n"] == 344  # 14 ** 2 is 196: 344; 196.8 makes it 346
    assert "80%" in text(response) and "688" in text(response)


def test_what_is_typed_counts(researcher):
    response = page(researcher, question="difference", smallest=5, ratings=2, sd_output=4)
    expected = paired_t_sample_size(5, difference_sd(16, 196, 2))
    assert response.context["size"]["n"] == expected
    assert page(researcher, question="wins", win=30, tie=50).context["size"]["n"] == (
        win_rate_sample_size(0.3, 0.5)
    )
    assert page(researcher, question="correlation", r=0.2, power=0.9).context["size"]["n"] == (
        correlation_sample_size(0.2, power=0.9)
    )


def test_more_systems_are_more_pairs_and_need_more_segments(researcher):
    two, five = (page(researcher, n_systems=n).context["size"] for n in (2, 5))
    assert five["n"] == paired_t_sample_size(3, difference_sd(0, 196), alpha=0.05 / 10)
    assert five["n"] > two["n"] and any(fact["value"] == 10 for fact in five["facts"])


def test_comparisons_read_together_share_the_false_positives(researcher):
    response = page(researcher, question="correlation", r=0.2, comparisons=12)
    assert response.context["size"]["n"] == correlation_sample_size(0.2, alpha=0.05 / 12)
    assert "in 12 comparisons read together, each tested at 0.42%" in text(response)
    wins = page(researcher, question="wins", win=30, tie=50, comparisons=3).context["size"]
    assert wins["n"] == win_rate_sample_size(0.3, 0.5, alpha=0.05 / 3)
    several = page(researcher, n_systems=5, comparisons=4).context["size"]
    assert several["n"] == paired_t_sample_size(3, difference_sd(0, 196), alpha=0.05 / 4)
    assert "comparisons read together" in [fact["label"] for fact in several["facts"]]
    one = page(researcher, n_systems=5, comparisons=1).context["size"]
    assert "comparisons" not in one["sentence"]


def test_who_judges_what_is_drawn(researcher):
    same, own = page(researcher).context["size"]["allocations"]["rows"]
    assert abs(int(same[1].rstrip("%")) - 80) <= 5 and int(same[2].rstrip("%")) <= 7
    assert int(own[2].rstrip("%")) > 50


def test_too_big_a_study_is_not_drawn(researcher):
    response = page(researcher, smallest=0.3)
    assert response.status_code == 200 and response.context["size"]["allocations"] is None


def test_the_curve_is_the_power_at_each_n():
    size = size_for("difference", form_values("difference"))
    line = next(line for line in size.lines if line.name == "1")
    expected = [paired_t_power(n, 3, difference_sd(0, 196)) for n in size.sizes]
    assert line.values == expected and size.n in size.sizes


def form_values(question, **typed):
    form = form_for(question, typed)
    assert form.is_valid(), form.errors
    return form.cleaned_data


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"smallest": "0"}, "Give a number above 0."),
        ({"smallest": "many"}, "Enter a number."),
        ({"smallest": "nan"}, "Enter a number."),
        ({"smallest": ""}, "This field is required."),
        ({"ratings": "0"}, "Give a number from 1 to 20."),
        ({"ratings": "9", "n_raters": "3"}, "at least as many annotators"),
        ({"sd_rater": "-1"}, "Give a number that is not negative."),
        ({"alpha": "2"}, "Give a number from 0.0001 to 0.5."),
        ({"smallest": "0.0001"}, "More than 100000 segments are needed"),
        ({"question": "wins", "win": "35", "tie": "30"}, "equally likely"),
        ({"question": "wins", "win": "80", "tie": "30"}, "more than 100 %"),
        ({"question": "correlation", "r": "0"}, "A correlation of 0 cannot be detected"),
        ({"question": "correlation", "r": "1.5"}, "Give a number from -0.999 to 0.999."),
        ({"question": "metrics", "r_second": "0.4"}, "give two that differ"),
        ({"question": "metrics", "r_first": "0.4", "r_second": "0.39"}, "More than 5000"),
        (
            {"question": "metrics", "r_first": "0.9", "r_second": "-0.9", "r_between": "0.9"},
            "No three things",
        ),
        ({"question": "agreement", "shares": "a lot"}, "Write numbers with commas"),
        ({"question": "agreement", "shares": "5, 0"}, "two of them above 0"),
        ({"question": "agreement", "width": "0.02"}, "More than 5000 units"),
        ({"question": "fame"}, "no such question"),
        ({"pilot": "99"}, "not a campaign with ratings that you may read"),
        ({"pilot": "x"}, "not a campaign with ratings that you may read"),
    ],
)
def test_what_makes_no_plan_is_said_in_a_sentence(researcher, typed, sentence):
    response = page(researcher, **typed)
    assert response.status_code == 422
    assert sentence in text(response)


def noisy(**options):
    """An earlier campaign whose raters are not in perfect step."""
    campaign = study(**options)
    rng = np.random.default_rng(3)
    scores = list(RatingScore.objects.filter(rating__item__campaign=campaign).order_by("pk"))
    for score in scores:
        score.value += rng.normal(0, 4)
    RatingScore.objects.bulk_update(scores, ["value"])
    return campaign


def test_a_pilot_gives_the_assumptions(researcher):
    campaign = noisy(raters=("r1", "r2", "r3"))
    frame = load_frame(campaign)
    response = page(researcher, pilot=campaign.pk)
    assert response.status_code == 200
    values = response.context["form"].cleaned_data
    model = mixed_model(frame.value, frame.system, frame.segment, frame.rater)
    for field, name in (("sd_rating", "residual"), ("sd_output", "system:segment")):
        assert values[field] == pytest.approx(model.variance(name) ** 0.5, rel=1e-2)
    assert (values["ratings"], values["n_raters"], values["n_systems"]) == (3, 3, 2)
    assert "How much the pilot" in text(response)


def test_a_pilot_that_tells_nothing_of_spreads_says_why(researcher):
    campaign = study()
    assert "no residual variance" in pilot_of(load_frame(campaign)).reason
    response = page(researcher, pilot=campaign.pk)
    assert response.status_code == 200 and "no residual variance" in text(response)
    assert response.context["form"].cleaned_data["sd_rating"] == 14


def test_a_pilot_gives_wins_and_ties_and_the_shares_of_answers():
    """Two raters in perfect step; the second system wins two segments of three, and ties one."""
    campaign = study(n_segments=30)
    for score in RatingScore.objects.filter(rating__item__campaign=campaign):
        position = score.rating.item.segment.position
        is_second = score.output.system.name == "lora"
        score.value = position % 3 + (is_second and position % 3 > 0)
        score.save()
    values = pilot_of(load_frame(campaign)).values
    assert (values["win"], values["tie"], values["each"]) == (66.7, 33.3, 2)
    assert values["shares"] == "33.3, 16.7, 33.3, 16.7"
    assert "agreement" not in values  # complete: nothing to plan with


def test_a_pilot_s_alpha_is_that_of_its_ratings():
    frame = load_frame(noisy_steps())
    outputs = frame.item * 2 + frame.system
    alpha = krippendorff_alpha(frame.value, outputs, level="ordinal")
    assert pilot_of(frame).values["agreement"] == round(alpha, 2)


def noisy_steps():
    campaign = noisy()
    for score in RatingScore.objects.filter(rating__item__campaign=campaign):
        score.value = round(score.value / 10)
        score.save()
    return campaign


@pytest.mark.parametrize("question", QUESTIONS)
def test_whatever_a_pilot_says_fits_the_form(researcher, question):
    for campaign in (noisy_steps(), study("alone", raters=("r1",)), study("small", n_segments=1)):
        response = page(researcher, question=question, pilot=campaign.pk)
        assert response.context["form"].is_bound and response.status_code == 200


def test_what_is_typed_goes_before_the_pilot(researcher):
    campaign = study()
    response = page(researcher, pilot=campaign.pk, smallest=1.5, sd_output=9)
    values = response.context["form"].cleaned_data
    assert (values["smallest"], values["sd_output"]) == (1.5, 9)


def test_others_campaigns_are_no_pilots(client):
    campaign = study()
    client.force_login(people.charlie())
    response = page(client, pilot=campaign.pk)
    assert response.status_code == 422 and campaign.name not in text(response)


def test_a_campaign_s_page_starts_from_its_own_ratings(researcher):
    campaign = study()
    response = page(researcher, campaign)
    assert response.context["chosen"] == campaign
    assert "standings" not in response.context  # imported: nothing runs
    assert page(researcher, campaign, pilot="").context["chosen"] is None


def test_a_running_campaign_says_where_it_stands(researcher):
    campaign = people.small_campaign("study", "sqm", n_segments=20)
    open_campaign(campaign)
    response = page(researcher, campaign)
    assert "Where this campaign stands" in text(response)
    assert "4 more segments until the first look" in text(response)
    assert "0 of 20" in text(response)


def test_a_draft_has_only_the_plan(researcher):
    campaign = people.small_campaign("study", "sidebyside")
    response = page(researcher, campaign)
    assert response.status_code == 200 and "standings" not in response.context
    assert response.context["question"] == "wins"


@pytest.mark.parametrize("name", ["annotation:campaign_detail", "metrics:live"])
def test_the_campaign_s_pages_lead_here(researcher, name):
    campaign = people.small_campaign("study", "sqm")
    open_campaign(campaign)
    content = researcher.get(reverse(name, args=[campaign.pk])).content.decode()
    assert reverse("metrics:campaign_planner", args=[campaign.pk]) in content


def test_the_page_asks_few_questions_of_the_database(researcher):
    campaign = study()
    page(researcher, campaign)
    with CaptureQueriesContext(connection) as asked:
        page(researcher, campaign)
    assert len(asked) <= 18


def test_every_field_has_a_start():
    for kind in (kind for _, kind in QUESTIONS.values()):
        assert set(kind.base_fields) <= {*kind.start, *USUAL}
