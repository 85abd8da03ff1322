"""Seeded splits: repeatable, of the size asked for, with alike texts together."""

from collections import defaultdict

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.duplicates import folded
from common.errors import BadInput
from models_app.corpora.leakage import find_leaks
from models_app.corpora.splitting import split_corpus
from models_app.models import Corpus, Example
from tests.models_app.corpora import corpus, fill, sentences, small_corpus

pytestmark = pytest.mark.django_db
SHARES = {"train": 80.0, "valid": 10.0, "test": 10.0}


def splits(corpus: Corpus) -> dict[str, str]:
    return dict(corpus.examples.values_list("key", "split"))


def test_a_split_has_the_size_asked_for_and_is_the_same_again():
    one = small_corpus("one", 60)
    assert split_corpus(one, seed=7, percent=SHARES) == {"train": 48, "valid": 6, "test": 6}
    before = splits(one)
    assert split_corpus(one, seed=7, percent=SHARES) == {"train": 48, "valid": 6, "test": 6}
    assert splits(one) == before
    same, other = small_corpus("same", 60), small_corpus("other", 60)
    split_corpus(same, seed=7, percent=SHARES)
    split_corpus(other, seed=8, percent=SHARES)
    assert splits(same) == before != splits(other)


def test_the_order_of_loading_does_not_decide():
    one = small_corpus("one", 40)
    rows = [{"key": e.key, "input": e.input, "output": e.output} for e in one.examples.all()]
    turned = fill(corpus("turned"), rows[::-1])
    for each in (one, turned):
        split_corpus(each, seed=3, percent=SHARES)
    assert splits(one) == splits(turned)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30))
def test_alike_texts_never_part(pairs):
    Corpus.objects.all().delete()
    rows = [{"input": f"Source {a}", "output": f"Sprioc {b}"} for a, b in pairs]
    one = fill(corpus(), rows)
    counts = split_corpus(one, seed=1, percent={"train": 40, "valid": 30, "test": 30})
    assert sum(counts.values()) == len(pairs)
    assert counts["test"] <= round(0.3 * len(pairs))
    assert counts["valid"] <= round(0.3 * len(pairs))
    for side in ("input", "output"):
        found = defaultdict(set)
        for example in one.examples.all():
            found[folded(getattr(example, side))].add(example.split)
        assert all(len(parts) == 1 for parts in found.values())


def test_instructions_with_the_same_answer_may_part():
    rows = [{"instruction": f"प्रश्न {n}", "output": "होय"} for n in range(20)]
    one = fill(corpus(kind="instruction"), rows)
    assert split_corpus(one, seed=1, percent=SHARES) == {"train": 16, "valid": 2, "test": 2}


def test_what_is_nearly_the_same_goes_together_if_asked():
    pairs = sentences(60)
    rows = [
        {"input": text, "output": f"sprioc {n} {side}"}
        for n, (en, _) in enumerate(pairs)
        for side, text in enumerate((en, en.replace(" near ", " beside ")))
    ]
    apart, together = fill(corpus("apart"), rows), fill(corpus("together"), rows)
    half = {"train": 50.0, "valid": 0.0, "test": 50.0}
    split_corpus(apart, seed=1, percent=half)
    split_corpus(together, seed=1, percent=half, near=0.7)

    def leaks(of: Corpus) -> int:
        (row,) = [r for r in find_leaks(of, threshold=0.7)["across"] if r["side"] == "asked"]
        return row["near"]

    assert leaks(apart) > 10
    assert leaks(together) == 0


@pytest.mark.parametrize(
    ("percent", "near", "reason"),
    [
        ({"train": 90, "valid": 5, "test": 6}, None, "add up to 101; make it 100"),
        ({"train": 120, "valid": -20, "test": 0}, None, "each from 0 to 100"),
        ({"train": 100}, None, "give train, valid and test"),
        ({"train": 90, "valid": 5, "test": 5}, 80, "80 is no similarity"),
        ({"train": float("nan"), "valid": 5, "test": 5}, None, "each from 0 to 100"),
    ],
)
def test_shares_that_make_no_split_are_refused(percent, near, reason):
    with pytest.raises(BadInput, match=reason):
        split_corpus(small_corpus(), seed=1, percent=percent, near=near)
    assert set(Example.objects.values_list("split", flat=True)) == {""}


def test_a_split_is_not_made_over():
    one = small_corpus()
    split_corpus(one, seed=1, percent=SHARES)
    with pytest.raises(BadInput, match=r"is split already \(seed 1\)"):
        split_corpus(one, seed=2, percent=SHARES)
    with pytest.raises(BadInput, match="came with its own splits; they are kept"):
        split_corpus(small_corpus("released", split="test"), seed=1, percent=SHARES)


def test_the_command_says_how_many(capsys):
    small_corpus(n=100)
    call_command("split_corpus", "small", "--seed=1", "--train=90", "--valid=6", "--test=4")
    assert "Corpus small: 90 train, 6 valid, 4 test" in capsys.readouterr().err
    with pytest.raises(CommandError, match="there is no corpus called 'none'; known: small"):
        call_command("split_corpus", "none", "--seed=1")
