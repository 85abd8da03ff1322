"""Shared n-grams, counted for many pairs at once, are those that two bags share."""

from collections import Counter

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU as SacreBLEU
from sacrebleu.metrics.chrf import CHRF

from metrics.automatic import BLEU, BLEUChar, BLEUIntl, ChrF, ChrFPlusPlus, Metric, Pair, ngrams
from metrics.automatic.ngrams import n_grams, shared_characters, shared_words

TEXT = st.text(alphabet="abab  .,।कखा\u200d𝔸", max_size=25)
SOME_PAIRS = st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), max_size=5)


def plainly(first: str, second: str, order: int) -> list[int]:
    sides = ["".join(text.split()) for text in (first, second)]
    return [
        (
            Counter(sides[0][i : i + n] for i in range(len(sides[0]) - n + 1))
            & Counter(sides[1][i : i + n] for i in range(len(sides[1]) - n + 1))
        ).total()
        for n in range(1, order + 1)
    ]


def test_by_hand():
    # abab and bab share a, b, b; ab, ba; bab
    assert shared_characters(["a bab"], ["bab"], 4).tolist() == [[3, 2, 1, 0]]
    assert shared_words([["x", "y", "x"]], [["x", "x", "y"]], 2).tolist() == [[3, 1]]
    assert n_grams([3, 0], 4).tolist() == [[3, 2, 1, 0], [0, 0, 0, 0]]
    assert shared_characters([], [], 6).shape == (0, 6)
    assert shared_characters([""], [" "], 2).tolist() == [[0, 0]]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
@settings(deadline=None)
def test_any_texts(pairs: list[tuple[str, str]]):
    firsts, seconds = [a for a, _ in pairs], [b for _, b in pairs]
    expected = [plainly(a, b, 6) for a, b in pairs]
    assert shared_characters(firsts, seconds, 6).tolist() == expected


def test_more_characters_than_fit_into_a_number_and_more_pairs_than_into_a_batch():
    rng = np.random.default_rng(3)
    many = ["".join(map(chr, rng.integers(0x4E00, 0x5800, 1500))) for _ in range(2)]
    few = ["".join(map(chr, rng.integers(0x4E00, 0x4E05, 30))) for _ in range(400)]
    firsts, seconds = [many[0], *few[:200]], [many[0][700:] + many[1], *few[200:]]
    expected = [plainly(a, b, 6) for a, b in zip(firsts, seconds, strict=True)]
    assert len(set("".join(many))) > 1024 and len(few) > ngrams.AT_ONCE
    assert shared_characters(firsts, seconds, 6).tolist() == expected


OURS_AND_THEIRS = [
    (BLEU(), SacreBLEU(effective_order=True, force=True)),
    (BLEUIntl(), SacreBLEU(effective_order=True, force=True, tokenize="intl")),
    (BLEUChar(), SacreBLEU(effective_order=True, force=True, tokenize="char")),
    (ChrF(), CHRF()),
    (ChrF(beta=1, lowercase=True), CHRF(beta=1, lowercase=True)),
    (ChrFPlusPlus(), CHRF(word_order=2)),
]


@pytest.mark.parametrize(("ours", "theirs"), OURS_AND_THEIRS)
@given(cases=SOME_PAIRS)
@settings(deadline=None, max_examples=60)
def test_segment_scores_are_sacrebleus_to_the_last_bit(ours: Metric, theirs, cases):
    pairs = [Pair("", hypothesis, tuple(references)) for hypothesis, references in cases]
    expected = [theirs.sentence_score(hyp, refs).score for hyp, refs in cases]
    assert ours.segment_scores(ours.statistics(pairs)).tolist() == expected


@given(cases=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_corpus_scores_are_sacrebleus_to_the_last_bit(cases: list[tuple[str, str]]):
    pairs = [Pair("", hypothesis, (reference,)) for hypothesis, reference in cases]
    sides = [hyp for hyp, _ in cases], [[ref for _, ref in cases]]
    for metric, expected in (
        (BLEU(), sacrebleu.corpus_bleu(*sides, force=True)),
        (ChrF(), sacrebleu.corpus_chrf(*sides)),
        (ChrFPlusPlus(), sacrebleu.corpus_chrf(*sides, word_order=2)),
    ):
        assert metric.score(metric.statistics(pairs)) == expected.score
