"""The studies' own data are what their rule makes, and aligned over the languages."""

import json

import pytest
from django.conf import settings

from studies.sample_data import LANGUAGES, files

FOLDER = settings.FIXTURES / "studies" / "data"


@pytest.mark.parametrize("name", sorted(files()))
def test_the_files_are_what_the_rule_makes(name):
    stored = [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]
    assert stored == files()[name]


@pytest.mark.parametrize("kind", ["basics", "summaries"])
def test_keys_and_splits_are_the_same_in_every_language(kind):
    made = files()
    aligned = [
        [(row["key"], row["split"]) for row in made[f"{kind}.{language}.jsonl"]]
        for language in LANGUAGES
    ]
    assert all(rows == aligned[0] for rows in aligned)
    assert {split for _, split in aligned[0]} == {"train", "valid", "test"}


def test_the_translators_test_sentences_are_those_it_has_not_seen():
    from models_app.demo.data import translations

    _, held = translations()
    rows = files()["sentences.en-mr.jsonl"]
    tests = [(row["source"], row["target"]) for row in rows if row["split"] == "test"]
    assert tests == held
