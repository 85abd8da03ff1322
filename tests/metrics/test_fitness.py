"""The report says whether the metrics read the language, and whether a classifier collapsed."""

import json

import pytest

from common.errors import BadInput
from metrics.analyses.settings import Settings
from metrics.capsules.examinations import restored
from metrics.examining import doctor_findings
from metrics.models import ScoringRun
from metrics.reports.payload import build_payload
from metrics.reports.sections.fitness import Fitness
from metrics.reports.version import data_version
from models_app.models import Output
from tests.metrics.studies import scored, study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200)


def test_what_fails_in_marathi_is_said_with_its_fix():
    campaign = study()
    campaign.dataset.segments.update(references=["कुत्रा पटकन घरी धावत गेला होता।"])
    scored(campaign, ["bleu", "chrf"])
    payload = build_payload(campaign, settings=FAST)
    rows = payload["metric_checks"]
    assert {row["metric"] for row in rows} == {"bleu", "chrf"}
    failed = [row for row in rows if row["state"] == "failed"]
    assert ("bleu", "danda") in {(row["metric"], row["check"]) for row in failed}
    assert all(row["cause"] and row["fix"] for row in failed)
    shown = Fitness().shown(payload)
    assert len(shown["failures"]) == len(failed)
    assert shown["failures"][0]["label"] == "BLEU"


def test_a_collapsed_classifier_is_told_beside_its_f1():
    campaign = study()
    campaign.dataset.segments.filter(position__lt=6).update(references=["yes"])
    campaign.dataset.segments.filter(position__gte=6).update(references=["no"])
    Output.objects.filter(system__name="lora").update(text="yes")
    scored(campaign, ["f1_macro"])
    payload = build_payload(campaign, settings=FAST)
    row = next(row for row in payload["label_checks"] if row["system"] == "lora")
    assert (row["verdict"], row["predicted"], row["n"]) == ("constant", "yes 12", 12)
    assert row["macro_f1"] == pytest.approx(1 / 3)
    told = Fitness().shown(payload)["collapsed"]
    assert "lora" in {one["system"] for one in told}


def test_a_report_is_made_anew_where_findings_change():
    campaign = study()
    scored(campaign, ["bleu"])
    before = data_version(campaign)
    scored(campaign, ["bleu"])
    assert data_version(campaign) == before
    run = ScoringRun.objects.order_by("pk").last()
    run.environment["doctor"]["bleu"][0]["used_knowingly"] = True
    run.save()
    assert data_version(campaign) != before


def test_without_findings_there_is_no_such_section():
    payload = build_payload(study(), settings=FAST)
    assert "metric_checks" not in payload and Fitness().shown(payload) is None


def test_findings_travel_in_a_capsule_and_odd_ones_are_refused():
    campaign = study()
    scored(campaign, ["bleu"])
    head = json.loads(json.dumps({"doctor": doctor_findings(campaign), "labels": []}))
    assert (
        restored(head, "metrics.jsonl")["doctor"]
        == (ScoringRun.objects.get().environment["doctor"])
    )
    assert restored({}, "metrics.jsonl") == {"doctor": {}, "labels": []}
    for odd in ({"doctor": 1}, {"doctor": [{}]}, {"labels": [{"n": 1}]}):
        with pytest.raises(BadInput, match="row 1"):
            restored(odd, "metrics.jsonl")
