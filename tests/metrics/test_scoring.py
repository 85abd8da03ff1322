import math

import pytest

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.models import MetricScore, ScoringRun, SegmentScore
from metrics.scoring import check_metrics, create_run, latest_signatures, score_run
from models_app.models import Checkpoint
from tests.metrics.studies import N_SEGMENTS, scored, silent, study

pytestmark = pytest.mark.django_db


class Stopped(Exception):
    """Stands for a cancelled job or a killed worker."""


def test_it_stores_a_value_for_every_output_and_a_score_for_every_system():
    scored(study(), ["bleu", "chrf"])
    assert SegmentScore.objects.count() == 2 * 2 * N_SEGMENTS
    assert MetricScore.objects.count() == 4
    best = MetricScore.objects.get(metric="chrf", system__name="base")
    assert best.corpus == pytest.approx(100)
    assert best.n == N_SEGMENTS


def test_the_corpus_score_comes_from_the_stored_statistics():
    scored(study(), ["bleu"])
    rows = SegmentScore.objects.filter(output__system__name="lora").order_by("output__segment")
    stored = MetricScore.objects.get(system__name="lora")
    metric = METRICS.get("bleu")()
    assert metric.score([row.statistics for row in rows]) == pytest.approx(stored.corpus)


def test_a_segment_keeps_the_signature_of_segment_scores():
    campaign = study()
    scored(campaign, ["bleu"])
    signature = latest_signatures(campaign.dataset)["bleu"]
    assert "eff:no" in signature["corpus"]
    assert "eff:yes" in signature["segment"]
    assert set(SegmentScore.objects.values_list("signature", flat=True)) == {signature["segment"]}


def test_scoring_twice_computes_nothing_new():
    campaign = study()
    scored(campaign)
    first = list(MetricScore.objects.order_by("pk").values())
    assert scored(campaign).startswith("0 new of")
    assert list(MetricScore.objects.order_by("pk").values()) == first


def test_a_stopped_run_goes_on_where_it_stood():
    campaign = study()
    run = create_run(dataset=campaign.dataset, campaign=campaign, metrics=["chrf", "ter"])

    def stop(done: int, total: int, message: str) -> None:
        if done >= N_SEGMENTS:
            raise Stopped

    with pytest.raises(Stopped):
        score_run(run, stop)
    half = SegmentScore.objects.count()
    assert 0 < half < 4 * N_SEGMENTS
    assert score_run(run, silent).startswith(f"{4 * N_SEGMENTS - half} new of")
    assert SegmentScore.objects.count() == 4 * N_SEGMENTS


def test_only_new_outputs_are_scored_after_more_were_loaded():
    campaign = study()
    scored(campaign, ["chrf"])
    SegmentScore.objects.filter(output__segment__key="s3").delete()
    assert scored(campaign, ["chrf"]).startswith("2 new of")


def test_a_person_whose_texts_are_the_references_is_left_out_and_named():
    campaign = study(systems=("ref", "lora"), human=("ref",))
    message = scored(campaign, ["chrf"])
    assert "ref was left out: its outputs are the references." in message
    assert not MetricScore.objects.filter(system__name="ref").exists()


def test_segments_without_a_reference_are_not_counted():
    campaign = study()
    campaign.dataset.segments.filter(key__in=["s0", "s1"]).update(references=[])
    scored(campaign, ["chrf"])
    assert set(MetricScore.objects.values_list("n", flat=True)) == {N_SEGMENTS - 2}


def test_without_any_reference_the_score_is_not_defined():
    campaign = study()
    campaign.dataset.segments.update(references=[])
    scored(campaign, ["chrf"])
    assert set(MetricScore.objects.values_list("n", "corpus")) == {(0, None)}


def test_macro_f1_counts_the_same_classes_in_every_chunk(monkeypatch):
    campaign = study()
    campaign.dataset.segments.filter(position__lt=6).update(references=["yes"])
    campaign.dataset.segments.filter(position__gte=6).update(references=["no"])
    monkeypatch.setattr("metrics.scoring.CHUNK", 3)
    scored(campaign, ["f1_macro"])
    assert "labels:no,yes" in MetricScore.objects.first().signature
    widths = {len(row) for row in SegmentScore.objects.values_list("statistics", flat=True)}
    assert widths == {6}


def test_an_unknown_metric_is_named_with_the_known_ones():
    with pytest.raises(BadInput, match="there is no metric called 'blue'; write one or more of"):
        check_metrics(["bleu", "blue"])


def test_nli_without_a_classifier_says_what_to_do(monkeypatch):
    monkeypatch.delenv("NIKASH_NLI_CHECKPOINT", raising=False)
    run = create_run(dataset=study().dataset, metrics=["nli"])
    with pytest.raises(BadInput, match="set NIKASH_NLI_CHECKPOINT"):
        score_run(run, silent)


def test_nli_takes_a_registered_classifier(monkeypatch):
    from metrics.recipes import build_metric

    monkeypatch.delenv("NIKASH_NLI_CHECKPOINT", raising=False)
    Checkpoint.objects.create(name="judge", location="/models/judge", architecture="classifier")
    assert build_metric("nli", {}).checkpoint == "/models/judge"
    assert build_metric("nli", {"checkpoint": "judge"}).checkpoint == "/models/judge"
    assert build_metric("nli", {"checkpoint": "owner/other"}).checkpoint == "owner/other"


def test_a_dataset_without_outputs_says_so():
    campaign = study()
    campaign.systems.clear()
    run = ScoringRun(dataset=campaign.dataset, campaign=campaign, metrics=["chrf"])
    run.save()
    with pytest.raises(BadInput, match="no outputs to score"):
        score_run(run, silent)


def test_values_are_finite_or_null():
    scored(study(), ["bleu", "chrf", "ter", "rougeL", "token_f1", "length_ratio"])
    values = SegmentScore.objects.values_list("value", flat=True)
    assert all(value is None or math.isfinite(value) for value in values)


def test_helpers_store_the_same_values(monkeypatch):
    campaign = study()
    scored(campaign, ["bleu", "chrf"])
    alone = list(SegmentScore.objects.order_by("pk").values_list("metric", "value", "statistics"))
    SegmentScore.objects.all().delete()
    monkeypatch.setattr("metrics.automatic.crew.WORTHWHILE", 1)
    monkeypatch.setattr("metrics.automatic.crew.n_cores", lambda: 2)
    monkeypatch.setattr("metrics.scoring.CHUNK", 5)
    scored(campaign, ["bleu", "chrf"])
    rows = SegmentScore.objects.order_by("pk").values_list("metric", "value", "statistics")
    assert list(rows) == alone
