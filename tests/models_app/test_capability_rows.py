"""Rows D01 to D14, what is done with data: each has a page or a command, tried here once."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from models_app.checkpoints import register_system
from models_app.corpora.subsets import matched_size
from models_app.models import Corpus, CorpusReport, Dataset
from models_app.prompts import PROMPTS
from tests.models_app.corpora import corpus, fill, leaking_corpus, small_corpus
from tests.models_app.small_models import registered
from tests.models_app.test_pages import signed_in
from tests.people import ada

pytestmark = pytest.mark.django_db
CARD = ("--licence=CC-BY-4.0", "--origin=here")


def loaded(tmp_path, kind, rows, *options):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    call_command("load_corpus", str(file), "--name=c", f"--kind={kind}", *CARD, *options)
    return Corpus.objects.get(name="c")


def mr(origin="native"):
    return "--source-lang=mr", "--target-lang=mr", f"--text-origin={origin}"


def page(name, /, *arguments, **posted):
    client = signed_in(ada())
    address = reverse(f"models_app:{name}", args=arguments)
    found = client.post(address, posted, follow=True) if posted else client.get(address)
    assert found.status_code == 200
    return found.text


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.csv", "source,target\nriver,abhainn\n"),
        ("a.json", '[{"translation": {"en": "river", "ga": "abhainn"}}]'),
    ],
)
def test_d01_parallel_corpora_are_loaded_and_looked_at(file, data):
    sent = {
        "name": "c", "kind": "parallel", "source_lang": "en", "target_lang": "ga",
        "licence": "CC0-1.0", "origin": "here", "text_origin": "native", "split": "train",
    }  # fmt: skip
    client = signed_in(ada())
    address = reverse("models_app:corpus_upload")
    seen = client.post(address, sent | {"file": SimpleUploadedFile(file, data.encode())})
    client.post(address, {"token": seen.context["preview"]["token"]})
    assert "abhainn" in page("corpus_detail", Corpus.objects.get().pk)


def test_d02_instructions_are_loaded(tmp_path):
    rows = [{"instruction": "नाव सांग", "input": "", "output": "निकष"}]
    one = loaded(tmp_path, "instruction", rows, *mr())
    assert one.examples.get().instruction == "नाव सांग"


def test_d03_long_documents_with_summaries_are_loaded_whole(tmp_path):
    text = "मोठा मजकूर " * 20_000
    one = loaded(tmp_path, "summary", [{"text": text, "summary": "सार"}], *mr())
    assert one.examples.get().input == text


def test_d04_a_corpus_and_a_dataset_are_translated_and_say_by_whom():
    fill(corpus("e", "instruction", source_lang="en", target_lang="en"), [{"output": "one two"}])
    register_system(name="echo", backend="echo")
    call_command("translate_corpus", "e", "--system=echo", "--name=m", "--target-lang=mr")
    assert "machine-translated: echo" in page("corpus_detail", Corpus.objects.get(name="m").pk)
    asked = Dataset.objects.create(name="d", source_lang="en", target_lang="en")
    asked.segments.create(key="1", position=0, source="who is it")
    call_command("translate_dataset", "d", "--system=echo", "--name=dm", "--target-lang=mr")
    assert "by echo" in Dataset.objects.get(name="dm").origin


def test_d05_generated_instructions_are_marked_synthetic(tmp_path):
    rows = [{"instruction": "a", "output": "b"}]
    one = loaded(tmp_path, "instruction", rows, *mr("synthetic"), "--produced-by=a model")
    assert "written by a model: a model" in page("corpus_detail", one.pk)


def test_d06_splits_are_drawn_by_a_seed():
    one = small_corpus(n=40)
    told = page("corpus_split", one.pk, seed=1, train=80, valid=10, test=10)
    assert "Split: 32 train, 4 valid, 4 test." in told


def test_d07_duplicates_and_leaks_are_found(capsys):
    leaking_corpus()
    call_command("check_corpus", "leaking")
    assert "valid, asked: 46 of 50 stand in train" in capsys.readouterr().err


def test_d08_subsets_lie_within_each_other():
    one = small_corpus(n=40)
    assert "3 subsets are there." in page("corpus_draw", one.pk, sizes="4 16 32", seed=1)
    assert [subset.n_examples for subset in one.subsets.all()] == [4, 16, 32]


def test_d09_languages_are_mixed_to_a_budget_of_tokens():
    english = small_corpus("english", source_lang="ga", target_lang="en")
    told = page(
        "corpus_mix", name="m", unit="tokens", budget=2000, seed=1, checkpoint=registered().pk,
        corpus_1=small_corpus("one").pk, weight_1=1, english=english.pk, english_percent=25,
    )  # fmt: skip
    assert "(English)" in told and "0.250" in told and "Budget: 2000 tokens" in told


def test_d10_prompts_are_registered():
    assert {"alpaca", "bactrian", "gemma", "nllb"} <= set(PROMPTS.names())


def test_d11_the_card_has_licence_hash_rows_and_origin():
    one = small_corpus(n=4)
    told = page("corpus_detail", one.pk)
    for part in ("CC-BY-4.0", one.content_hash, ">4<", "made up for a test"):
        assert part in told


def test_d12_tokens_and_scripts_are_measured(capsys):
    small_corpus(n=4)
    call_command("measure_corpus", "small", f"--checkpoint={registered().name}")
    assert "tokens a word" in capsys.readouterr().err


def test_d13_traces_of_translation_are_audited_there_and_back(capsys):
    one = small_corpus(n=8)
    register_system(name="echo", backend="echo")
    call_command("audit_corpus", "small", "--back=echo")
    assert "chrF" in capsys.readouterr().err
    assert "There and back" in page("corpus_report", CorpusReport.objects.get(corpus=one).pk)
    call_command("sample_to_tag", "--corpus=small", "--name=to tag", "--size=4", "--seed=1")
    assert Dataset.objects.get(name="to tag").segments.count() == 4


def test_d14_native_and_translated_texts_are_drawn_at_one_size(capsys):
    native = small_corpus("native", 30)
    translated = small_corpus("machine", 50, text_origin="machine", produced_by="NLLB-200")
    assert matched_size([native, translated]) == 30
    call_command("subset_corpus", "native", "machine", "--match", "--seed=1")
    sizes = {(subset.corpus.text_origin, subset.n_examples) for subset in (
        native.subsets.get(), translated.subsets.get()
    )}  # fmt: skip
    assert sizes == {("native", 30), ("machine", 30)}
