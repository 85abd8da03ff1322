"""Fertility: every token counted, and what the tokeniser does not know."""

import pytest
from django.core.management import call_command

from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora import fertility
from models_app.corpora.reports import start_report
from models_app.corpora.tokens import load_tokenizer
from models_app.jobs import run_inline
from models_app.models import Checkpoint
from tests.models_app.corpora import corpus, fill
from tests.models_app.small_models import registered

pytestmark = pytest.mark.django_db


class Letters:
    """A tokeniser of single letters that knows no z and writes é as two bytes."""

    unk_token_id = 0

    def __call__(self, text, add_special_tokens):
        ids = []
        for letter in text.replace(" ", ""):
            ids += [195, 169] if letter == "é" else [0 if letter == "z" else ord(letter) + 1000]
        return {"input_ids": ids}

    def convert_ids_to_tokens(self, token):
        return f"<0x{token:02X}>" if 0 < token < 256 else "<unk>" if token == 0 else chr(token)

    def decode(self, ids):
        return "".join(map(self.convert_ids_to_tokens, ids))

    def __len__(self):
        return 300


def measured(one, checkpoint):
    report = run_inline(start_report(one, "fertility", checkpoint=checkpoint, queue=False))
    assert report.state == "done", report.error
    return report.payload


def test_ratios_are_those_counted_by_hand(monkeypatch):
    monkeypatch.setattr(fertility, "load_tokenizer", lambda checkpoint: Letters())
    rows = [{"input": "az bé", "output": "abc"}, {"input": "z", "output": "де"}]
    payload = measured(fill(corpus(), rows), registered())
    source, target = payload["rows"]
    assert (source["language"], source["side"]) == ("en", "input")
    assert (source["n_texts"], source["n_words"], source["n_tokens"]) == (2, 3, 6)
    assert source["tokens_per_word"] == 2
    assert source["tokens_per_character"] == 6 / 6
    assert source["unknown_share"] == 2 / 6 and source["byte_share"] == 2 / 6
    assert source["script_share"] == 1
    assert (target["language"], target["script"], target["script_share"]) == ("ga", "Latn", 0.6)
    assert target["scripts"] == {"Latn": 3, "Cyrl": 2}


def test_a_text_without_words_is_not_defined(monkeypatch):
    monkeypatch.setattr(fertility, "load_tokenizer", lambda checkpoint: Letters())
    (row,) = measured(fill(corpus(), [{"output": "!"}]), registered())["rows"]
    assert row["tokens_per_word"] is None and row["script_share"] is None
    assert row["tokens_per_character"] == 1


def test_the_demo_model_needs_more_pieces_for_what_it_was_not_made_for(capsys):
    base = registered()
    rows = [
        {"instruction": "भारताची राजधानी कोणती?", "output": "नवी दिल्ली", "target_lang": "mr"},
        {"instruction": "የኢትዮጵያ ዋና ከተማ", "output": "አዲስ አበባ", "target_lang": "am"},
    ]
    one = fill(corpus("m", "instruction"), rows)
    found = {(r["language"], r["side"]): r for r in measured(one, base)["rows"]}
    marathi, amharic = found["mr", "instruction"], found["am", "instruction"]
    assert marathi["byte_share"] < 0.1 < 0.5 < amharic["byte_share"]
    assert marathi["tokens_per_word"] < amharic["tokens_per_word"]
    assert marathi["script_share"] == amharic["script_share"] == 1
    tokens = load_tokenizer(base)("नवी दिल्ली", add_special_tokens=False)["input_ids"]
    assert found["mr", "output"]["n_tokens"] == len(tokens)
    call_command("measure_corpus", "m", "--checkpoint=base", "--json")
    told = capsys.readouterr()
    assert "mr, output: " in told.err and "over 2 words in 1 texts" in told.err
    assert '"tokens_per_word"' in told.out


def test_a_checkpoint_without_a_tokeniser_is_a_sentence(tmp_path):
    missing = Checkpoint.objects.create(name="x", location=str(tmp_path), architecture="causal")
    one = fill(corpus(), [{"output": "a"}])
    report = run_inline(start_report(one, "fertility", checkpoint=missing, queue=False))
    assert report.state == "failed"
    assert report.error.startswith(f"the tokeniser of {tmp_path} cannot be loaded: ")
