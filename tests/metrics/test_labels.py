"""A classifier that has collapsed is flagged where its scores are shown."""

import pytest
from django.urls import reverse

from metrics.automatic.label_report import label_report
from metrics.labels import label_findings
from metrics.models import ScoringRun
from models_app.models import Output
from tests.metrics.studies import scored, study
from tests.people import alice


def test_a_constant_answer_to_three_balanced_classes():
    # 1/3 accuracy and 1/6 macro F1, whatever was asked
    found = label_report("x", list("ABC") * 1670, ["A"] * 5010)
    assert found["verdict"] == "constant" and found["predicted"] == [["A", 5010]]
    assert found["macro_f1"] == pytest.approx(1 / 6)
    assert found["accuracy"] == found["majority_accuracy"] == pytest.approx(1 / 3)
    assert found["predicted_entropy_bits"] == 0


def test_nearly_constant_and_well_and_phantom():
    gold = ["a", "b"] * 20
    assert label_report("x", gold, ["a"] * 38 + ["b"] * 2)["verdict"] == "near constant"
    assert label_report("x", gold, gold)["verdict"] == ""
    found = label_report("x", [*gold, "c"], [*gold, "c"])
    assert found["verdict"] == "phantom classes"
    assert found["phantom_classes"] == [["c", 1, pytest.approx(1 / 3)]]


def test_texts_are_no_classes_and_nothing_is_nothing():
    many = [str(n) for n in range(51)]
    assert label_report("x", many, many) == {
        "system": "x", "n": 51, "n_labels": 51, "verdict": "texts",
    }  # fmt: skip
    found = label_report("x", [], [])
    assert found["verdict"] == "" and found["macro_f1"] is None


def test_rare_labels_are_counted_together():
    found = label_report("x", list("aaabbcdefg"), list("aaabbcdefg"))
    assert found["gold"] == [["a", 3], ["b", 2], ["c", 1], ["d", 1], ["e", 1], ["", 2]]


@pytest.mark.django_db
def test_the_page_of_a_run_flags_it(client):
    campaign = study()
    campaign.dataset.segments.filter(position__lt=6).update(references=["yes"])
    campaign.dataset.segments.filter(position__gte=6).update(references=["no"])
    Output.objects.filter(system__name="base").update(text="yes")
    Output.objects.filter(system__name="lora", segment__position__lt=6).update(text="yes")
    Output.objects.filter(system__name="lora", segment__position__gte=6).update(text="no")
    scored(campaign, ["chrf"])
    assert label_findings(campaign) == []
    scored(campaign, ["f1_macro", "accuracy"])
    assert [(f["system"], f["verdict"]) for f in label_findings(campaign)] == [
        ("base", "constant"), ("lora", ""),
    ]  # fmt: skip
    client.force_login(alice())
    run = ScoringRun.objects.order_by("-pk").first()
    page = client.get(reverse("metrics:scoring_detail", args=[run.pk])).content.decode()
    assert "always the same answer" in page and "yes 6, no 6" in page.replace(
        "no 6, yes 6", "yes 6, no 6"
    )
