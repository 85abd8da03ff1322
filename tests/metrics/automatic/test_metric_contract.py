"""What holds for every registered metric; a new one is tested by being registered."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import metrics.automatic
from common.errors import BadInput
from metrics.automatic import METRICS, Metric, Pair
from metrics.automatic.descriptions import Description

NAMES = METRICS.names()
TEXTS = [
    ("the cat sat on the mat", "a cat sat here"),
    ("मराठी भाषा सुंदर आहे.", "मराठी भाषा आहे"),
    ("Tá a mháthair anseo", "Tá máthair ann"),
    ("1", "1"),
    ("0", "1"),
]
NEEDS = {
    "nli": ("NIKASH_NLI_CHECKPOINT", "nli_checkpoint"),
    "embedding": ("NIKASH_ENCODER_CHECKPOINT", "encoder_checkpoint"),
    "comet": ("NIKASH_COMET_COMMAND", "scorer_command"),
    "metricx": ("NIKASH_METRICX_COMMAND", "scorer_command"),
}
LABELS = [("1", "1"), ("0", "1"), ("1", "0"), ("0", "0")]


@pytest.fixture(params=NAMES)
def metric(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Metric:
    if request.param in NEEDS:
        variable, fixture = NEEDS[request.param]
        monkeypatch.setenv(variable, str(request.getfixturevalue(fixture)))
    return METRICS.get(request.param)()


def pairs_for(metric: Metric) -> list[Pair]:
    texts = LABELS if metric.name.startswith(("f1", "accuracy")) else TEXTS
    return [
        Pair("source", hypothesis, (reference,), target_lang="en")
        for reference, hypothesis in texts
    ]


def test_it_describes_itself(metric: Metric):
    assert METRICS.get(metric.name) is type(metric)
    assert metric.label and metric.unit and type(metric).__doc__
    assert metric.minimum < metric.maximum


def test_a_text_is_best_beside_itself(metric: Metric):
    pairs = [pair._replace(hypothesis=pair.references[0]) for pair in pairs_for(metric)]
    statistics = metric.statistics(pairs)
    if metric.best is None:
        assert 0 <= metric.score(statistics) <= 1
        return
    assert metric.score(statistics) == pytest.approx(metric.best, abs=1e-9)
    texts = [i for i, pair in enumerate(pairs) if len(pair.hypothesis) > 1]
    alone = metric.segment_scores(statistics)[texts]
    assert alone == pytest.approx(np.full(len(texts), metric.best), abs=1e-9)


def test_there_is_one_finite_row_per_segment(metric: Metric):
    pairs = pairs_for(metric)
    statistics = metric.statistics(pairs)
    assert statistics.shape[0] == len(pairs) and statistics.ndim == 2
    assert statistics.dtype == np.float64 and np.isfinite(statistics).all()
    assert metric.segment_scores(statistics).shape == (len(pairs),)


def test_scores_lie_in_the_stated_range(metric: Metric):
    statistics = metric.statistics(pairs_for(metric))
    scores = [metric.score(statistics), *metric.segment_scores(statistics)]
    known = [score for score in scores if not math.isnan(score)]  # a text without words has none
    assert known
    assert all(metric.minimum - 1e-9 <= score <= metric.maximum + 1e-9 for score in known)


def test_the_score_of_some_rows_is_the_score_of_those_segments(metric: Metric):
    pairs = pairs_for(metric)
    statistics = metric.statistics(pairs)
    for chosen in ([0, 2], [1], [3, 1, 1, 0]):
        alone = metric.score(metric.statistics([pairs[i] for i in chosen]))
        assert metric.score(statistics[chosen]) == pytest.approx(alone, abs=1e-6, nan_ok=True)


def test_many_selections_are_scored_from_their_sums(metric: Metric):
    statistics = metric.statistics(pairs_for(metric))
    rng = np.random.default_rng(5)
    draws = rng.integers(0, len(statistics), size=(6, len(statistics)))
    counts = np.stack([np.bincount(draw, minlength=len(statistics)) for draw in draws])
    one_by_one = [metric.score(statistics[draw]) for draw in draws]
    together = metric.score_sums(counts @ statistics)
    assert together == pytest.approx(one_by_one, abs=1e-9, nan_ok=True)


def test_no_segments_have_no_score(metric: Metric):
    statistics = metric.statistics([])
    assert statistics.shape[0] == 0
    assert math.isnan(metric.score(statistics))


def test_the_signature_is_stable_and_names_a_version(metric: Metric):
    metric.statistics(pairs_for(metric))
    again = type(metric)()
    again.statistics(pairs_for(metric))
    assert metric.signature() == metric.signature() == again.signature()
    assert "version:" in metric.signature()
    assert "version:" in metric.segment_signature()
    assert all(":" in part for part in metric.signature().split("|"))


def test_empty_texts_do_not_crash(metric: Metric):
    pairs = [
        Pair("", "", ("",)),
        Pair("s", "", ("a reference",)),
        Pair("s", "an output", ("",)),
        Pair("s", " \n\u00a0", ("\u200d", "")),
    ]
    statistics = metric.statistics(pairs)
    assert np.isfinite(statistics).all()
    assert metric.segment_scores(statistics).shape == (4,)


def test_a_missing_reference_is_named(metric: Metric):
    pairs = [Pair("s", "a", ("a",)), Pair("s", "a")]
    if isinstance(metric, Description):
        assert metric.statistics(pairs).shape[0] == 2
        return
    with pytest.raises(BadInput, match="segment 2 of 2 has n"):
        metric.statistics(pairs)


def test_normalisation_is_an_option_and_signed(metric: Metric):
    folded = type(metric)(normalize="marathi")
    folded.statistics(pairs_for(metric))
    assert "norm:marathi" in folded.signature()
    with pytest.raises(BadInput, match="no normalisation called 'nfx'; write one of none, nfc"):
        type(metric)(normalize="nfx")


def test_every_exported_name_is_there():
    exported = [getattr(metrics.automatic, name) for name in metrics.automatic.__all__]
    assert {part for _, part in METRICS.items()} <= set(filter(callable, exported))
    with pytest.raises(AttributeError, match="no attribute 'METEOR'"):
        _ = metrics.automatic.METEOR


def test_importing_the_metrics_loads_neither_django_nor_torch():
    program = (
        "import sys; from metrics.automatic import METRICS, BLEU, RougeL; METRICS.names();"
        "print([m for m in ('django', 'torch', 'transformers') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True
    )
    assert result.stdout.strip() == "[]"


def test_every_metric_is_documented():
    page = (Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text("utf-8")
    missing = [name for name in NAMES if f"`{name}`" not in page]
    assert missing == []
