"""A study moves to another language by its configuration alone."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from common.errors import BadInput
from studies.cloning import clone
from studies.configuration import check_configuration, read_configuration, template_names

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / "fixtures" / "studies" / "real"


def test_summaries_move_to_irish_and_nothing_is_lacking(tmp_path):
    configuration, _ = read_configuration("summarisation-regimes")
    made, to_do = clone(configuration, of="mr", to="ga", folder=tmp_path)
    assert to_do == []
    assert made["languages"] == ["en", "ga"]
    assert made["corpora"]["reports-ga"]["file"] == "fixtures/studies/data/summaries.ga.jsonl"
    assert made["corpora"]["reports-ga"]["source_lang"] == "ga"
    assert made["training"][0]["corpus"] == "reports-ga"
    assert made["title"].endswith("(Irish)")


def test_what_the_other_language_lacks_is_said(tmp_path):
    configuration, _ = read_configuration("marathi-lora")
    made, to_do = clone(configuration, of="mr", to="cy", folder=tmp_path)
    said = "\n".join(to_do)
    assert "there is no file fixtures/questions/cy150.jsonl" in said
    assert "keeps the prompt question_mr, since there is no question_cy" in said
    assert "not in the catalogue: indic_sentiment_cy" in said
    assert set(made["benchmarks"]["tasks"]) == {"arc_easy", "arc_challenge"}


@pytest.mark.parametrize(
    ("of", "to", "words"),
    [("ga", "hi", "not a language"), ("mr", "mr", "already"), ("mr", "xx", "xx")],
)
def test_languages_that_cannot_be_are_refused(of, to, words, tmp_path):
    configuration, _ = read_configuration("marathi-lora")
    with pytest.raises(BadInput, match=words):
        clone(configuration, of=of, to=to, folder=tmp_path)


@pytest.mark.django_db
def test_the_command_writes_a_configuration_that_can_be_run(tmp_path):
    path, said = tmp_path / "hi.json", StringIO()
    call_command(
        "study", "native-vs-translated", clone=str(path), from_lang="mr", to_lang="hi", stderr=said
    )
    assert "next.hi.jsonl" in said.getvalue()
    assert check_configuration(json.loads(path.read_text("utf-8")))["languages"] == ["hi"]
    with pytest.raises(CommandError, match="a clone needs two languages"):
        call_command("study", "marathi-lora", clone=str(path))


@pytest.mark.parametrize("path", sorted(REAL.glob("*.json")), ids=lambda path: path.stem)
def test_on_real_checkpoints_only_the_configuration_changes(path):
    real, _ = read_configuration(str(path))
    template, _ = read_configuration(path.stem)
    assert set(real) == set(template)
    assert real["tables"] == template["tables"]
    assert [entry["name"] for entry in real["systems"]][: len(template["systems"])] == [
        entry["name"] for entry in template["systems"]
    ]
    assert not any(
        entry["location"].startswith("fixtures/") for entry in real["checkpoints"].values()
    )
    assert not any(entry.get("simulated") for entry in real.get("campaigns", ()))


def test_every_study_has_its_real_counterpart():
    assert [path.stem for path in sorted(REAL.glob("*.json"))] == template_names()
