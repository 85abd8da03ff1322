"""manage.py benchmark: what it lists, shows and exports, and its sentences."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from models_app.models import BenchmarkRun
from tests.models_app.benchmarks import base_and_adapter, finished

pytestmark = pytest.mark.django_db


def said(*words: str) -> list[list[str]]:
    out = io.StringIO()
    call_command("benchmark", *words, stdout=out)
    return list(csv.reader(io.StringIO(out.getvalue())))


def test_it_lists_the_tasks_and_the_runs(capsys):
    finished(base_and_adapter()[0], "arc_mr", "AB", "AA")
    rows = said("list")
    assert rows[0][:3] == ["task", "kind", "language"]
    assert ["arc_mr", "multiple-choice", "mr"] in [row[:3] for row in rows]
    assert "ground on arc_mr (sample), done" in capsys.readouterr().err


def test_it_exports_every_item():
    run = finished(base_and_adapter()[0], "arc_mr", "AB", "AA")
    rows = said("export", str(run.pk))
    assert [row[1] for row in rows] == ["key", "i0", "i1"]
    assert rows[2][3:5] == ["B", "A"]


def test_it_shows_the_harness_numbers():
    run = finished(base_and_adapter()[0], "arc_mr", "AB", "AA", results={"acc,none": 0.5})
    assert said("show", str(run.pk))[1] == ["acc,none", "0.5"]


def test_it_waits_for_a_worker_unless_told(capsys):
    base_and_adapter()
    said("run", "--system", "ground", "--task", "arc_mr", "--task", "xnli_hi")
    assert "2 runs wait for a worker" in capsys.readouterr().err
    assert BenchmarkRun.objects.count() == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "9"], "there is no benchmark run 9"),
        (["run", "--system", "x", "--task", "arc_mr"], "there is no system called 'x'"),
        (["run", "--system", "ground", "--task", "no"], "there is no benchmark task 'no'"),
    ],
)
def test_bad_words_are_told_in_a_sentence(words, sentence):
    base_and_adapter()
    with pytest.raises(CommandError, match=sentence):
        said(*words)
