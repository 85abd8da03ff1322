"""A corpus translated by a registered system: every text, once, with where it comes from."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from common.errors import BadInput
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.backends.base import Generation
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.corpora.subsets import make_subsets
from models_app.corpora.translating import start_translation
from models_app.jobs import run_inline
from models_app.models import Checkpoint, Corpus, CorpusTranslation
from tests.models_app.corpora import corpus, fill, small_corpus
from tests.models_app.small_models import LANGUAGES, registered
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db


def asked(n=20):
    rows = [
        {"instruction": f"name number {k}", "input": "now" * (k % 2), "output": f"it is {k}",
         "split": "test" if k % 5 == 0 else "train"}
        for k in range(n)
    ]  # fmt: skip
    one = corpus("asked", "instruction", source_lang="en", target_lang="en")
    return fill(one, rows)


def echo(name="echo", **options):
    return register_system(name=name, backend="echo", **options)


def start(source, system, name="marathi", target_lang="mr"):
    return start_translation(source, system, name=name, target_lang=target_lang)


def texts(of):
    return list(of.examples.values_list("key", "split", "instruction", "input", "output"))


def test_every_text_is_translated_and_the_card_says_by_what():
    base = Checkpoint.objects.create(
        name="b", location="x/y", architecture="causal", licence="CC-BY-NC-4.0"
    )
    job = run_inline(start(asked(), echo(checkpoint=base)))
    assert (job.state, job.error, job.n_done, job.n_total) == ("done", "", 20, 20)
    result = Corpus.objects.get(name="marathi")
    assert texts(result)[:2] == [
        ("k0", "test", "0 number name", "", "0 is it"),
        ("k1", "train", "1 number name", "now", "1 is it"),
    ]
    assert (result.text_origin, result.produced_by) == ("machine", "echo")
    assert result.licence == "CC-BY-4.0 AND CC-BY-NC-4.0"
    assert (result.source_lang, result.target_lang) == ("mr", "mr")
    assert list(result.parents.all()) == [job.source]
    assert result.recipe["hash"] == job.source.content_hash
    assert result.n_examples == 20 and len(result.content_hash) == 64
    assert job.environment["decoding"] == {}


def test_a_translation_that_broke_off_goes_on_where_it_was(monkeypatch):
    calls = []
    whole = Echo.generate

    def breaks(self, requests):
        calls.append(len(requests))
        if len(calls) == 2:
            raise BadInput("the disk is full; make room")
        return whole(self, requests)

    monkeypatch.setattr(Echo, "generate", breaks)
    source = asked(40)
    job = run_inline(start(source, echo()))
    assert (job.state, job.error) == ("failed", "the disk is full; make room")
    half = Corpus.objects.get(name="marathi")
    assert half.examples.count() == 16
    for use in (
        lambda: make_subsets(half, sizes=[2], seed=1),
        lambda: start(half, echo("again"), "hindi", "hi"),
    ):
        with pytest.raises(BadInput, match=r"is not finished|has no examples"):
            use()
    call_command("translate_corpus", "asked", "--system=echo", "--name=marathi", "--target-lang=mr")
    assert half.examples.count() == 40 and sum(calls[2:]) == sum(
        2 + bool(e.input) for e in source.examples.all()[16:]
    )
    before = texts(half)
    call_command("translate_corpus", "asked", "--system=echo", "--name=marathi", "--target-lang=mr")
    assert texts(half) == before and CorpusTranslation.objects.count() == 1
    assert make_subsets(half, sizes=[2], seed=1)


def test_texts_that_were_cut_off_are_told(monkeypatch, capsys):
    monkeypatch.setattr(
        Echo, "generate", lambda self, asked: [Generation("x\0", 1, "length") for _ in asked]
    )
    asked(3), echo()
    call_command("translate_corpus", "asked", "--system=echo", "--name=m", "--target-lang=mr")
    assert "3 of them were cut off at the length limit" in capsys.readouterr().err
    example = Corpus.objects.get(name="m").examples.first()
    assert (example.output, example.extra) == ("x", {"cut_off": ["instruction", "output"]})


def test_a_real_translator_writes_the_language(capsys):
    checkpoint = registered("en-mr")
    register_system(
        name="en-mr", backend="huggingface", checkpoint=checkpoint, decoding=dict(LANGUAGES)
    )
    one = corpus("e", "instruction", source_lang="en", target_lang="en")
    fill(one, [{"instruction": "The doctor is in the clinic today.", "output": "I see a dog."}])
    with pytest.raises(BadInput, match="translates into mr, not into ga"):
        start(one, checkpoint.systems.get(), "irish", "ga")
    call_command("translate_corpus", "e", "--system=en-mr", "--name=m", "--target-lang=mr")
    example = Corpus.objects.get(name="m").examples.get()
    assert all(
        "\u0900" <= text.strip()[0] <= "\u097f" for text in (example.instruction, example.output)
    )
    assert "Corpus m: 1 examples under CC-BY-4.0" in capsys.readouterr().err


def test_what_cannot_be_translated_is_refused():
    one, system = asked(3), echo()
    dataset = small_dataset()
    for source, by, name, tag, reason in (
        (small_corpus(), system, "m", "mr", "is not of one language"),
        (corpus("empty", "instruction"), system, "m", "mr", "has no examples"),
        (one, small_system("people", dataset), "m", "mr", "does not generate here"),
        (one, system, "m", "tlh", "not in the registry"),
        (one, system, "asked", "mr", "there is a corpus called 'asked'"),
        (one, system, "a/b", "mr", "cannot be the name"),
    ):
        with pytest.raises(BadInput, match=reason):
            start(source, by, name, tag)
    start(one, system)
    with pytest.raises(BadInput, match="into 'marathi' already"):
        start(one, system, "other")
    one.examples.filter(position=0).delete()
    fill(one, [{"key": "new", "output": "new"}])
    job = run_inline(CorpusTranslation.objects.get())
    assert job.state == "failed" and "has changed since" in job.error
    with pytest.raises(CommandError, match="there is no system called 'none'; models here: echo"):
        call_command("translate_corpus", "asked", "--system=none", "--name=m", "--target-lang=mr")
