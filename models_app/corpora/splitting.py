"""Seeded splits in which texts that are alike never part."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import transaction

from common.duplicates import folded, near_repeats
from common.errors import BadInput
from models_app.corpora.hashing import check_complete
from models_app.models import Corpus, Example, Split

LEAST = 0.01  # percent; shares are told apart to this


def seeded_rank(seed: int, key: str) -> str:
    """Where a key stands in the order drawn from a seed: its place among these, sorted."""
    return hashlib.sha256(f"{seed}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def split_corpus(
    corpus: Corpus, *, seed: int, percent: Mapping[str, float], near: float | None = None
) -> dict[str, int]:
    """Give each example a split; how many each has. The same again changes nothing.

    Examples with the same question or document, and parallel texts with the same source or the
    same target, go together; with `near`, so do questions and sources at least that similar. Test
    and valid are filled up to their share, train takes the rest.

    percent : of train, valid and test; they add up to 100

    Raises BadInput for other shares and for a corpus that has splits already.
    """
    _check(percent, near)
    check_complete(corpus)
    recipe = {"seed": seed, "percent": dict(percent), "near": near}
    corpus = Corpus.objects.select_for_update().get(pk=corpus.pk)
    if corpus.split_recipe and corpus.split_recipe != recipe:
        raise BadInput(
            f"{corpus.name!r} is split already (seed {corpus.split_recipe['seed']}); what was "
            "trained depends on it: load it under another name to split it otherwise"
        )
    examples = list(corpus.examples.order_by("position").defer("extra"))
    if not corpus.split_recipe:
        if any(example.split for example in examples):
            raise BadInput(f"{corpus.name!r} came with its own splits; they are kept")
        if corpus.subsets.exists():
            raise BadInput(
                f"{corpus.name!r} was drawn from; load it under another name to split it"
            )
        _assign(corpus, examples, seed, percent, near)
        Example.objects.bulk_update(examples, ["split"], batch_size=500)
        corpus.split_recipe = recipe
        corpus.save(update_fields=["split_recipe"])
    counts = Counter(example.split for example in examples)
    return {split: counts[split] for split in Split.values}


def _check(percent: Mapping[str, float], near: float | None) -> None:
    if set(percent) != set(Split.values) or any(not 0 <= p <= 100 for p in percent.values()):
        raise BadInput("give train, valid and test, each from 0 to 100 percent")
    if abs(sum(percent.values()) - 100) > LEAST:
        raise BadInput(f"train, valid and test add up to {sum(percent.values()):g}; make it 100")
    if near is not None and not 0.5 <= near <= 1:
        raise BadInput(f"{near:g} is no similarity to look for; write a number from 0.5 to 1")


def _assign(
    corpus: Corpus,
    examples: Sequence[Example],
    seed: int,
    percent: Mapping[str, float],
    near: float | None,
) -> None:
    groups = _groups(corpus, examples, near)
    groups.sort(key=lambda group: seeded_rank(seed, group[0].key))
    room = {
        split: round(len(examples) * percent[split] / 100) for split in (Split.TEST, Split.VALID)
    }
    for group in groups:
        split = next((s for s, left in room.items() if len(group) <= left), Split.TRAIN)
        if split in room:
            room[split] -= len(group)
        for example in group:
            example.split = split


def _groups(corpus: Corpus, examples: Sequence[Example], near: float | None) -> list[list[Example]]:
    """Examples that must not part, each group in the corpus's order."""
    head = list(range(len(examples)))

    def find(place: int) -> int:
        while head[place] != place:
            head[place] = head[head[place]]
            place = head[place]
        return place

    def join(one: int, other: int) -> None:
        a, b = sorted((find(one), find(other)))
        head[b] = a

    sides = [[example.asked for example in examples]]
    if corpus.kind == Corpus.Kind.PARALLEL:
        sides.append([example.output for example in examples])
    for texts in sides:
        first: dict[str, int] = {}
        for place, text in enumerate(map(folded, texts)):
            if text:
                join(first.setdefault(text, place), place)
    if near is not None:
        for match in near_repeats(sides[0], near):
            join(match.other, match.place)
    groups: dict[int, list[Example]] = {}
    for place, example in enumerate(examples):
        groups.setdefault(find(place), []).append(example)
    return list(groups.values())
