import json

import pytest
from django.core.management import CommandError, call_command

from metrics.models import ReportRun, ScoringRun, SegmentScore
from tests.metrics.studies import N_SEGMENTS, study

pytestmark = pytest.mark.django_db


def test_score_stores_values_and_says_how_many(capsys):
    study()
    call_command("score", campaign="judged", metrics="bleu,chrf")
    assert f"{4 * N_SEGMENTS} new of {4 * N_SEGMENTS} values." in capsys.readouterr().err
    assert ScoringRun.objects.get().state == "done"


def test_score_is_idempotent(capsys):
    study()
    call_command("score", dataset="data of judged", metrics="chrf")
    call_command("score", dataset="data of judged", metrics="chrf")
    assert "0 new of" in capsys.readouterr().err
    assert SegmentScore.objects.count() == 2 * N_SEGMENTS


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"campaign": "nope"}, "there is no campaign called 'nope'; known: judged"),
        ({"dataset": "nope"}, "there is no dataset called 'nope'; known: data of judged"),
        ({"campaign": "judged", "metrics": "blue"}, "there is no metric called 'blue'"),
        ({"campaign": "judged", "metrics": ","}, "no metric was named"),
        ({"campaign": "judged", "option": ["bleu"]}, "write METRIC.OPTION=VALUE"),
        (
            {"campaign": "judged", "metrics": "bleu", "option": ["bleu.tokenize=xx"]},
            "no tokenizer called 'xx'",
        ),
        (
            {"campaign": "judged", "metrics": "bleu", "option": ["bleu.colour=red"]},
            "does not take the options colour",
        ),
    ],
)
def test_score_refuses_bad_input_with_a_sentence(options, sentence):
    study()
    with pytest.raises(CommandError, match=sentence):
        call_command("score", **options)


def test_report_writes_everything_and_keeps_the_payload(tmp_path):
    study()
    call_command("score", campaign="judged", metrics="chrf")
    call_command("report", campaign="judged", out=tmp_path)
    payload = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert payload["schema"] == "nikash-report/1"
    assert (tmp_path / "report.html").exists()
    assert (tmp_path / "tables" / "pairs.csv").exists()
    call_command("report", campaign="judged", out=tmp_path)
    assert ReportRun.objects.count() == 1
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == payload


def test_report_refuses_an_unknown_campaign_and_a_folder_it_cannot_write(tmp_path):
    study()
    with pytest.raises(CommandError, match="there is no campaign called 'other'"):
        call_command("report", campaign="other", out=tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="give --out a folder you may write to"):
        call_command("report", campaign="judged", out=tmp_path / "file")
