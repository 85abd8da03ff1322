"""Nested subsets: the first examples of a split in an order drawn from a seed."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from common.errors import BadInput
from models_app.corpora.hashing import check_complete, examples_hash
from models_app.corpora.splitting import seeded_rank
from models_app.models import Corpus, Example, Split, Subset


def split_to_draw_from(corpus: Corpus, split: str | None = None) -> str:
    """The split asked for; train unless told, or "" (everything) where there are no splits."""
    check_complete(corpus)
    has_splits = corpus.examples.exclude(split="").exists()
    wanted = (Split.TRAIN if has_splits else "") if split is None else split
    if not corpus.examples.filter(split=wanted).exists():
        raise BadInput(f"the corpus {corpus.name!r} has no {wanted or 'unsplit'} examples")
    return str(wanted)


def in_seeded_order(corpus: Corpus, *, seed: int, split: str) -> list[Example]:
    """A split's examples in the order drawn from the seed; it depends on nothing but the keys."""
    examples = corpus.examples.filter(split=split)
    return sorted(examples, key=lambda example: (seeded_rank(seed, example.key), example.key))


def subset_examples(subset: Subset) -> list[Example]:
    """The examples of a stored subset, in its order.

    Raises BadInput where they are no longer those it was made of.
    """
    ordered = in_seeded_order(subset.corpus, seed=subset.seed, split=subset.split)
    chosen = _first(ordered, subset.size, subset.per_language)
    if examples_hash(chosen) != subset.content_hash:
        raise BadInput(f"the examples of {subset} have changed since it was made; make a new one")
    return chosen


@transaction.atomic
def make_subsets(
    corpus: Corpus,
    *,
    sizes: Sequence[int],
    seed: int,
    split: str | None = None,
    per_language: bool = False,
) -> list[Subset]:
    """A subset of each size, each smaller one within the larger; those that exist are given back.

    per_language : `sizes` examples of each language of the outputs

    Raises BadInput for a size that the split does not have.
    """
    split = split_to_draw_from(corpus, split)
    ordered = in_seeded_order(corpus, seed=seed, split=split)
    most = _most(ordered, per_language)
    for size in sizes:
        if not 1 <= size <= most:
            each = " of each language" if per_language else ""
            raise BadInput(
                f"{corpus.name!r} has {most}{each} in {split or 'the corpus'}; "
                f"write a size from 1 to {most}, not {size}"
            )
    found = []
    for size in sorted(set(sizes)):
        chosen = _first(ordered, size, per_language)
        subset, _ = Subset.objects.get_or_create(
            corpus=corpus,
            split=split,
            seed=seed,
            size=size,
            per_language=per_language,
            defaults={"n_examples": len(chosen), "content_hash": examples_hash(chosen)},
        )
        found.append(subset)
    return found


def matched_size(corpora: Sequence[Corpus], split: str | None = None) -> int:
    """The size that each of several corpora can give: for comparing native with translated."""
    return min(
        corpus.examples.filter(split=split_to_draw_from(corpus, split)).count()
        for corpus in corpora
    )


def _most(examples: Sequence[Example], per_language: bool) -> int:
    if not per_language:
        return len(examples)
    counts: dict[str, int] = defaultdict(int)
    for example in examples:
        counts[example.target_lang] += 1
    return min(counts.values())


def _first(ordered: Sequence[Example], size: int, per_language: bool) -> list[Example]:
    if not per_language:
        return list(ordered[:size])
    taken: dict[str, int] = defaultdict(int)
    chosen = []
    for example in ordered:
        if taken[example.target_lang] < size:
            taken[example.target_lang] += 1
            chosen.append(example)
    return chosen
