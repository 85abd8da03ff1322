"""Corpora and datasets from the study's files, split; corpora that are translated from others."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from common.errors import BadInput
from common.tables import open_table
from models_app.corpora.splitting import split_corpus
from models_app.corpora.translating import start_translation
from models_app.loading.corpus import Card, load_corpus
from models_app.loading.dataset import load_dataset
from models_app.loading.pairs import open_examples
from models_app.models import Corpus, Dataset, Segment, Split, System
from studies.work import Work


def load_data(work: Work) -> None:
    for key, entry in work.configuration.get("datasets", {}).items():
        if "corpus" in entry:
            continue
        work.say(f"loading {key}")
        with open_table(work.file(entry["file"]), entry.get("map")) as table:
            load_dataset(
                table,
                name=work.name(key),
                source_lang=entry["source_lang"],
                target_lang=entry["target_lang"],
                licence=entry["licence"],
                origin=entry["origin"],
            )
    for key, entry in work.configuration.get("corpora", {}).items():
        if "file" in entry:
            work.say(f"loading {key}")
            _load_corpus(work, key, entry)


def _load_corpus(work: Work, key: str, entry: Mapping[str, Any]) -> None:
    name = work.name(key)
    if not Corpus.objects.filter(name=name, split_recipe__has_key="seed").exists():
        given = entry["file"]
        files = [str(work.file(f)) for f in ([given] if isinstance(given, str) else given)]
        card = Card(
            name=name,
            kind=entry["kind"],
            source_lang=entry["source_lang"],
            target_lang=entry.get("target_lang", entry["source_lang"]),
            licence=entry["licence"],
            origin=entry["origin"],
            text_origin=entry["text_origin"],
            produced_by=entry.get("produced_by", ""),
        )
        with open_examples(files, entry.get("map", {})) as file:
            load_corpus(file, card)
    _split(work, name, entry)


def _split(work: Work, name: str, entry: Mapping[str, Any]) -> None:
    if split := entry.get("split"):
        percent = {"train": 0, "valid": 0, "test": 0, **split}
        split_corpus(Corpus.objects.get(name=name), seed=work.seed, percent=percent)


def translate_data(work: Work) -> None:
    """Machine-translated corpora, with what made them on their cards; then held-out test sets."""
    for key, entry in work.configuration.get("corpora", {}).items():
        if "translate" not in entry:
            continue
        work.say(f"translating {entry['translate']} into {key}")
        job = start_translation(
            Corpus.objects.get(name=work.name(entry["translate"])),
            System.objects.get(name=work.name(entry["system"])),
            name=work.name(key),
            target_lang=entry["target_lang"],
        )
        work.do(job)
        _split(work, work.name(key), entry)
    for key, entry in work.configuration.get("datasets", {}).items():
        if "corpus" in entry:
            _held_out(work, key, entry)


@transaction.atomic
def _held_out(work: Work, key: str, entry: Mapping[str, Any]) -> None:
    """A dataset of a corpus's split that nothing is trained on."""
    corpus = Corpus.objects.get(name=work.name(entry["corpus"]))
    dataset, is_new = Dataset.objects.get_or_create(
        name=work.name(key),
        defaults={
            "source_lang": corpus.source_lang,
            "target_lang": corpus.target_lang,
            "licence": corpus.licence if len(corpus.licence) <= 100 else f"as {corpus.name}",
            "origin": f"held out of {corpus.name}",
        },
    )
    if not is_new:
        return
    split = entry.get("split", Split.TEST)
    examples = list(corpus.examples.filter(split=split).order_by("position"))[: entry.get("size")]
    if not examples:
        raise BadInput(f"the corpus {entry['corpus']!r} has no {split} examples to make {key!r} of")
    Segment.objects.bulk_create(
        Segment(
            dataset=dataset,
            key=example.key,
            position=number,
            source=example.instruction or example.input,
            context=example.input if example.instruction else "",
            references=[example.output],
            document=str(example.extra.get("document", "")),
            domain=str(example.extra.get("domain", "")),
        )
        for number, example in enumerate(examples)
    )
