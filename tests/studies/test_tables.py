"""The tables that read the evaluation harness, and cells as they are written."""

import pytest

from models_app.jobs import Progress
from studies.models import Study
from studies.tables import make_tables
from studies.words import as_markdown, cell_text
from studies.work import Work
from tests import people
from tests.models_app.benchmarks import base_and_adapter, finished


@pytest.mark.django_db
def test_benchmarks_stand_beside_what_the_paper_published(tmp_path):
    base, tuned = base_and_adapter()
    for system, name in ((base, "base"), (tuned, "tuned")):
        system.name = f"mine: {name}"
        system.save()
    for task in ("indic_sentiment_mr", "arc_easy"):
        labels = ("negative", "positive") if task.startswith("indic") else ("A", "B")
        gold = labels * 10
        finished(base, task, gold, gold)
        finished(tuned, task, gold, labels[:1] * 20)
    (tmp_path / "paper.csv").write_text(
        "table,row,column,value,source\nbenchmarks,gemma,F1,0.5,a paper\n", encoding="utf-8"
    )
    study = Study.objects.create(
        name="mine",
        folder=str(tmp_path),
        configuration={
            "title": "A",
            "question": "B?",
            "systems": [
                {"name": "base", "checkpoint": "x"},
                {"name": "tuned", "checkpoint": "x"},
            ],
            "benchmarks": {"tasks": ["arc_easy"], "systems": ["base", "tuned"]},
            "tables": [{"table": "adaptation"}, {"table": "benchmarks", "values": ["accuracy"]}],
            "published": "paper.csv",
        },
        created_by=people.alice(),
    )
    study.results = make_tables(Work(study, Progress(study, "here")))
    changed, benchmarks = study.results
    deltas = {row["task"]: (row["delta"], row["n"]) for row in changed["rows"]}
    assert deltas["ARC-Easy (English)"] == (-0.5, 20)
    assert deltas["English, mean of 1 tasks"] == (-0.5, 20)
    flags = {(row["system"], row["flags"]) for row in benchmarks["rows"]}
    assert flags == {("base", ""), ("tuned", "constant")}
    assert benchmarks["published"][0]["value"] == "0.5"
    assert "look-alikes" in benchmarks["notes"][0]
    assert "| gemma | F1 | 0.5 | a paper |" in as_markdown(study)


@pytest.mark.parametrize(
    ("row", "kind", "text"),
    [
        ({"value": 0.25, "low": 0.125, "high": 0.5}, "interval", "0.250 (0.125 to 0.500)"),
        ({"value": None, "reason": "too few"}, "interval", "not defined: too few"),
        ({"value": None}, "number", "–"),
        ({"value": 22016}, "number", "22\u202f016"),
        ({"value": 0.00001}, "p", "< 0.001"),
        ({"value": "a|b"}, "text", "a|b"),
    ],
)
def test_a_cell_as_it_is_read(row, kind, text):
    assert cell_text(row, {"name": "value", "kind": kind}) == text
