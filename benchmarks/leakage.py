"""Time the check for duplicates and leaks on made-up parallel texts with leaks planted in them.

    python -m benchmarks.leakage [--lines 20933] [--json FILE]

The corpus has the shape of released English-Marathi data: of 20,933 lines of train, 1,882 repeat
an earlier one on the English side; of 500 of valid, 461 stand in train. Added are lines of test
that differ from one of train by a letter, and a dataset of which 3 sources stand in train. Halves
and quarters come first. The naive way beside it compares the 5-grams of a few lines with those of
every other, and its time is scaled to all of them. It fails where anything planted is missed or
anything else is found.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.recording import Plot, Record
from benchmarks.report import django_in

TIMES, COMPARED = 3, 20
LETTERS = "abcdefghiklmnoprstuvwy"
LINES, REPEATS, VALID, VALID_IN_TRAIN, TEST, TEST_NEAR, JUDGED, JUDGED_IN_TRAIN = (
    20_933, 1_882, 500, 461, 500, 60, 500, 3
)  # fmt: skip


class Planted(NamedTuple):
    """How many of each stand in train."""

    lines: int
    repeats: int
    valid: int
    valid_in_train: int
    test: int
    test_near: int
    judged: int
    judged_in_train: int


def planted(lines: int) -> Planted:
    """The counts of the released data, in proportion."""
    counts = (LINES, REPEATS, VALID, VALID_IN_TRAIN, TEST, TEST_NEAR, JUDGED, JUDGED_IN_TRAIN)
    return Planted(*(-(-count * lines // LINES) for count in counts))


class Writer:
    """Sentences of 12 to 24 made-up words; by chance no two are nearly alike."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        lengths = self._rng.integers(3, 10, 20_000)
        self._words = ["".join(self._rng.choice(list(LETTERS), n)) for n in lengths]

    def sentence(self) -> str:
        places = self._rng.integers(0, len(self._words), self._rng.integers(12, 25))
        return " ".join(self._words[place] for place in places).capitalize() + "."

    def pair(self) -> tuple[str, str]:
        return self.sentence(), self.sentence()

    def changed(self, text: str) -> str:
        """With its middle letter another one."""
        place = next(n for n in range(len(text) // 2, len(text)) if text[n].isalpha())
        return text[:place] + ("z" if text[place] != "z" else "a") + text[place + 1 :]


def leaking(name: str, n: Planted) -> Any:
    """A corpus with what is planted, and a dataset of the same name."""
    from models_app.corpora.hashing import refresh_card
    from models_app.models import Corpus, Dataset, Example, Segment

    writer = Writer()
    train = [writer.pair() for _ in range(n.lines - n.repeats)]
    repeats = [(source.upper(), writer.sentence()) for source, _ in train[: n.repeats]]
    valid = [(f" {source}", writer.sentence()) for source, _ in train[-n.valid_in_train :]]
    valid += [writer.pair() for _ in range(n.valid - n.valid_in_train)]
    place = n.repeats
    near = [(writer.changed(s), writer.sentence()) for s, _ in train[place : place + n.test_near]]
    test = near + [writer.pair() for _ in range(n.test - n.test_near)]
    corpus = Corpus.objects.create(
        name=name,
        kind=Corpus.Kind.PARALLEL,
        source_lang="en",
        target_lang="mr",
        licence="CC0-1.0",
        origin="made up",
        text_origin=Corpus.TextOrigin.NATIVE,
    )
    splits = {"train": train + repeats, "valid": valid, "test": test}
    rows = [(split, *pair) for split, pairs in splits.items() for pair in pairs]
    Example.objects.bulk_create(
        (
            Example(
                corpus=corpus,
                key=f"k{position}",
                position=position,
                split=split,
                source_lang="en",
                target_lang="mr",
                input=source,
                output=target,
            )
            for position, (split, source, target) in enumerate(rows)
        ),
        batch_size=500,
    )
    refresh_card(corpus)
    dataset = Dataset.objects.create(name=name, source_lang="en", target_lang="mr")
    place += n.test_near
    sources = [source.replace(" ", "  ") for source, _ in train[place : place + n.judged_in_train]]
    sources += [writer.sentence() for _ in range(n.judged - n.judged_in_train)]
    Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"s{position}", position=position, source=source)
        for position, source in enumerate(sources)
    )
    return corpus


def found(payload: dict[str, Any], name: str) -> dict[str, int]:
    """Every finding that is not nothing."""
    counts = {}
    for row in payload["within"]:
        counts[f"{row['side']} repeated in {row['split']}"] = row
    for row in payload["across"]:
        counts[f"{row['side']} of {row['split']} in {row['seen_in']}"] = row
    for row in payload["evaluation"]:
        if row["dataset"] == name:
            counts[f"{row['field']} of the dataset in {row['side']}"] = row
    return {
        f"{kind}: {where}": row[kind]
        for where, row in counts.items()
        for kind in ("exact", "near")
        if row[kind]
    }


def expected(n: Planted) -> dict[str, int]:
    """What a check must find of what is planted, and nothing else."""
    return {
        "exact: asked repeated in train": n.repeats,
        "exact: asked of valid in train": n.valid_in_train,
        "near: asked of test in train": n.test_near,
        "exact: source of the dataset in asked": n.judged_in_train,
    }


def naive(corpus: Any) -> list[float]:
    """CPU seconds of comparing every line with every other on both sides, from a few lines."""
    from common.duplicates import SHINGLE, folded

    begin = time.process_time()
    sides = [
        [{t[n : n + SHINGLE] for n in range(len(t) - SHINGLE + 1)} for t in map(folded, texts)]
        for texts in zip(*corpus.examples.values_list("input", "output"), strict=True)
    ]
    once, times = time.process_time() - begin, []
    for start in range(TIMES):
        begin = time.process_time()
        alike = sum(
            len(a & b) >= 0.8 * len(a | b)
            for sets in sides
            for a in sets[start::TIMES][:COMPARED]
            for b in sets
        )
        assert alike >= COMPARED, "a line is not like itself"
        taken = time.process_time() - begin
        times.append(once + taken * len(sides[0]) / COMPARED / 2)
    return times


def main() -> None:
    """Print sizes, seconds, memory, and what was found of what."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        django_in(folder)
        from models_app.corpora.leakage import find_leaks

        print(f"{'lines':>9} {'CPU s':>9} {'ratio':>7} {'MiB':>7}")
        before = 0.0
        record = Record("Duplicates and leaks", "python -m benchmarks.leakage")
        points: list[tuple[float, float]] = []
        for lines in (chosen.lines // 4, chosen.lines // 2, chosen.lines):
            n, name = planted(lines), f"corpus {lines}"
            corpus = leaking(name, n)
            times = []
            for _ in range(TIMES):
                start = time.process_time()
                payload = find_leaks(corpus)
                times.append(time.process_time() - start)
            seconds = statistics.median(times)
            record.versus(f"{lines:,} lines", times, naive(corpus), "CPU s", "every pair")
            points.append((lines, seconds))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            ratio = f"{seconds / before:7.2f}" if before else " " * 7
            print(f"{lines:9} {seconds:9.1f} {ratio} {memory:7}", flush=True)
            before = seconds
            if (told := found(payload, name)) != expected(n):
                raise SystemExit(f"planted {expected(n)}, found {told}")
            corpus.delete()
    print("\nAll that was planted is found, and nothing else:")
    for what, count in expected(n).items():
        print(f"{count:7} {what}")
    record.plots.append(Plot("Duplicates and leaks", "lines", "CPU s", {"check": points}, log=True))
    record.notes.append("All that was planted is found, and nothing else.")
    record.write(chosen.json)


if __name__ == "__main__":
    main()
