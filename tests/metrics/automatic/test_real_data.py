"""Real outputs, and numbers made from them with the field's own tools (read beside the data)."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from metrics.automatic import BLEU, TER, BLEUIntl, ChrF, ChrFPlusPlus, Metric, Pair, RougeL, TokenF1
from metrics.automatic.doctor import choose_texts, examine

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "wmt"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no evaluation data at {DATA}")

Key = tuple[str, str]
# column of segment_metrics and our metric under the data's own options
COLUMNS: list[tuple[str, Metric]] = [
    ("sentbleu", BLEU()),
    ("chrf", ChrF()),
    ("chrfpp", ChrFPlusPlus()),
    ("rougeL_ws", RougeL(tokens="whitespace", normalize="none")),
    ("token_f1", TokenF1(digits=False, normalize="none")),
]


class Case(NamedTuple):
    outputs: dict[Key, str]
    references: dict[str, str]
    expected: list[dict[str, str]]

    def pairs(self, rows: list[dict[str, str]]) -> list[Pair]:
        keys = [(row["system"], row["seg_id"]) for row in rows]
        return [Pair("", self.outputs[key], (self.references[key[1]],)) for key in keys]


def hindi_expected() -> dict[str, Any]:
    path = DATA / "florestest2021_bnhi_da" / "expected.json"
    return json.loads(path.read_text("utf-8"))


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load(name: str) -> Case:
    if name == "hindi":
        folder, suffix, metrics = "florestest2021_bnhi_da", "", "z"
    else:
        folder, suffix, metrics = "ted2021_mqm", f".{name}", name
    outputs = {
        (row["system"], row["seg_id"]): row["text"]
        for row in rows_of(f"{folder}/outputs{suffix}.csv.gz")
    }
    if name == "hindi":
        segments = rows_of(f"{folder}/segments.csv.gz")
        references = {row["seg_id"]: row["ref_hi"] for row in segments}
    else:
        reference = "ref" if name == "ende" else "refB"
        references = {seg: text for (system, seg), text in outputs.items() if system == reference}
    expected = list(rows_of(f"{folder}/segment_metrics.{metrics}.csv.gz"))
    return Case(outputs, references, expected)


@pytest.fixture(scope="module", params=["hindi", "ende", "zhen"])
def case(request: pytest.FixtureRequest) -> Case:
    return load(request.param)


@pytest.mark.parametrize(("column", "metric"), COLUMNS, ids=[name for name, _ in COLUMNS])
def test_segment_scores_are_the_published_ones(case: Case, column: str, metric: Metric):
    rows = case.expected[3::23]
    assert len(rows) > 150
    scores = metric.segment_scores(metric.statistics(case.pairs(rows)))
    assert scores == pytest.approx([float(row[column]) for row in rows], abs=1e-6)


def test_segment_ter_is_the_published_one(case: Case):
    rows = case.expected[5::97]
    scores = TER().segment_scores(TER().statistics(case.pairs(rows)))
    assert scores == pytest.approx([float(row["ter"]) for row in rows], abs=1e-6)


def test_rouge_sees_hindi_where_the_usual_tokens_do_not():
    case = load("hindi")
    rows = case.expected[::50]
    assert sum(float(row["rougeL_default"]) == 0 for row in rows) > len(rows) / 2
    assert min(RougeL().segment_scores(RougeL().statistics(case.pairs(rows)))) > 0


def test_corpus_scores_of_all_hindi_systems_are_the_published_ones():
    case = load("hindi")
    published = hindi_expected()["z"]["corpus_scores"]
    by_system: dict[str, list[dict[str, str]]] = {}
    for row in case.expected:
        by_system.setdefault(row["system"], []).append(row)
    assert sorted(by_system) == sorted(published) and len(published) == 9
    for system, rows in by_system.items():
        pairs = case.pairs(rows)
        for name, metric in [("bleu_13a", BLEU()), ("bleu_intl", BLEUIntl()), ("chrf", ChrF())]:
            score = metric.score(metric.statistics(pairs))
            assert score == pytest.approx(published[system][name], abs=1e-6), (system, name)


def test_hindi_corpus_scores_after_nfc_are_the_published_ones():
    case = load("hindi")
    rows = [row for row in case.expected if row["system"] == "GTCOM"]
    published = hindi_expected()["unicode"]["corpus_after_nfc"]["GTCOM"]
    for name, kind in [("bleu_13a", BLEU), ("bleu_intl", BLEUIntl), ("chrfpp", ChrFPlusPlus)]:
        metric = kind(normalize="nfc")
        score = metric.score(metric.statistics(case.pairs(rows)))
        assert score == pytest.approx(published[name], abs=1e-6), name


def test_the_doctor_on_real_hindi():
    case = load("hindi")
    texts = choose_texts([*case.references.values(), *list(case.outputs.values())[:500]], "hi")
    found = {
        metric.name: {f.check: f for f in examine(metric, texts, "hi") if f.state == "failed"}
        for metric in (BLEU(), BLEUIntl(), ChrF(), RougeL(), TokenF1(), TER())
    }
    assert not any(f.serious for checks in found.values() for f in checks.values())
    assert {"danda", "nukta"} <= set(found["bleu"]) and "danda" in found["ter"]
    assert "nukta" in found["chrf"] and "danda" not in found["chrf"]
    assert "danda" not in found["bleu_intl"] and not found["rougeL"]
