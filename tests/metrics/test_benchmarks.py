"""The measuring side of benchmarks: every F1, changes of an adapter, retention, group means."""

import math

import numpy as np
import pytest

from metrics.analyses.settings import Settings
from metrics.automatic.classification import macro_f1
from metrics.benchmarks.changes import NONE_TOGETHER, changes, retention
from metrics.benchmarks.groups import UNKNOWN, group_means, groups_of
from metrics.benchmarks.loading import comparisons, frames
from metrics.benchmarks.values import values_of
from models_app.models import BenchmarkRun
from tests.models_app.benchmarks import base_and_adapter, finished

pytestmark = pytest.mark.django_db
SETTINGS = Settings(resamples=200)
LABELS = ("entailment", "neutral", "contradiction")


def numbers(run: BenchmarkRun) -> dict:
    comparison = next(c for c in comparisons() if c.task.name == run.task)
    return {v.name: v for v in values_of(comparison.task, comparison.answers[0], SETTINGS)}


def test_a_collapsed_classifier_has_the_numbers_worked_by_hand():
    gold = [label for label in LABELS for _ in range(10)]
    found = numbers(finished(base_and_adapter()[0], "indic_xnli_mr", gold, ["neutral"] * 30))
    assert found["accuracy"].value == pytest.approx(1 / 3)
    assert found["macro F1"].value == pytest.approx(1 / 6)
    assert found["weighted F1"].value == pytest.approx(1 / 6)


def test_two_classes_have_a_binary_f1_each():
    gold = ["A"] * 223 + ["B"] * 221
    found = numbers(finished(base_and_adapter()[0], "indic_copa_mr", gold, ["B"] * 444))
    assert found["binary F1 of B"].value == pytest.approx(0.664662, abs=5e-7)
    assert found["binary F1 of A"].value == 0
    assert found["accuracy"].low < 221 / 444 < found["accuracy"].high


def test_a_phantom_class_is_left_out_of_one_of_the_means():
    gold = list("ABCD") * 25 + ["E"]
    chosen = list("ABCD") * 25 + ["A"]
    found = numbers(finished(base_and_adapter()[0], "arc_easy", gold, chosen))
    assert found["macro F1"].value == pytest.approx(macro_f1(gold, chosen))
    solid = found["macro F1 without phantom classes"].value
    assert solid - found["macro F1"].value == pytest.approx(solid / 5)


def test_texts_have_their_own_numbers_and_signatures():
    texts = ["दवाखाना नऊ वाजता उघडतो.", "डॉक्टर दहा वाजता येतात."]
    found = numbers(finished(base_and_adapter()[0], "loresmt_en_mr", texts, texts))
    assert found["chrf"].value == pytest.approx(100) and "sacre" not in found["chrf"].name
    assert "version" in found["chrf"].how and found["empty"].value == 0


def test_an_empty_run_is_not_defined():
    found = numbers(finished(base_and_adapter()[0], "arc_mr", "", ""))
    assert math.isnan(found["accuracy"].value)
    assert found["accuracy"].reason == "the run has no items"


def test_an_adapter_is_tested_against_its_base_on_the_same_items():
    base, tuned = base_and_adapter()
    gold = "A" * 30
    finished(base, "arc_mr", gold, "A" * 20 + "B" * 10)
    finished(tuned, "arc_mr", gold, "A" * 19 + "B" + "A" * 9 + "B")
    finished(base, "xnli_hi", LABELS, LABELS)
    finished(tuned, "xnli_hi", LABELS, LABELS)
    rows = {row.comparison.task.name: row for row in changes(comparisons(), SETTINGS)}
    arc, xnli = rows["arc_mr"], rows["xnli_hi"]
    assert (arc.n, arc.gained, arc.lost) == (30, 9, 1)
    assert arc.p == pytest.approx(22 / 1024) == pytest.approx(arc.p_adjusted)
    assert arc.delta == pytest.approx(8 / 30) and arc.low < arc.delta < arc.high
    assert math.isnan(xnli.p) and xnli.reason == "both are right on the same items"


def test_holm_counts_the_tasks_of_one_adaptation():
    base, tuned = base_and_adapter()
    for name in ("arc_mr", "belebele_mr"):
        finished(base, name, "A" * 20, "B" * 10 + "A" * 10)
        finished(tuned, name, "A" * 20, "A" * 20)
    for row in changes(comparisons(), SETTINGS):
        assert row.p_adjusted == pytest.approx(2 * row.p)


def test_retention_stands_beside_every_adaptation():
    base, tuned = base_and_adapter()
    finished(base, "arc_mr", "AA", "AB")
    finished(tuned, "arc_mr", "AA", "AA")
    [row] = retention(comparisons(), SETTINGS)
    assert math.isnan(row.delta) and row.reason == NONE_TOGETHER
    finished(base, "arc_easy", "A" * 20, "A" * 20)
    finished(tuned, "arc_easy", "A" * 20, "A" * 10 + "B" * 10)
    [row] = retention(comparisons(), SETTINGS)
    assert (row.n_tasks, row.n_items, row.delta) == (1, 20, -0.5)
    assert row.low < -0.5 < row.high


def test_runs_under_other_settings_are_another_frame():
    base, tuned = base_and_adapter()
    finished(base, "arc_mr", "AA", "AB")
    finished(tuned, "arc_mr", "AA", "AA", settings={"shots": 5, "limit": 0})
    assert changes(comparisons(), SETTINGS) == []
    assert len(frames(comparisons())) == 2


def test_group_means_weigh_tasks_alike_and_items_alike():
    base, _ = base_and_adapter()
    finished(base, "arc_mr", "A" * 10, "A" * 10)
    finished(base, "belebele_mr", "A" * 30, "B" * 30)
    finished(base, "arc_easy", "AA", "AA")
    rows = {(row.dimension, row.group): row for row in group_means(comparisons(), SETTINGS)}
    marathi = rows["language", "Marathi"]
    assert (marathi.macro, marathi.weighted) == (0.5, 0.25)
    assert (marathi.n_tasks, marathi.n_items) == (2, 40)
    assert rows["script", "Latn"].macro == 1
    assert rows["family", groups_of("mr")["family"]].n_tasks == 3


def test_an_unknown_language_is_said_to_be_unknown():
    assert groups_of("tlh")["family"] == UNKNOWN
    assert np.all([name in groups_of("mr") for name in ("family", "script", "resource class")])
