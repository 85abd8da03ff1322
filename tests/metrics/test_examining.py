"""Before a run the doctor looks; what misreads the language is used knowingly or not at all."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.automatic.base import MeanMetric
from metrics.examining import Unfit, doctor_findings, run_findings
from metrics.models import ScoringRun, SegmentScore
from metrics.scoring import create_run, latest_signatures, score_run
from models_app.jobs import run_inline
from tests.metrics.studies import N_SEGMENTS, scored, silent, study
from tests.people import alice

pytestmark = pytest.mark.django_db


class AsciiWords(MeanMetric):
    """Knows a-z and 0-9 only, as the usual ROUGE does."""

    name, label, unit = "ascii_words", "ASCII words", "share, 0-1"

    def compare(self, hypothesis: str, reference: str) -> float:
        words = [set(re.findall("[a-z0-9]+", text)) for text in (hypothesis, reference)]
        return len(words[0] & words[1]) / max(1, len(words[1]))

    def signature(self) -> str:
        return self.signed(tok="ascii")


@pytest.fixture(autouse=True)
def ascii_words(monkeypatch: pytest.MonkeyPatch):
    METRICS.names()
    monkeypatch.setattr(METRICS, "_parts", METRICS._parts | {"ascii_words": AsciiWords})


def failed(findings: list) -> set[str]:
    return {found["check"] for found in findings if found["state"] == "failed"}


def test_a_run_keeps_what_the_doctor_found():
    campaign = study()
    scored(campaign, ["bleu", "length_ratio"])
    found = doctor_findings(campaign)
    assert {one["metric"] for one in found} == {"bleu"}
    assert {one["check"] for one in found} >= {"identity", "danda", "script"}
    assert set(found[0]) == {
        "metric", "label", "signature", "language", "check", "check_label", "state", "serious",
        "cause", "fix", "numbers", "used_knowingly",
    }  # fmt: skip
    assert found[0]["signature"] == latest_signatures(campaign.dataset)["bleu"]["corpus"]
    assert found == run_findings(ScoringRun.objects.get())


def test_a_metric_that_misreads_the_language_stops_the_run():
    campaign = study()
    run = create_run(dataset=campaign.dataset, campaign=campaign, metrics=["chrf", "ascii_words"])
    with pytest.raises(Unfit, match="unfit for this language: ASCII words: "):
        score_run(run, silent)
    assert not SegmentScore.objects.exists()
    assert latest_signatures(campaign.dataset) == {}
    assert "script" in failed(run_findings(run)) and doctor_findings(campaign) == []


def test_knowingly_used_it_is_computed_and_the_run_remembers():
    campaign = study()
    run = create_run(dataset=campaign.dataset, metrics=["ascii_words"], knowingly=["ascii_words"])
    score_run(run, silent)
    assert SegmentScore.objects.count() == 2 * N_SEGMENTS
    assert all(found["used_knowingly"] for found in doctor_findings(campaign))


def test_consent_without_need_is_not_called_so():
    campaign = study()
    score_run(
        create_run(dataset=campaign.dataset, metrics=["chrf"], knowingly=["chrf"]),
        silent,
    )
    assert not any(found["used_knowingly"] for found in doctor_findings(campaign))


def test_only_what_is_computed_can_be_used_knowingly():
    with pytest.raises(BadInput, match="'ter' is to be used knowingly, but it is not among"):
        create_run(dataset=study().dataset, metrics=["chrf"], knowingly=["ter"])


def test_matters_of_spelling_are_shown_and_stop_nothing():
    campaign = study()
    campaign.dataset.segments.update(references=["ही दुसऱ्या दिवसाची गोष्ट आहे।"])
    scored(campaign, ["ter"])
    assert {"danda", "eyelash_ra"} <= failed(doctor_findings(campaign))


def test_the_same_texts_are_examined_once(monkeypatch):
    campaign = study()
    scored(campaign, ["chrf"])
    monkeypatch.setattr("metrics.examining.examine", None)
    scored(campaign, ["chrf"])


def test_a_terminal_is_told_and_may_insist(capsys):
    study()
    with pytest.raises(CommandError, match="in a terminal: --knowingly ascii_words"):
        call_command("score", campaign="judged", metrics="ascii_words")
    call_command("score", campaign="judged", metrics="ascii_words", knowingly=["ascii_words"])
    assert f"{2 * N_SEGMENTS} new of" in capsys.readouterr().err


def test_the_page_asks_for_consent_and_takes_it(client):
    campaign = study()
    client.force_login(alice())
    start = reverse("metrics:scoring_start")
    assert 'name="knowingly"' not in client.get(start).content.decode()
    asked = {"campaign": campaign.pk, "metrics": ["chrf", "ascii_words"]}
    refused = client.post(start, asked)
    page = refused.content.decode()
    assert refused.status_code == 422 and not ScoringRun.objects.exists()
    assert "Use it all the same" in page and "tokens=unicode" in page
    assert 'value="ascii_words"' in page
    answer = client.post(start, asked | {"knowingly": ["ascii_words"]})
    run = ScoringRun.objects.get()
    assert run.environment["knowingly"] == ["ascii_words"]
    assert run_inline(run).state == "done"
    page = client.get(answer.url).content.decode()
    assert "used knowingly" in page and "badge bad" in page


def test_a_run_the_doctor_stopped_goes_on_with_consent(client):
    campaign = study()
    run = create_run(dataset=campaign.dataset, campaign=campaign, metrics=["ascii_words"])
    assert "ascii_words unfit" in run_inline(run).error
    client.force_login(alice())
    page = client.get(reverse("metrics:scoring_detail", args=[run.pk])).content.decode()
    assert "Use ASCII words all the same" in page
    client.post(
        reverse("metrics:scoring_resume", args=[run.pk]), {"knowingly": ["ascii_words", "other"]}
    )
    run.refresh_from_db()
    assert run.environment["knowingly"] == ["ascii_words"]
    assert run_inline(run).state == "done"
