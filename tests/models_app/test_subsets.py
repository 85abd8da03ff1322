"""Nested subsets and mixes: each smaller one inside the larger, and budgets that hold."""

from collections import Counter
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.errors import BadInput
from common.tables import BadTable
from common.text import words
from models_app.corpora.mixing import combined_licence, mix_corpora
from models_app.corpora.splitting import split_corpus
from models_app.corpora.subsets import make_subsets, matched_size, subset_examples
from models_app.corpora.tokens import token_counter
from models_app.models import Corpus, Example, Subset
from tests.models_app import test_load_corpus
from tests.models_app.corpora import corpus, fill, small_corpus
from tests.models_app.small_models import registered

pytestmark = pytest.mark.django_db


def keys(subset: Subset) -> list[str]:
    return [example.key for example in subset_examples(subset)]


def test_each_smaller_subset_begins_the_larger():
    one = small_corpus(n=60)
    found = [keys(subset) for subset in make_subsets(one, sizes=[32, 1, 16, 60], seed=5)]
    assert [len(part) for part in found] == [1, 16, 32, 60]
    assert all(large[: len(small)] == small for small, large in pairwise(found))
    assert set(found[-1]) == {example.key for example in one.examples.all()}


def test_a_seed_draws_the_same_again_and_another_differently():
    one = small_corpus(n=60)
    (first,), (other,) = (make_subsets(one, sizes=[20], seed=seed) for seed in (1, 2))
    assert make_subsets(one, sizes=[20], seed=1) == [first]
    assert Subset.objects.count() == 2
    assert keys(first) != keys(other) and first.content_hash != other.content_hash


def test_subsets_are_of_train_where_there_are_splits():
    one = small_corpus(n=60)
    split_corpus(one, seed=1, percent={"train": 50, "valid": 25, "test": 25})
    (subset,) = make_subsets(one, sizes=[30], seed=1)
    assert {example.split for example in subset_examples(subset)} == {"train"}
    (subset,) = make_subsets(one, sizes=[15], seed=1, split="test")
    assert {example.split for example in subset_examples(subset)} == {"test"}
    with pytest.raises(BadInput, match="has 30 in train; write a size from 1 to 30, not 31"):
        make_subsets(one, sizes=[31], seed=1)
    with pytest.raises(BadInput, match="has no test examples"):
        make_subsets(small_corpus("b", split="train"), sizes=[1], seed=1, split="test")


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["mr", "hi", "ga"]), min_size=3, max_size=40), st.integers(0, 99))
def test_of_each_language_as_many_and_nested(languages, seed):
    Corpus.objects.all().delete()
    rows = [{"output": f"{n}", "target_lang": tag} for n, tag in enumerate(languages)]
    one = fill(corpus(), rows)
    most = min(Counter(languages).values())
    found = make_subsets(one, sizes=range(1, most + 1), seed=seed, per_language=True)
    for size, subset in enumerate(found, start=1):
        counts = Counter(example.target_lang for example in subset_examples(subset))
        assert counts == dict.fromkeys(set(languages), size)
        assert subset.n_examples == size * len(set(languages))
    assert all(set(keys(small)) < set(keys(large)) for small, large in pairwise(found))
    with pytest.raises(BadInput, match="of each language"):
        make_subsets(one, sizes=[most + 1], seed=seed, per_language=True)


def test_a_subset_whose_texts_changed_is_told():
    one = small_corpus()
    (subset,) = make_subsets(one, sizes=[60], seed=1)
    one.examples.filter(position=3).update(output="changed")
    with pytest.raises(BadInput, match="have changed since it was made"):
        subset_examples(subset)


def test_what_was_drawn_from_takes_no_more_examples_and_no_splits():
    test_load_corpus.load("source,target\na,b\nc,d\n")
    make_subsets(Corpus.objects.get(), sizes=[1], seed=1)
    test_load_corpus.load("source,target\na,b\nc,d\n")
    with pytest.raises(BadTable, match="was split or drawn from"):
        test_load_corpus.load("source,target\na,b\nc,d\ne,f\n")
    with pytest.raises(BadInput, match="was drawn from"):
        split_corpus(Corpus.objects.get(), seed=1, percent={"train": 90, "valid": 5, "test": 5})


def test_corpora_are_matched_in_size(capsys):
    small_corpus("native", 25), small_corpus("translated", 40, text_origin="human")
    assert matched_size(Corpus.objects.all()) == 25
    call_command("subset_corpus", "native", "translated", "--match", "--seed=3")
    assert [s.n_examples for s in Subset.objects.all()] == [25, 25]
    assert "native 25 (seed 3): 25 examples" in capsys.readouterr().err
    with pytest.raises(CommandError, match="name at least two"):
        call_command("subset_corpus", "native", "--match", "--seed=3")
    with pytest.raises(CommandError, match="write numbers, say 16,64,256"):
        call_command("subset_corpus", "native", "--sizes=all", "--seed=3")


def three():
    """Instructions in Marathi, Hindi and English, under two licences."""
    found = []
    for name, tag, n, licence in (
        ("marathi", "mr", 40, "CC-BY-NC-4.0"),
        ("hindi", "hi", 40, "CC-BY-SA-4.0"),
        ("english", "en", 40, "CC-BY-NC-4.0"),
    ):
        one = corpus(name, "instruction", source_lang=tag, target_lang=tag, licence=licence)
        rows = [
            {"instruction": f"ask {name} {k}", "output": "word " * (1 + k % 7)} for k in range(n)
        ]
        found.append(fill(one, rows))
    return found


def test_a_mix_keeps_to_its_budget_and_its_share_of_english():
    marathi, hindi, english = three()
    mixed = mix_corpora(
        "mixed", {marathi: 3, hindi: 1}, budget=200, unit="words", seed=1,
        english=english, english_share=0.2,
    )  # fmt: skip
    used = Counter()
    for example in mixed.examples.all():
        used[example.target_lang] += len(words(f"{example.asked} {example.output}"))
    for tag, room in (("mr", 120), ("hi", 40), ("en", 40)):
        assert room - 10 < used[tag] <= room
    assert {p["corpus"]: p["n_units"] for p in mixed.recipe["parts"]} == {
        "marathi": used["mr"], "hindi": used["hi"], "english": used["en"],
    }  # fmt: skip
    assert set(mixed.examples.values_list("split", flat=True)) == {"train"}
    tags = list(mixed.examples.values_list("target_lang", flat=True))
    assert tags != sorted(tags) and mixed.n_examples == len(tags)


def test_a_mix_carries_every_licence_and_names_its_parents():
    marathi, hindi, _ = three()
    Corpus.objects.filter(pk=hindi.pk).update(text_origin="machine", produced_by="NLLB-200")
    hindi.refresh_from_db()
    mixed = mix_corpora("mixed", {marathi: 1, hindi: 1}, budget=20, unit="examples", seed=1)
    assert mixed.licence == "CC-BY-NC-4.0 AND CC-BY-SA-4.0"
    assert (mixed.text_origin, mixed.produced_by) == ("mixed", "NLLB-200")
    assert (mixed.source_lang, mixed.target_lang) == ("mul", "mul")
    assert set(mixed.parents.all()) == {marathi, hindi}
    assert mixed.examples.first().key.split("/")[0] in ("marathi", "hindi")
    again = mix_corpora("again", {mixed: 1, marathi: 1}, budget=20, unit="examples", seed=1)
    assert again.licence == mixed.licence
    assert combined_licence(["b AND a", "a"]) == "a AND b"


def test_the_same_mix_again_is_the_same_and_another_is_refused():
    marathi, hindi, _ = three()

    def mix(budget: int) -> Corpus:
        return mix_corpora("m", {marathi: 1, hindi: 1}, budget=budget, unit="examples", seed=1)

    assert mix(20) == mix(20)
    assert Example.objects.filter(corpus__name="m").count() == 20
    with pytest.raises(BadInput, match="exists and was made otherwise"):
        mix(30)


def test_a_part_that_is_too_small_says_which_budget_would_do():
    marathi, hindi, _ = three()
    with pytest.raises(BadInput, match=r"'marathi' has 40 examples and its share is 75; .* to 53"):
        mix_corpora("m", {marathi: 3, hindi: 1}, budget=100, unit="examples", seed=1)
    mixed = mix_corpora("m", {marathi: 3, hindi: 1}, budget=53, unit="examples", seed=1)
    assert mixed.n_examples == 52


def test_mixes_that_make_no_sense_are_refused():
    marathi, hindi, english = three()
    plain = {"budget": 10, "unit": "examples", "seed": 1}
    for weights, options, reason in (
        ({}, {}, "name at least one"),
        ({marathi: 0}, {}, "a weight over 0"),
        ({marathi: float("nan")}, {}, "a weight over 0"),
        ({marathi: 1}, {"english": hindi, "english_share": 0.1}, "is in hi; give one in English"),
        ({marathi: 1}, {"english": english}, "more than 0 and less than 1"),
        ({marathi: 1}, {"english_share": 0.5}, "give an English corpus with its share"),
        ({english: 1}, {"english": english, "english_share": 0.5}, "each once"),
        ({marathi: 1, small_corpus("pairs"): 1}, {}, "of different kinds"),
        ({marathi: 1}, {"unit": "lines"}, "'lines' is no unit"),
        ({marathi: 1}, {"unit": "tokens"}, "needs a checkpoint"),
        ({marathi: 1}, {"budget": 0}, "holds nothing"),
    ):
        with pytest.raises(BadInput, match=reason):
            mix_corpora("m", weights, **(plain | options))
    assert not Corpus.objects.filter(name="m").exists()


def test_a_budget_in_tokens_is_counted_by_the_checkpoints_tokeniser(capsys):
    three()
    base = registered()
    call_command(
        "mix_corpora", "--name=m", "--part=marathi=1", "--part=hindi=1", "--english=english",
        "--english-share=0.5", "--budget=600", "--unit=tokens", "--checkpoint=base", "--seed=1",
    )  # fmt: skip
    mixed = Corpus.objects.get(name="m")
    count = token_counter(base)
    used = Counter()
    for example in mixed.examples.all():
        used[example.target_lang] += count(example.instruction) + count(example.output)
    parts = {p["corpus"]: p["n_units"] for p in mixed.recipe["parts"]}
    assert parts == {"marathi": used["mr"], "hindi": used["hi"], "english": used["en"]}
    assert used["en"] <= 300 and used["mr"] <= 150
    assert "under CC-BY-NC-4.0 AND CC-BY-SA-4.0" in capsys.readouterr().err
    options = ("--name=x", "--budget=9", "--unit=words", "--seed=1")
    with pytest.raises(CommandError, match="cannot be read; write NAME=WEIGHT"):
        call_command("mix_corpora", "--part=marathi=many", *options)
    with pytest.raises(CommandError, match="there is no checkpoint called 'none'; known: base"):
        call_command("mix_corpora", "--part=marathi=1", "--checkpoint=none", *options)
