"""Translated texts of a corpus or a dataset as a small dataset whose outputs people can tag."""

from collections.abc import Iterator

from django.db import transaction

from common.errors import BadInput
from common.text import text_hash
from models_app.corpora.audit import Pair, pairs_of
from models_app.corpora.round_trip import source_language
from models_app.corpora.splitting import seeded_rank
from models_app.loading.common import check_fields
from models_app.models import Corpus, Dataset, Output, Segment, System


@transaction.atomic
def sample_to_tag(made: Corpus | Dataset, *, name: str, size: int, seed: int) -> Dataset:
    """A dataset of `size` source texts, drawn by the seed, and a system with their translations.

    The system is called as the dataset; a campaign over both, with the questionnaire's form
    `artefacts`, asks people for traces of translation. The licence goes along.

    Raises BadInput where too few sources are known, and for a name that is taken.
    """
    found = [p for p in _pairs(made) if p.source and p.source.strip() and p.text.strip()]
    if not 1 <= size <= len(found):
        raise BadInput(
            f"{made.name!r} has {len(found)} texts whose source is known; "
            + (f"write a size from 1 to {len(found)}, not {size}" if found else "none can be drawn")
        )
    if Dataset.objects.filter(name=name).exists() or System.objects.filter(name=name).exists():
        raise BadInput(f"there is a dataset or a system called {name!r}; choose another name")
    found.sort(key=lambda pair: seeded_rank(seed, f"{pair.field}/{pair.key}"))
    dataset = Dataset(
        name=name,
        source_lang=_source_lang(made),
        target_lang=found[0].language,
        licence=made.licence,
        origin=f"{size} texts of {made.name}, seed {seed}: {made.origin}"[:300],
    )
    check_fields(dataset)
    dataset.save()
    system = System.objects.create(name=name, note=f"texts of {made.name}, to be tagged")
    for position, pair in enumerate(found[:size]):
        segment = Segment.objects.create(
            dataset=dataset,
            key=f"{position + 1}",
            position=position,
            source=str(pair.source),
            extra={"drawn_from": pair.key, "field": pair.field},
        )
        Output.objects.create(
            system=system, segment=segment, text=pair.text, text_hash=text_hash(pair.text)
        )
    return dataset


def _pairs(made: Corpus | Dataset) -> Iterator[Pair]:
    if isinstance(made, Corpus):
        yield from pairs_of(made)
        return
    for segment in made.segments.order_by("position"):
        if original := segment.extra.get("original"):
            yield Pair(segment.key, made.target_lang, segment.source, original["source"], "source")


def _source_lang(made: Corpus | Dataset) -> str:
    if isinstance(made, Corpus):
        return source_language(made) or made.source_lang
    return str(made.segments.filter(extra__has_key="original")[0].extra["original"]["language"])
