"""Mix corpora to a budget: so many tokens, so much of each, so much English."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from common.errors import BadInput
from common.languages import primary
from common.text import words
from models_app.corpora.hashing import refresh_card
from models_app.corpora.splitting import seeded_rank
from models_app.corpora.subsets import in_seeded_order, split_to_draw_from
from models_app.corpora.tokens import token_counter
from models_app.loading.common import check_fields
from models_app.models import Checkpoint, Corpus, Example, Split
from models_app.models.corpus import SEVERAL

UNITS = ("examples", "words", "characters", "tokens")
KEY_LENGTH = 200


class Part(NamedTuple):
    corpus: Corpus
    share: float  # of the budget, 0-1
    split: str


def mix_corpora(
    name: str,
    weights: Mapping[Corpus, float],
    *,
    budget: int,
    unit: str,
    seed: int,
    english: Corpus | None = None,
    english_share: float = 0.0,
    checkpoint: Checkpoint | None = None,
) -> Corpus:
    """A new corpus of examples from the train splits of others, in the order drawn from the seed.

    weights : how much of each, in any unit; they share what English leaves of the budget
    budget, unit : in all, counted over instruction, input and output; tokens are those of
        `checkpoint`, without special ones. No part goes over its share
    english, english_share : the corpus in English and its share of the budget, 0-1

    The card carries every part's licence; the recipe says what was taken. The same again gives
    back the same. Raises BadInput where a part is too small, with the budget that would do.
    """
    parts, recipe = _recipe(weights, budget, unit, seed, english, english_share, checkpoint)
    if found := Corpus.objects.filter(name=name).first():
        if _asked(found.recipe) != _asked(recipe):
            raise BadInput(f"{name!r} exists and was made otherwise; give the mix another name")
        return found
    chosen = _draw(parts, recipe, _counter(unit, checkpoint))
    return _store(name, parts, recipe, chosen)


def planned_mix(
    weights: Mapping[Corpus, float],
    *,
    budget: int,
    unit: str,
    seed: int,
    english: Corpus | None = None,
    english_share: float = 0.0,
    checkpoint: Checkpoint | None = None,
) -> dict[str, Any]:
    """The recipe of such a mix, with what it would take; nothing is stored. Raises BadInput."""
    parts, recipe = _recipe(weights, budget, unit, seed, english, english_share, checkpoint)
    _draw(parts, recipe, _counter(unit, checkpoint))
    return recipe


def _recipe(
    weights: Mapping[Corpus, float],
    budget: int,
    unit: str,
    seed: int,
    english: Corpus | None,
    english_share: float,
    checkpoint: Checkpoint | None,
) -> tuple[list[Part], dict[str, Any]]:
    parts = _parts(weights, english, english_share)
    if budget < 1:
        raise BadInput(f"a budget of {budget} {unit} holds nothing; write at least 1")
    recipe: dict[str, Any] = {
        "budget": budget,
        "unit": unit,
        "seed": seed,
        "checkpoint": checkpoint.name if checkpoint else None,
        "english": english.name if english else None,
        "parts": [
            {
                "corpus": p.corpus.name,
                "share": p.share,
                "split": p.split,
                "hash": p.corpus.content_hash,
            }
            for p in parts
        ],
    }
    return parts, recipe


def _draw(
    parts: Sequence[Part], recipe: dict[str, Any], count: Callable[[Example], int]
) -> list[tuple[Corpus, Example]]:
    """What is taken of each part, in the mix's order; the recipe's parts say how much."""
    seed, budget = recipe["seed"], recipe["budget"]
    drawn = [in_seeded_order(p.corpus, seed=seed, split=p.split) for p in parts]
    sizes = [[count(example) for example in examples] for examples in drawn]
    _check_sizes(parts, sizes, budget, recipe["unit"])
    chosen = []
    for place, (part, examples) in enumerate(zip(parts, drawn, strict=True)):
        taken, used = _fill(examples, sizes[place], part.share * budget)
        chosen += [(part.corpus, example) for example in taken]
        recipe["parts"][place] |= {"n_examples": len(taken), "n_units": used}
    chosen.sort(key=lambda pair: seeded_rank(seed, f"{pair[0].name}/{pair[1].key}"))
    return chosen


def _parts(
    weights: Mapping[Corpus, float], english: Corpus | None, english_share: float
) -> list[Part]:
    if english is not None and primary(english.target_lang) != "en":
        raise BadInput(f"{english.name!r} is in {english.target_lang}; give one in English")
    if not 0 <= english_share < 1 or (english is None) != (english_share == 0):
        raise BadInput("give an English corpus with its share, more than 0 and less than 1")
    if not weights or english in weights or any(not 0 < w < 1e9 for w in weights.values()):
        raise BadInput("name at least one corpus beside English, each once, with a weight over 0")
    total = sum(weights.values())
    shares = {c: (1 - english_share) * weight / total for c, weight in weights.items()}
    if english is not None:
        shares[english] = english_share
    if len({corpus.kind for corpus in shares}) > 1:
        raise BadInput("corpora of different kinds cannot be mixed; mix instructions with such")
    return [Part(corpus, share, split_to_draw_from(corpus)) for corpus, share in shares.items()]


def _counter(unit: str, checkpoint: Checkpoint | None) -> Callable[[Example], int]:
    def texts(example: Example) -> tuple[str, ...]:
        return (example.instruction, example.input, example.output)

    if unit == "tokens":
        if checkpoint is None:
            raise BadInput("a budget in tokens needs a checkpoint, whose tokeniser counts them")
        tokens = token_counter(checkpoint)
        return lambda example: sum(map(tokens, texts(example)))
    if unit == "words":
        return lambda example: sum(len(words(text)) for text in texts(example))
    if unit == "characters":
        return lambda example: sum(map(len, texts(example)))
    if unit == "examples":
        return lambda example: 1
    raise BadInput(f"{unit!r} is no unit; write {', '.join(UNITS)}")


def _check_sizes(
    parts: Sequence[Part], sizes: Sequence[Sequence[int]], budget: int, unit: str
) -> None:
    totals = [sum(counts) for counts in sizes]
    most = min(int(total / part.share) for part, total in zip(parts, totals, strict=True))
    for part, total in zip(parts, totals, strict=True):
        if total < int(part.share * budget):
            raise BadInput(
                f"{part.corpus.name!r} has {total:,} {unit} and its share is "
                f"{int(part.share * budget):,}; lower its weight, or the budget to {most:,}"
            )


def _fill(
    examples: Sequence[Example], counts: Sequence[int], room: float
) -> tuple[list[Example], int]:
    """Examples from the first on until one would go over; and how many units they have."""
    used, taken = 0, []
    for example, count in zip(examples, counts, strict=True):
        if used + count > room + 1e-9:
            break
        used += count
        taken.append(example)
    return taken, used


def _asked(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe without what came out of it."""
    plain = {name: value for name, value in recipe.items() if name != "parts"}
    asked = ("corpus", "share", "split", "hash")
    return plain | {"parts": [[p[name] for name in asked] for p in recipe.get("parts", [])]}


def combined_licence(licences: Sequence[str]) -> str:
    """Every licence that holds for a mix, each once, sorted."""
    each = {part for licence in licences for part in licence.split(" AND ")}
    return " AND ".join(sorted(each))


@transaction.atomic
def _store(
    name: str,
    parts: Sequence[Part],
    recipe: dict[str, Any],
    chosen: Sequence[tuple[Corpus, Example]],
) -> Corpus:
    corpora = [part.corpus for part in parts]

    def one(field: str, otherwise: str) -> str:
        values = {getattr(corpus, field) for corpus in corpora}
        return values.pop() if len(values) == 1 else otherwise

    corpus = Corpus(
        name=name,
        kind=corpora[0].kind,
        source_lang=one("source_lang", SEVERAL),
        target_lang=one("target_lang", SEVERAL),
        licence=combined_licence([corpus.licence for corpus in corpora]),
        origin=f"mixed from {', '.join(corpus.name for corpus in corpora)}"[:300],
        text_origin=one("text_origin", Corpus.TextOrigin.MIXED),
        produced_by="; ".join(dict.fromkeys(filter(None, (c.produced_by for c in corpora))))[:200],
        recipe=recipe,
    )
    check_fields(corpus, exclude=("recipe", "split_recipe"))
    corpus.save()
    corpus.parents.set(corpora)
    Example.objects.bulk_create(
        [
            Example(
                corpus=corpus,
                key=_key(parent.name, example.key),
                position=position,
                split=Split.TRAIN,
                **{name: getattr(example, name) for name in COPIED},
            )
            for position, (parent, example) in enumerate(chosen)
        ],
        batch_size=500,
    )
    refresh_card(corpus)
    return corpus


COPIED = ("source_lang", "target_lang", "instruction", "input", "output", "extra")


def _key(parent: str, key: str) -> str:
    whole = f"{parent}/{key}"
    if len(whole) <= KEY_LENGTH:
        return whole
    return f"{parent}/{hashlib.sha256(key.encode()).hexdigest()}"
