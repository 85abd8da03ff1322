"""Time sentence BLEU, chrF and chrF++ against a plain loop over sacreBLEU, and check every number.

    python -m benchmarks.text_metrics [--sentences 10000] [--words 25] [--json FILE]

Ours in one process, and with helpers on all cores as a scoring job has them (starting them is not
counted: a job starts them once). Read the ratios; those by the clock mean something only on a
machine that does nothing else.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sacrebleu.metrics.bleu import BLEU as SacreBLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from sacrebleu.tokenizers.tokenizer_intl import TokenizerV14International

from benchmarks.recording import Record
from metrics.automatic import BLEU, BLEUIntl, ChrF, ChrFPlusPlus, Metric, Pair
from metrics.automatic.crew import WORTHWHILE, Crew, n_cores

BATCH = 100
REPEATS = 3
LETTERS = "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह"
SIGNS = "ािीुूेैोौ्"


def made_up(n_sentences: int, n_words: int) -> list[Pair]:
    """Sentences of words as frequent as words are, and outputs with a third of them changed."""
    rng = np.random.default_rng(1)
    parts = rng.integers(0, 10, (5000, 4, 2))
    vocabulary = np.array(
        [
            "".join(LETTERS[3 * a] + SIGNS[b] for a, b in word[: 1 + i % 4])
            for i, word in enumerate(parts)
        ]
    )
    places = np.minimum(rng.zipf(1.3, (n_sentences, n_words)) - 1, len(vocabulary) - 1)
    changed = np.where(rng.random(places.shape) < 0.33, rng.permuted(places, axis=1), places)
    sentences = [[" ".join(row) + "।" for row in vocabulary[side]] for side in (places, changed)]
    return [Pair("", output, (text,)) for text, output in zip(*sentences, strict=True)]


def cases() -> list[tuple[Metric, SacreBLEU | CHRF]]:
    """Ours beside sacreBLEU's scorer of a sentence."""
    return [
        (BLEU(), SacreBLEU(effective_order=True, force=True)),
        (BLEUIntl(), SacreBLEU(effective_order=True, force=True, tokenize="intl")),
        (ChrF(), CHRF()),
        (ChrFPlusPlus(), CHRF(word_order=2)),
    ]


def plain(scorer: SacreBLEU | CHRF, pairs: list[Pair]) -> list[float]:
    """A loop over sacreBLEU's public function."""
    return [scorer.sentence_score(pair.hypothesis, pair.references).score for pair in pairs]


def ours(metric: Metric, pairs: list[Pair], crew: Crew) -> list[float]:
    """As a scoring job computes them."""
    batches = [pairs[i : i + BATCH] for i in range(0, len(pairs), BATCH)]
    rows = np.vstack(list(crew.statistics(metric, batches)))
    return metric.segment_scores(rows).tolist()


class Timed(NamedTuple):
    """Seconds of this process's CPU and by the clock, of each run, and the scores."""

    cpus: list[float]
    clocks: list[float]
    scores: list[float]

    @property
    def cpu(self) -> float:
        return min(self.cpus)

    @property
    def clock(self) -> float:
        return min(self.clocks)


def timed(work: Callable[[], list[float]]) -> Timed:
    """With nothing remembered from before."""
    cpus, clocks, scores = [], [], []
    for _ in range(REPEATS):
        for kind in (Tokenizer13a, TokenizerV14International):
            kind.__call__.cache_clear()
        cpu, clock = time.process_time(), time.perf_counter()
        scores = work()
        cpus.append(time.process_time() - cpu)
        clocks.append(time.perf_counter() - clock)
    return Timed(cpus, clocks, scores)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=25)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    pairs = made_up(chosen.sentences, chosen.words)
    n = len(pairs)
    record = Record("BLEU and chrF of sentences", "python -m benchmarks.text_metrics")
    print(f"{n} sentences of {chosen.words} words, {n_cores()} cores\n")
    print(f"{'':20} {'one process, CPU':^34} {'all cores, clock':^24}")
    print(f"{'metric':20} {'plain/s':>12} {'ours/s':>12} {'ratio':>8} {'ours/s':>15} {'ratio':>8}")
    with Crew(0) as alone, Crew(WORTHWHILE) as crew:
        for metric, scorer in cases():
            list(crew.statistics(metric, [pairs[:1]] * 2 * n_cores()))
            theirs = timed(lambda scorer=scorer: plain(scorer, pairs))
            one = timed(lambda metric=metric: ours(metric, pairs, alone))
            many = timed(lambda metric=metric: ours(metric, pairs, crew))
            if not theirs.scores == one.scores == many.scores:
                raise SystemExit(f"{metric.label}: the numbers differ")
            record.versus(
                f"{metric.label}, {n:,} sentences, one process",
                one.cpus, theirs.cpus, "CPU s", "sacreBLEU",
            )  # fmt: skip
            record.add(
                f"{metric.label}, {n:,} sentences, {n_cores()} cores", many.clocks, "s",
                ratio=statistics.median(theirs.clocks) / statistics.median(many.clocks),
                against="sacreBLEU, one core",
            )  # fmt: skip
            print(
                f"{metric.label:20} {n / theirs.cpu:12.0f} {n / one.cpu:12.0f} "
                f"{theirs.cpu / one.cpu:8.1f} {n / many.clock:15.0f} "
                f"{theirs.clock / many.clock:8.1f}"
            )
    print("\nEvery number is sacreBLEU's, to the last bit.")
    record.notes.append("Every number is sacreBLEU's, to the last bit.")
    record.write(chosen.json)


if __name__ == "__main__":
    main()
