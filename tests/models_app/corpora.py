"""Corpora for tests: made-up sentences, and a parallel corpus with leaks planted and counted."""

import random
from typing import Any

from models_app.corpora.hashing import refresh_card
from models_app.models import Corpus, Example

ENGLISH = [
    "river", "teacher", "market", "window", "farmer", "bridge", "doctor", "garden", "letter",
    "station", "harvest", "lantern", "village", "kitchen", "engine", "pasture", "weaver",
    "basket", "island", "mountain", "quarry", "orchard",
]  # fmt: skip
VERBS = [
    "watched", "carried", "painted", "visited", "repaired", "forgot", "counted", "opened",
    "followed", "remembered",
]  # fmt: skip
IRISH = [
    "abhainn", "múinteoir", "margadh", "fuinneog", "feirmeoir", "droichead", "dochtúir",
    "gairdín", "litir", "stáisiún", "fómhar", "lóchrann", "sráidbhaile", "cistin", "inneall",
    "féarach", "fíodóir", "ciseán", "oileán", "sliabh", "cairéal", "úllord",
]  # fmt: skip


def sentences(n: int, seed: int = 1) -> list[tuple[str, str]]:
    """Made-up English with made-up Irish, no two alike."""
    rng = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < n:
        at = rng.sample(range(len(ENGLISH)), 6)
        verbs = rng.sample(VERBS, 2)
        en = (
            f"The {ENGLISH[at[0]]} {verbs[0]} the {ENGLISH[at[1]]} near the {ENGLISH[at[2]]}, and "
            f"the {ENGLISH[at[3]]} {verbs[1]} the {ENGLISH[at[4]]} of {ENGLISH[at[5]]} "
            f"{len(found)}."
        )
        found[en] = " ".join(IRISH[n] for n in at) + f" {verbs[0]} {verbs[1]} {len(found)}."
    return list(found.items())


def corpus(name: str = "small", kind: str = "parallel", **fields: Any) -> Corpus:
    languages = ("en", "ga") if kind == "parallel" else ("mr", "mr")
    card = {
        "source_lang": languages[0], "target_lang": languages[1], "licence": "CC-BY-4.0",
        "origin": "made up for a test", "text_origin": "native",
    }  # fmt: skip
    return Corpus.objects.create(name=name, kind=kind, **(card | fields))


def fill(corpus: Corpus, rows: list[dict[str, Any]]) -> Corpus:
    """Add examples; each row has at least an output."""
    start = corpus.examples.count()
    tags = {"source_lang": corpus.source_lang, "target_lang": corpus.target_lang}
    Example.objects.bulk_create(
        Example(**({"corpus": corpus, "key": f"k{n}", "position": n} | tags | row))
        for n, row in enumerate(rows, start=start)
    )
    refresh_card(corpus)
    return corpus


def small_corpus(name: str = "small", n: int = 60, *, split: str = "", **fields: Any) -> Corpus:
    """Parallel texts in which nothing stands twice."""
    rows = [{"input": en, "output": ga, "split": split} for en, ga in sentences(n)]
    return fill(corpus(name, **fields), rows)


# What is planted, in the shape of what was found in released data: nearly all of the valid split
# stands in train, and a tenth of train repeats itself on one side.
N_TRAIN, N_VALID, N_TEST = 200, 50, 50
VALID_IN_TRAIN, TEST_IN_TRAIN, TRAIN_REPEATS, NEAR_IN_TEST = 46, 3, 18, 4


def leaking_corpus(name: str = "leaking") -> Corpus:
    pairs = sentences(N_TRAIN + N_VALID + N_TEST)
    train = pairs[: N_TRAIN - TRAIN_REPEATS]
    repeated = [(en.upper(), f"leagan eile {n} {ga}") for n, (en, ga) in enumerate(train[100:])]
    train += repeated[:TRAIN_REPEATS]
    fresh = iter(pairs[N_TRAIN:])
    valid = [(f" {en}", f"aistriúchán nua {n}: {ga[::-1]}") for n, (en, ga) in enumerate(train)]
    valid = valid[:VALID_IN_TRAIN]
    valid += [next(fresh) for _ in range(N_VALID - VALID_IN_TRAIN)]
    test = [(en.replace(",", " –"), ga[::-1]) for en, ga in train[60 : 60 + TEST_IN_TRAIN]]
    test += [
        (en.replace(" near ", " beside "), ga[::-1]) for en, ga in train[70 : 70 + NEAR_IN_TEST]
    ]
    test += [next(fresh) for _ in range(N_TEST - len(test))]
    rows = [
        {"key": f"{split}-{n}", "split": split, "input": en, "output": ga}
        for split, part in (("train", train), ("valid", valid), ("test", test))
        for n, (en, ga) in enumerate(part)
    ]
    return fill(corpus(name), rows)
