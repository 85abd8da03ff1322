"""A dataset of questions put into another language by a registered system, with its provenance."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from common.errors import BadInput
from common.language_registry import find_language, language
from common.languages import primary
from common.text import storable
from models_app.backends.base import Backend, Request
from models_app.corpora.mixing import combined_licence
from models_app.generation import backend_for, prompt_for
from models_app.loading.common import check_fields
from models_app.models import Dataset, Segment, System

CHUNK = 16  # segments stored at once; what a stopped command does again


def dataset_hash(dataset: Dataset) -> str:
    """SHA-256 over keys, sources, contexts and references, in order."""
    digest = hashlib.sha256()
    rows = dataset.segments.order_by("position")
    for row in rows.values_list("key", "source", "context", "references"):
        digest.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def translate_dataset(
    source: Dataset,
    system: System,
    *,
    name: str,
    target_lang: str,
    progress: Callable[[int], None] = lambda n_segments: None,
) -> Dataset:
    """A new dataset: sources, contexts and references each translated by themselves.

    Keys, order, documents, domains and further columns stay; each segment keeps the texts it was
    made of in `extra["original"]`. The origin says from what, by whom and which texts. What is
    there already is not asked again, so that a stopped run goes on.

    progress : told how many segments are there

    Raises BadInput for texts of two languages, a system that does not generate here or translates
    into another language, and a name that is taken.
    """
    _check(source, system, target_lang)
    made = _target(source, system, name, target_lang)
    there = set(made.segments.values_list("key", flat=True))
    missing = [s for s in source.segments.select_related("dataset") if s.key not in there]
    n_done = len(there)
    progress(n_done)
    if missing:
        backend = backend_for([system])
        for chunk in _chunks(missing):
            Segment.objects.bulk_create(_translated(made, system, backend, chunk))
            n_done += len(chunk)
            progress(n_done)
    return made


def _check(source: Dataset, system: System, target_lang: str) -> None:
    language(target_lang)
    if source.is_translation:
        raise BadInput(
            f"{source.name!r} asks for translations; only questions in one language can be "
            "translated as a whole: use generate for its outputs"
        )
    if not source.segments.exists():
        raise BadInput(f"the dataset {source.name!r} has no segments; load some first")
    if system.kind != System.Kind.MODEL:
        raise BadInput(f"{system.name!r} does not generate here; choose a system that does")
    code = system.decoding.get("tgt_lang", "")
    known = find_language(code) if code else None
    if known and known.tag != primary(target_lang):
        raise BadInput(f"{system.name!r} translates into {known.tag}, not into {target_lang}")


@transaction.atomic
def _target(source: Dataset, system: System, name: str, target_lang: str) -> Dataset:
    weights = [system.checkpoint, system.adapter]
    licences = [source.licence, *(w.licence for w in weights if w)]
    made = Dataset(
        name=name,
        source_lang=target_lang,
        target_lang=target_lang,
        licence=combined_licence([licence for licence in licences if licence]),
        origin=f"translated from {source.name} by {system.name}; SHA-256 {dataset_hash(source)}",
        description=source.description,
    )
    if found := Dataset.objects.filter(name=name).first():
        if (found.origin, found.target_lang) != (made.origin, target_lang):
            raise BadInput(f"there is a dataset called {name!r}; give the translation another name")
        return found
    check_fields(made)
    made.save()
    return made


def _translated(
    made: Dataset, system: System, backend: Backend, chunk: Sequence[Segment]
) -> list[Segment]:
    texts = list(
        dict.fromkeys(
            text
            for segment in chunk
            for text in (segment.source, segment.context, *segment.references)
            if text.strip()
        )
    )
    answers = backend.generate(
        [Request(0, prompt_for(system, Segment(source=text))) for text in texts]
    )
    told = {text: storable(answer.text) for text, answer in zip(texts, answers, strict=True)}
    cut = {text for text, a in zip(texts, answers, strict=True) if a.finish_reason == "length"}
    return [
        Segment(
            dataset=made,
            key=segment.key,
            position=segment.position,
            source=told.get(segment.source, segment.source),
            context=told.get(segment.context, segment.context),
            references=[told.get(text, text) for text in segment.references],
            document=segment.document,
            domain=segment.domain,
            extra=segment.extra | _provenance(segment, cut),
        )
        for segment in chunk
    ]


def _provenance(segment: Segment, cut: set[str]) -> dict[str, Any]:
    original = {
        "language": segment.dataset.target_lang,
        "source": segment.source,
        "context": segment.context,
        "references": segment.references,
    }
    texts = {segment.source, segment.context, *segment.references}
    return {"original": original} | ({"cut_off": True} if texts & cut else {})


def _chunks(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    rest = iter(segments)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
