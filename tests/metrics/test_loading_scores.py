"""Scores computed elsewhere stand beside ours, or the file is refused as a whole."""

import hashlib
import io
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from common.errors import BadInput, NikashError
from metrics.automatic import METRICS
from metrics.automatic.imported import imported_name
from metrics.loading_scores import load_scores
from metrics.models import MetricScore, ScoringRun, SegmentScore
from metrics.scoring import create_run, latest_signatures, score_run
from tests.files import BAD, write_bad
from tests.metrics.studies import N_SEGMENTS, silent, study

pytestmark = pytest.mark.django_db
HEAD = "system,key,metric,score\n"


def rows(metric: str = "COMET-22", systems=("base", "lora")) -> str:
    return "".join(
        f"{system},s{n},{metric},{0.1 * place + n / 100}\n"
        for place, system in enumerate(systems)
        for n in range(N_SEGMENTS)
    )


@pytest.fixture
def dataset():
    return study().dataset


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "comet.csv"
    path.write_text(HEAD + rows(), encoding="utf-8")
    return path


def test_scores_are_stored_under_the_file_s_hash(dataset, file, capsys):
    call_command("load_scores", str(file), dataset=dataset.name)
    assert "24 rows: 24 new, 0 already there" in capsys.readouterr().err
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    signature = f"imported|file:comet.csv|sha256:{digest}"
    assert set(SegmentScore.objects.values_list("signature", flat=True)) == {signature}
    score = MetricScore.objects.get(system__name="lora")
    assert (score.metric, score.signature, score.n) == ("imported_COMET-22", signature, N_SEGMENTS)
    assert score.corpus == score.segment_mean == pytest.approx(0.1 + 0.055)
    assert latest_signatures(dataset)["imported_COMET-22"]["corpus"] == signature


def test_the_same_file_again_changes_nothing(dataset, file):
    load_scores(file, dataset=dataset)
    again = load_scores(file, dataset=dataset)
    assert (again.n_new, again.n_unchanged) == (0, 24)
    assert ScoringRun.objects.count() == 1 and SegmentScore.objects.count() == 24


def test_of_two_files_the_last_one_is_shown(dataset, file):
    load_scores(file, dataset=dataset)
    first = latest_signatures(dataset)
    file.write_text(HEAD + rows().replace("0.0\n", "0.5\n"), encoding="utf-8")
    load_scores(file, dataset=dataset)
    assert latest_signatures(dataset) != first and SegmentScore.objects.count() == 48


def test_the_direction_is_the_file_s(dataset, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(HEAD + rows("MetricX") + rows("bleurt"), encoding="utf-8")
    load_scores(path, dataset=dataset, lower_is_better=["MetricX"])
    names = set(MetricScore.objects.values_list("metric", flat=True))
    assert names == {"imported_low_MetricX", "imported_bleurt"}
    assert not METRICS.get("imported_low_MetricX").higher_is_better
    assert METRICS.get("imported_low_MetricX").label == "MetricX (imported)"
    with pytest.raises(BadInput, match="has no metric called 'TER', of which lower would be"):
        load_scores(path, dataset=dataset, lower_is_better=["TER"])


def test_standard_input_is_a_file_too(dataset, monkeypatch):
    data = (HEAD + rows()).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert load_scores("-", dataset=dataset).n_new == 24


def test_every_bad_row_is_named_and_nothing_is_stored(dataset, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(
        HEAD + "base,s0,comet,0.5\nbase,s0,comet,0.6\ngpt,s1,comet,1\nbase,s2,comet,nan\n"
        "base,s3,my metric!,1\nbase,s4,comet,\nbase,s5,comet,1e16\n",
        encoding="utf-8",
    )
    with pytest.raises(NikashError) as caught:
        load_scores(path, dataset=dataset)
    message = str(caught.value)
    for sentence in (
        "row 3, column key: comet of 'base' for 's0' stands in row 2 already",
        "row 4, column key: no output of system 'gpt' is stored for segment 's1'",
        "row 5, column score: 'nan' is not a number from -1e+15 to 1e+15",
        "row 6, column metric: 'my metric!' cannot be a metric's name",
        "row 7, column score: '' is not a number",
        "row 8, column score: '1e16' is not a number",
    ):
        assert sentence in message
    assert not SegmentScore.objects.exists() and not ScoringRun.objects.exists()


@pytest.mark.parametrize("case", BAD)
def test_a_file_nobody_should_load_is_refused(dataset, tmp_path, case):
    with pytest.raises(NikashError):
        load_scores(write_bad(tmp_path, case), dataset=dataset)
    assert not SegmentScore.objects.exists()


def test_a_file_that_is_not_there_is_named(dataset):
    with pytest.raises(CommandError, match=r"no-such\.csv: cannot be opened"):
        call_command("load_scores", "no-such.csv", dataset=dataset.name)


def test_an_imported_metric_cannot_be_computed(dataset):
    run = create_run(dataset=dataset, metrics=["imported_COMET-22"])
    with pytest.raises(BadInput, match="its scores come from a file; load them with load_scores"):
        score_run(run, silent)


def test_a_metric_s_name_is_plain():
    assert imported_name("a" * 36, lower_is_better=True) == "imported_low_" + "a" * 36
    with pytest.raises(BadInput, match="cannot be a metric's name"):
        imported_name("a" * 37)
    with pytest.raises(BadInput, match="not low_ at the beginning"):
        imported_name("low_x")
    assert "imported_x" in METRICS and "imported_ x" not in METRICS
    with pytest.raises(LookupError, match="no metric called 'imported_'"):
        METRICS.get("imported_")


def test_it_stands_in_the_report_beside_ours(dataset, file):
    from metrics.analyses.frame import load_frame
    from metrics.analyses.values import load_values

    load_scores(file, dataset=dataset)
    campaign = dataset.campaigns.get()
    (values,) = load_values(campaign, load_frame(campaign))
    assert values.label == "COMET-22 (imported)"
    assert values.corpus(values.known.any(axis=1), 0) == pytest.approx(0.055)
