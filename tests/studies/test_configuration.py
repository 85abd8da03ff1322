"""A study's configuration says what is wrong with it, and where."""

import json

import pytest

from common.errors import BadInput
from studies.configuration import (
    check_configuration,
    planned_runs,
    read_configuration,
    systems_of,
    template_names,
)

MINIMAL = {"title": "A", "question": "B?", "languages": ["mr"]}
BASE = {"location": "fixtures/models/base", "architecture": "causal"}
RUN = {"name": "t", "checkpoint": "base", "corpus": "c", "prompt": "alpaca"}
CORPUS = {
    "file": "c.jsonl",
    "kind": "instruction",
    "source_lang": "mr",
    "licence": "CC0-1.0",
    "origin": "written",
    "text_origin": "native",
}


def with_(**parts):
    return {**MINIMAL, **parts}


@pytest.mark.parametrize("name", template_names())
def test_every_shipped_study_can_be_read(name):
    configuration, folder = read_configuration(name)
    assert configuration["tables"] and (folder / f"{name}.json").is_file()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "the whole file: "),
        ({"title": "A", "question": "B?"}, "'languages' is a required property"),
        (with_(titel="A"), "'titel' was unexpected"),
        (with_(seed=-1), "seed: -1 is less than the minimum of 0"),
        (with_(training=[RUN]), r"training\[0\].checkpoint: there is no 'base'; known: none"),
        (
            with_(training=[RUN], checkpoints={"base": BASE}),
            r"training\[0\].corpus: there is no 'c'; known: none",
        ),
        (
            with_(
                training=[RUN | {"start": "t"}], checkpoints={"base": BASE}, corpora={"c": CORPUS}
            ),
            r"training\[0\].start: there is no 't'",
        ),
        (
            with_(training=[RUN, RUN], checkpoints={"base": BASE}, corpora={"c": CORPUS}),
            "training: 't' stands there twice",
        ),
        (
            with_(systems=[{"name": "s", "checkpoint": "bass"}], checkpoints={"base": BASE}),
            r"systems\[0\].checkpoint: there is no 'bass'; known: base",
        ),
        (with_(systems=[{"name": "s"}]), r"systems\[0\]: 's' comes from nowhere"),
        (
            with_(scoring=[{"dataset": "d", "metrics": ["chrf"]}]),
            r"scoring\[0\].dataset: there is no 'd'",
        ),
        (with_(datasets={"d": {"corpus": "c"}}), "datasets.d.corpus: there is no 'c'"),
    ],
)
def test_what_cannot_be_run_says_where(given, words):
    with pytest.raises(BadInput, match=words):
        check_configuration(given)


def test_a_file_that_is_no_json_or_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="there is no study 'marathi'; write one of adaptmllm"):
        read_configuration("marathi")
    broken = tmp_path / "study.json"
    broken.write_text("{", encoding="utf-8")
    with pytest.raises(BadInput, match="it is not readable JSON"):
        read_configuration(str(broken))
    broken.write_text(json.dumps(MINIMAL), encoding="utf-8")
    assert read_configuration(str(broken)) == (MINIMAL, tmp_path)


def test_a_grid_plans_every_cell():
    entry = RUN | {
        "settings": {"alpha": 8},
        "grid": {"rank": [4, 8], "corpus": ["a", "b"]},
    }
    runs = planned_runs(entry, seed=3)
    assert [run.cell for run in runs] == [
        {"rank": 4, "corpus": "a"},
        {"rank": 4, "corpus": "b"},
        {"rank": 8, "corpus": "a"},
        {"rank": 8, "corpus": "b"},
    ]
    assert runs[1].name == "t (rank 4, corpus b)"
    assert runs[1].made_of["corpus"] == "b"
    assert runs[1].settings == {"seed": 3, "alpha": 8, "rank": 4}


def test_the_systems_of_a_grid_are_those_of_its_cells():
    given = with_(
        training=[RUN | {"grid": {"rank": [4, 8]}}],
        systems=[{"name": "base", "checkpoint": "base"}, {"name": "tuned", "training": "t"}],
    )
    assert systems_of(given, ["base", "tuned"]) == ["base", "tuned t (rank 4)", "tuned t (rank 8)"]
