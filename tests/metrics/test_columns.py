"""The page of a run says which of its scores may not be compared."""

import pytest
from django.urls import reverse

from metrics.columns import column_warnings
from metrics.models import MetricScore, ScoringRun, SegmentScore
from metrics.scoring import create_run, score_run
from models_app.models import Output, System
from tests.metrics.studies import N_SEGMENTS, scored, silent, study
from tests.people import alice

pytestmark = pytest.mark.django_db


def lose(system: str, *keys: str) -> None:
    """The system has no output for these segments: somebody else wrote them."""
    other = System.objects.create(name=f"not {system}")
    Output.objects.filter(system__name=system, segment__key__in=keys).update(system=other)


def scores(metric: str = "bleu") -> list[MetricScore]:
    return list(MetricScore.objects.filter(metric=metric).select_related("system"))


def test_scores_of_one_run_may_be_compared(django_assert_num_queries):
    scored(study(), ["bleu", "chrf"])
    rows = list(MetricScore.objects.select_related("system"))
    with django_assert_num_queries(2):
        assert column_warnings(rows) == []
    assert column_warnings([]) == []


def test_a_system_with_fewer_outputs_is_named(client):
    campaign = study()
    lose("lora", "s0", "s1")
    scored(campaign, ["bleu"])
    sentence = f"BLEU: lora was scored on {N_SEGMENTS - 2} segments, base on {N_SEGMENTS}"
    assert column_warnings(scores()) == [sentence]
    client.force_login(alice())
    address = reverse("metrics:scoring_detail", args=[ScoringRun.objects.get().pk])
    assert sentence in client.get(address).content.decode()


def test_as_many_but_other_segments_are_found():
    campaign = study()
    lose("lora", "s0")
    lose("base", "s1")
    scored(campaign, ["chrf"])
    assert column_warnings(scores("chrf")) == ["chrF: lora was scored on other segments than base"]


def test_a_system_scored_under_another_signature_only_is_shown_with_a_warning(client):
    campaign = study()
    scored(campaign, ["bleu"])
    lora = campaign.systems.get(name="lora")
    campaign.systems.remove(lora)
    run = create_run(
        dataset=campaign.dataset,
        campaign=campaign,
        metrics=["bleu"],
        options={"bleu": {"tokenize": "intl"}},
    )
    score_run(run, silent)
    campaign.systems.add(lora)
    client.force_login(alice())
    page = client.get(reverse("metrics:scoring_detail", args=[run.pk])).content.decode()
    assert "under another signature than base: tokenizer 13a instead of intl" in page
    assert SegmentScore.objects.filter(output__system=lora).count() == N_SEGMENTS
