"""Datasets translated by a registered system, and texts drawn to be tagged."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotation.models import Campaign
from common.errors import BadInput
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.corpora.tagging import sample_to_tag
from models_app.corpora.translated_datasets import dataset_hash, translate_dataset
from models_app.models import Checkpoint, Dataset, Output, Segment
from tests.models_app.corpora import corpus, fill, small_corpus
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db


def questions(n=20):
    dataset = Dataset.objects.create(
        name="questions", source_lang="en", target_lang="en", licence="CC-BY-4.0"
    )
    Segment.objects.bulk_create(
        Segment(
            dataset=dataset, key=f"q{k}", position=k, source=f"who is {k}", domain="people",
            references=[f"it is {k}", "nobody here"], context="two words" * (k % 2),
            extra={"label": k},
        )
        for k in range(n)
    )  # fmt: skip
    return dataset


def echo(name="echo", **options):
    return register_system(name=name, backend="echo", **options)


def test_every_text_is_translated_and_says_where_it_comes_from(capsys):
    base = Checkpoint.objects.create(
        name="b", location="x/y", architecture="causal", licence="CC-BY-NC-4.0"
    )
    source = questions()
    echo(checkpoint=base)
    call_command(
        "translate_dataset", "questions", "--system=echo", "--name=marathi", "--target-lang=mr"
    )
    made = Dataset.objects.get(name="marathi")
    one = made.segments.get(key="q1")
    assert (one.source, one.context) == ("1 is who", "words two")
    assert (one.references, one.domain, one.position) == (["1 is it", "here nobody"], "people", 1)
    assert one.extra["label"] == 1 and one.extra["original"]["source"] == "who is 1"
    assert (made.source_lang, made.target_lang) == ("mr", "mr")
    assert made.licence == "CC-BY-4.0 AND CC-BY-NC-4.0"
    assert made.origin == f"translated from questions by echo; SHA-256 {dataset_hash(source)}"
    assert "Dataset marathi: 20 segments" in capsys.readouterr().err


def test_a_translation_that_broke_off_goes_on(monkeypatch):
    calls, whole = [], Echo.generate

    def breaks(self, requests):
        calls.append(len(requests))
        if len(calls) == 2:
            raise BadInput("the disk is full; make room")
        return whole(self, requests)

    monkeypatch.setattr(Echo, "generate", breaks)
    source, system = questions(20), echo()
    with pytest.raises(BadInput, match="the disk is full"):
        translate_dataset(source, system, name="m", target_lang="mr")
    assert Dataset.objects.get(name="m").segments.count() == 16
    made = translate_dataset(source, system, name="m", target_lang="mr")
    assert made.segments.count() == 20 and calls[2] == calls[1]
    translate_dataset(source, system, name="m", target_lang="mr")
    assert len(calls) == 3


def test_what_cannot_be_translated_is_refused():
    source, system = questions(2), echo()
    other = small_dataset("pairs", 2)
    for one, by, name, tag, reason in (
        (other, system, "m", "mr", "asks for translations"),
        (Dataset.objects.create(name="e", source_lang="mr", target_lang="mr"), system, "m", "mr",
         "has no segments"),
        (source, small_system("people", other), "m", "mr", "does not generate here"),
        (source, echo("into mr", decoding={"tgt_lang": "mar_Deva"}), "m", "ga", "into mr, not"),
        (source, system, "pairs", "mr", "there is a dataset called 'pairs'"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=reason):
            translate_dataset(one, by, name=name, target_lang=tag)


def test_texts_of_a_corpus_and_of_a_dataset_are_drawn_to_be_tagged(capsys):
    small_corpus("train", 30, licence="CC-BY-NC-4.0")
    call_command("sample_to_tag", "--corpus=train", "--name=to tag", "--size=8", "--seed=1")
    drawn = Dataset.objects.get(name="to tag")
    outputs = Output.objects.filter(segment__dataset=drawn, system__name="to tag")
    assert outputs.count() == drawn.segments.count() == 8
    assert (drawn.source_lang, drawn.target_lang) == ("en", "ga")
    assert drawn.licence == "CC-BY-NC-4.0" and "8 texts of train, seed 1" in drawn.origin
    Campaign(
        name="t", dataset=drawn, protocol="questionnaire", options={"form": "artefacts"}
    ).protocol_object.check_options()
    translate_dataset(questions(6), echo(), name="test", target_lang="mr")
    call_command("sample_to_tag", "--dataset=test", "--name=tests to tag", "--size=4", "--seed=2")
    output = Output.objects.filter(segment__dataset__name="tests to tag").first()
    assert output.text == " ".join(reversed(output.segment.source.split()))
    assert output.segment.dataset.source_lang == "en"
    with pytest.raises(CommandError, match="write a size from 1 to 6, not 9"):
        call_command("sample_to_tag", "--dataset=test", "--name=x", "--size=9", "--seed=2")


def test_nothing_is_drawn_where_no_source_is_known():
    one = fill(corpus("m", "instruction"), [{"instruction": "a", "output": "b"}])
    with pytest.raises(BadInput, match="none can be drawn"):
        sample_to_tag(one, name="x", size=1, seed=1)
    with pytest.raises(BadInput, match="called 'pairs'; choose another name"):
        small_dataset("pairs", 2)
        sample_to_tag(small_corpus(n=3), name="pairs", size=1, seed=1)
