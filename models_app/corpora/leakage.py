"""Duplicates within a corpus, leaks between its splits, and what of it models are judged by."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from common.duplicates import (
    SHINGLE,
    Match,
    folded,
    found_among,
    near_among,
    near_repeats,
    repeats,
)
from common.text import words
from models_app.models import Corpus, Dataset, Segment, Split

THRESHOLD = 0.8
SHOWN = 10  # examples of each finding
SHOWN_CHARACTERS = 300
FEWEST_WORDS = 4  # a shorter text may be the same by chance
PAIRS = ((Split.VALID, Split.TRAIN), (Split.TEST, Split.TRAIN), (Split.TEST, Split.VALID))
SIDES = ("asked", "output")
ORDER = (Split.TRAIN, "", Split.VALID, Split.TEST)


class Text(NamedTuple):
    key: str
    text: str


def find_leaks(
    corpus: Corpus,
    *,
    threshold: float = THRESHOLD,
    say: Callable[[str], None] = lambda what: None,
) -> dict[str, Any]:
    """Counts, shares and examples of what stands twice, as JSON.

    Returns
    -------
    within : for each side and split: n examples, `exact` and `near` of them that an earlier one of
        the same split repeats (so of three alike, two)
    across : for each side and pair of splits: how many of one stand in the other
    evaluation : for each dataset, its sources or references, and a side of the corpus: how many
        segments stand in the corpus, and `by_split` in which split; one that stands in train and
        elsewhere counts for train
    datasets : every dataset looked at, with its number of segments

    `exact` means the same but for case, spaces and punctuation; `near`, not the same, with a
    Jaccard index of character 5-grams of at least `threshold`. `short` of the exact have fewer than
    four words. Side `both` joins the two; it is compared exactly only.
    """
    examples = list(corpus.examples.order_by("position").defer("extra"))
    splits: dict[str, list[Any]] = {}
    for example in examples:
        splits.setdefault(example.split, []).append(example)
    within, across = [], []
    for side in (*SIDES, "both"):
        say(f"comparing {side}")
        texts = {split: _texts(rows, side) for split, rows in splits.items()}
        within += [_within(side, split, rows, threshold) for split, rows in texts.items()]
        across += [
            _across(side, (tested, texts[tested]), (seen, texts[seen]), threshold)
            for tested, seen in PAIRS
            if tested in texts and seen in texts
        ]
    say("comparing with datasets")
    return {
        "settings": {"threshold": threshold, "shingle": SHINGLE, "fewest_words": FEWEST_WORDS},
        "n_examples": len(examples),
        "within": within,
        "across": across,
        "evaluation": _evaluation(examples, threshold),
        "datasets": [
            {"name": dataset.name, "pk": dataset.pk, "n": dataset.n_segments}
            for dataset in Dataset.objects.with_counts().order_by("name")
        ],
    }


def _texts(examples: Sequence[Any], side: str) -> list[Text]:
    if side == "both":
        return [Text(e.key, f"{e.asked}\n{e.output}") for e in examples]
    return [Text(e.key, getattr(e, side)) for e in examples]


def _plain(texts: Sequence[Text]) -> list[str]:
    return [text.text for text in texts]


def _within(side: str, split: str, texts: list[Text], threshold: float) -> dict[str, Any]:
    exact = repeats(_plain(texts))
    near = [] if side == "both" else near_repeats(_plain(texts), threshold)
    found = {"side": side, "split": split}
    return found | _finding(texts, texts, exact, None if side == "both" else near)


def _across(
    side: str, tested: tuple[str, list[Text]], seen: tuple[str, list[Text]], threshold: float
) -> dict[str, Any]:
    one, other = tested[1], seen[1]
    exact = found_among(_plain(one), _plain(other))
    near = None if side == "both" else near_among(_plain(one), _plain(other), threshold)
    found = {"side": side, "split": tested[0], "seen_in": seen[0]}
    return found | _finding(one, other, exact, near)


def _finding(
    texts: Sequence[Text],
    others: Sequence[Text],
    exact: Sequence[Match],
    near: Sequence[Match] | None,
) -> dict[str, Any]:
    n_found = len(exact) + len(near or ())
    return {
        "n": len(texts),
        "exact": len(exact),
        "short": sum(len(words(texts[match.place].text)) < FEWEST_WORDS for match in exact),
        "near": None if near is None else len(near),
        "share": n_found / len(texts) if texts else None,
        "examples": [
            {
                "key": texts[match.place].key,
                "text": texts[match.place].text[:SHOWN_CHARACTERS],
                "other_key": others[match.other].key,
                "other": others[match.other].text[:SHOWN_CHARACTERS],
                "similarity": match.similarity,
            }
            for matches in (exact, near or ())
            for match in matches[: SHOWN // 2]
        ],
    }


def _evaluation(examples: Sequence[Any], threshold: float) -> list[dict[str, Any]]:
    """One row for each dataset, field and side in which something was found."""
    judged = _judged()
    found = []
    examples = sorted(examples, key=lambda example: ORDER.index(example.split))
    for side in SIDES:
        others = _texts(examples, side)
        texts = [text for _, text in judged]
        exact = found_among(_plain(texts), _plain(others))
        near = near_among(_plain(texts), _plain(others), threshold)
        for where in dict.fromkeys(where for where, _ in judged):
            of = [n for n, (place, _) in enumerate(judged) if place == where]
            new = {n: place for place, n in enumerate(of)}
            hits = [
                [match._replace(place=new[match.place]) for match in matches if match.place in new]
                for matches in (exact, near)
            ]
            if hits[0] or hits[1]:
                dataset, field = where
                by_split = Counter(examples[m.other].split for matches in hits for m in matches)
                row = {"dataset": dataset, "field": field, "side": side, "by_split": by_split}
                found.append(row | _finding([texts[n] for n in of], others, *hits))
    return found


def _judged() -> list[tuple[tuple[str, str], Text]]:
    """Every source and reference of every dataset, in order, those that are empty left out."""
    rows = Segment.objects.order_by("dataset__name", "position").values_list(
        "dataset__name", "key", "source", "references"
    )
    return [
        ((dataset, field), Text(key, text))
        for dataset, key, source, references in rows.iterator(chunk_size=2000)
        for field, texts in (("source", [source]), ("reference", references))
        for text in texts
        if folded(text)
    ]
