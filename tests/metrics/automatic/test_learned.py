"""Scorers of others: what is sent, what is taken, and what is said when they fail."""

import importlib.util
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.errors import BadInput, MissingLibrary, NotFound
from metrics.automatic import Comet, MetricX, Pair
from metrics.automatic.scorers import _comet

PAIRS = [
    Pair("s", "the cat sat", ("the cat ran", "the cat sat")),
    Pair("s", "मराठी भाषा", ("मराठी",)),
]


def program(folder: Path, text: str, *words: str) -> str:
    path = folder / "scorer.py"
    path.write_text(text, encoding="utf-8")
    return shlex.join([sys.executable, str(path), *words])


def test_a_command_reads_json_lines_and_prints_numbers(scorer_command: str):
    rows = Comet(command=scorer_command).statistics(PAIRS)
    assert rows.tolist() == [[1, 1], [0.5, 1]]


def test_where_lower_is_better_the_lowest_reference_counts(scorer_command: str):
    assert MetricX(command=scorer_command).statistics(PAIRS)[0, 0] == 0.5
    assert not MetricX.higher_is_better


def test_a_command_may_work_with_files(tmp_path: Path):
    command = program(
        tmp_path,
        "import json, sys\n"
        "rows = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]\n"
        "out = open(sys.argv[2], 'w')\n"
        "for row in rows: print(json.dumps({'prediction': len(row['hypothesis'])}), file=out)\n"
        "print('done')\n",
        "{input}",
        "{output}",
    )
    assert MetricX(command=command).statistics(PAIRS)[:, 0].tolist() == [11, 10]


def test_a_scorer_without_references_needs_none(tmp_path: Path):
    command = program(
        tmp_path,
        "import json, sys\n"
        "for line in sys.stdin: print(json.loads(line)['reference'] == '')\n".replace(
            "print(", "print(1.0 * ("
        ).replace("== '')", "== ''))"),
    )
    metric = Comet(command=command, reference_free=True)
    assert metric.statistics([Pair("s", "t")])[0, 0] == 1
    assert "refs:no" in metric.signature() and "nrefs" not in metric.signature()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("print(1)", "asked about 3 texts and gave 1 lines"),
        ("print('a\\nb\\nc')", "line 1 of the scorer of COMET holds no number: 'a'"),
        ("print('{\"x\": 1}\\n' * 3)", "holds no number"),
        ("print('NaN\\n' * 3)", "holds no number"),
        ("raise SystemExit('no GPU')", "ended with status 1: no GPU"),
    ],
)
def test_a_scorer_that_fails_is_quoted(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(BadInput, match=sentence):
        Comet(command=program(tmp_path, text)).statistics(PAIRS)


def test_a_command_this_machine_lacks_is_named():
    with pytest.raises(NotFound, match="cannot be started: 'no-such-scorer'"):
        Comet(command="no-such-scorer --fast").statistics(PAIRS)


def test_without_a_scorer_it_says_how_to_give_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NIKASH_METRICX_COMMAND", raising=False)
    with pytest.raises(BadInput, match=r"set NIKASH_METRICX_COMMAND to a command .* load_scores"):
        MetricX().statistics(PAIRS)


def test_the_library_of_comet_is_used_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    pytest.importorskip("torch", reason="COMET needs torch")
    asked: list[dict[str, str]] = []

    def predict(data, batch_size, gpus, progress_bar):
        asked.extend(data)
        return SimpleNamespace(scores=[len(row["ref"]) / 100 for row in data])

    library = SimpleNamespace(
        load_from_checkpoint=lambda path: SimpleNamespace(predict=predict), __version__="9.9"
    )
    monkeypatch.setitem(sys.modules, "comet", library)
    checkpoint = tmp_path / "model.ckpt"
    checkpoint.write_bytes(b"")
    metric = Comet(checkpoint=str(checkpoint))
    assert metric.statistics(PAIRS)[:, 0] == pytest.approx([0.11, 0.05])
    assert asked[0] == {"src": "s", "mt": "the cat sat", "ref": "the cat ran"}
    assert "ckpt:model.ckpt|weights:e3b0c44298fc|lib:unbabel-comet.9.9" in metric.signature()
    with pytest.raises(NotFound, match="there is no COMET model at"):
        Comet(checkpoint=str(tmp_path / "other.ckpt")).statistics(PAIRS)
    _comet.cache_clear()


@pytest.mark.skipif(importlib.util.find_spec("comet") is not None, reason="COMET is installed")
def test_without_the_library_it_names_the_package():
    with pytest.raises(MissingLibrary, match="pip install unbabel-comet"):
        Comet(checkpoint="model.ckpt").statistics(PAIRS)
