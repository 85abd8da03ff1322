"""A corpus put into another language by a registered system: resumable, and marked as such."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from common.errors import BadInput
from common.language_registry import find_language, language
from common.languages import primary
from common.text import storable
from models_app.backends.base import Backend, Request
from models_app.corpora.hashing import check_complete, refresh_card
from models_app.corpora.mixing import combined_licence
from models_app.generation import backend_for, prompt_for
from models_app.jobs import Progress
from models_app.loading.common import check_fields
from models_app.models import Corpus, CorpusTranslation, Example, Segment, System

CHUNK = 16  # examples stored at once; what a killed worker may do again
TEXTS = ("instruction", "input", "output")


@transaction.atomic
def start_translation(
    source: Corpus, system: System, *, name: str, target_lang: str, user: Any = None
) -> CorpusTranslation:
    """A translation and the corpus it fills; one by the same system is given back.

    The new corpus carries the licences of the source and of the system's checkpoint and adapter.

    Raises BadInput for parallel texts, several languages at once, a system that does not generate
    here or translates into another language, and a name that is taken.
    """
    _check(source, system, target_lang)
    if found := CorpusTranslation.objects.filter(source=source, system=system).first():
        if found.result.name != name:
            raise BadInput(
                f"{system.name!r} has put {source.name!r} into {found.result.name!r} already"
            )
        return found
    weights = [system.checkpoint, system.adapter]
    result = Corpus(
        name=name,
        kind=source.kind,
        source_lang=target_lang,
        target_lang=target_lang,
        licence=combined_licence(
            [source.licence, *(w.licence for w in weights if w and w.licence)]
        ),
        origin=f"translated from {source.name}",
        text_origin=Corpus.TextOrigin.MACHINE,
        produced_by=system.name,
        recipe={
            "translated_from": source.name,
            "hash": source.content_hash,
            "system": system.name,
            "target_lang": target_lang,
        },
    )
    if Corpus.objects.filter(name=name).exists():
        raise BadInput(f"there is a corpus called {name!r}; give the translation another name")
    check_fields(result, exclude=("split_recipe",))
    result.save()
    result.parents.set([source])
    return CorpusTranslation.objects.create(
        source=source, system=system, result=result, created_by=user
    )


def _check(source: Corpus, system: System, target_lang: str) -> None:
    language(target_lang)
    if source.kind == Corpus.Kind.PARALLEL or find_language(source.target_lang) is None:
        raise BadInput(
            f"{source.name!r} is not of one language; instructions or summaries in one language "
            "can be translated"
        )
    if not source.n_examples:
        raise BadInput(f"the corpus {source.name!r} has no examples; load some first")
    check_complete(source)
    if system.kind != System.Kind.MODEL:
        raise BadInput(f"{system.name!r} does not generate here; choose a system that does")
    code = system.decoding.get("tgt_lang", "")
    known = find_language(code) if code else None
    if known and known.tag != primary(target_lang):
        raise BadInput(f"{system.name!r} translates into {known.tag}, not into {target_lang}")


def translate(job: CorpusTranslation, progress: Progress) -> None:
    """The job: what is missing, in order, chunk by chunk. Run twice, it does nothing twice."""
    if job.source.content_hash != job.result.recipe["hash"]:
        raise BadInput(f"the corpus {job.source.name!r} has changed since; start another one")
    there = set(job.result.examples.values_list("key", flat=True))
    missing = [e for e in job.source.examples.order_by("position") if e.key not in there]
    progress.total(job.source.n_examples, done=len(there))
    if missing:
        progress.say("loading the model")
        backend = backend_for([job.system])
        CorpusTranslation.objects.filter(pk=job.pk).update(environment=backend.describe(0))
        progress.say("translating")
        for chunk in _chunks(missing):
            progress.stop_if_cancelled()
            Example.objects.bulk_create(_translated(job, backend, chunk), ignore_conflicts=True)
            progress.advance(len(chunk))
    refresh_card(job.result)
    progress.say("")


def _translated(
    job: CorpusTranslation, backend: Backend, chunk: Sequence[Example]
) -> list[Example]:
    """Each text by itself; an example with one that was cut off at the length limit says so."""
    wanted = [
        (place, name)
        for place, example in enumerate(chunk)
        for name in TEXTS
        if getattr(example, name).strip()
    ]
    answers = backend.generate(
        [
            Request(0, prompt_for(job.system, Segment(source=getattr(chunk[place], name))))
            for place, name in wanted
        ]
    )
    tag = job.result.target_lang
    new = [
        Example(
            corpus=job.result,
            key=example.key,
            position=example.position,
            split=example.split,
            source_lang=tag,
            target_lang=tag,
        )
        for example in chunk
    ]
    for (place, name), answer in zip(wanted, answers, strict=True):
        setattr(new[place], name, storable(answer.text))
        if answer.finish_reason == "length":
            new[place].extra.setdefault("cut_off", []).append(name)
    return new


def _chunks(examples: Sequence[Example]) -> Iterator[list[Example]]:
    rest = iter(examples)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
