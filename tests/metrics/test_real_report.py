"""The report of real ratings has the numbers that the field's own tools computed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotation.models import Campaign
from metrics.analyses.settings import Settings
from metrics.reports.payload import build_payload
from tests.metrics.studies import scored

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt"
FLORES = DATA / "florestest2021_bnhi_da"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the real ratings are not beside this repository (shared/data)"
    ),
]
NAMES = {"bleu": "sentbleu", "chrf": "chrf"}
GROUPINGS = {"none": "none", "item": "item", "system": "sys"}


@pytest.fixture
def campaign():
    named = ["--map=key=seg_id"]
    columns = ["--map=source=source_bn", "--map=reference=ref_hi", "--map=document=doc"]
    pair = ["--source-lang=bn", "--target-lang=hi"]
    segments, outputs, ratings = (
        str(FLORES / f"{name}.csv.gz") for name in ("segments", "outputs", "ratings")
    )
    call_command("load_dataset", segments, "--name=flores", *pair, *named, *columns)
    call_command("load_outputs", outputs, "--dataset=flores", "--map=output=text", *named)
    where = ["--dataset=flores", "--campaign=flores"]
    call_command("load_ratings", ratings, *where, "--protocol=da", *named)
    return Campaign.objects.get(name="flores")


def test_direct_assessments_give_the_published_scores_and_correlations(campaign):
    scored(campaign, ["bleu", "chrf"])
    payload = build_payload(campaign, settings=Settings(resamples=50, permutations=50))
    expected = json.loads((FLORES / "expected.json").read_text(encoding="utf-8"))
    _check_systems(payload, expected["da"])
    _check_corpus(payload, expected["z"]["corpus_scores"])
    _check_correlations(payload, expected["z"]["meta_evaluation"])
    _check_accuracies(payload, expected["z"]["meta_evaluation"])


def _check_systems(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    for row in payload["systems"]:
        known = expected["system"][row["system"]]
        assert row["score"] == pytest.approx(known["raw"], abs=1e-6)
        assert row["score_z"] == pytest.approx(known["z"], abs=1e-6)
        assert row["n_ratings"] == known["n"]
    by_z = sorted(payload["systems"], key=lambda row: -row["score_z"])
    assert [row["system"] for row in by_z] == expected["ranking_by_z"]
    for row in payload["annotators"]:
        mean, sd, n = expected["rater_mean_sd_n"][row["annotator"]]
        assert (row["mean"], row["sd"]) == pytest.approx((mean, sd), abs=1e-6)
        assert row["n_ratings"] == n


def _check_corpus(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    names = {"bleu": "bleu_13a", "chrf": "chrf"}
    for row in payload["metric_scores"]:
        known = expected[row["system"]][names[row["metric"]]]
        assert row["corpus"] == pytest.approx(known, abs=1e-6)


def _check_correlations(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    for row in payload["correlations"]:
        known = expected.get(NAMES.get(row["metric"], ""), {})
        if row["level"] == "system":
            value = known.get("system_corpus_score", {}).get(row["statistic"])
        else:
            name = f"{row['statistic']}_{GROUPINGS[row['grouping']]}"
            value = known.get("segment", {}).get(name)
        if value is None:
            assert row["is_baseline"] or row["statistic"] == "kendall_c"
        else:
            assert row["value"] == pytest.approx(value, abs=1e-6), row
    checked = {row["statistic"] for row in payload["correlations"]}
    assert checked == {"pearson", "spearman", "kendall_b", "kendall_c"}


def _check_accuracies(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    found = {
        (row["metric"], row["statistic"], row["grouping"]): row["value"]
        for row in payload["accuracies"]
    }
    for metric, name in NAMES.items():
        known = expected[name]
        accuracy = known["system_corpus_score"]["pairwise_accuracy"]
        assert found[metric, "pairwise_accuracy", "none"] == pytest.approx(accuracy, abs=1e-6)
        soft = found[metric, "soft_pairwise_accuracy", "none"]
        assert soft == pytest.approx(known["spa_precise"], abs=0.01)
        by_item = found[metric, "acc_eq", "item"]
        assert by_item == pytest.approx(known["segment"]["acc_eq_item"], abs=1e-6)
