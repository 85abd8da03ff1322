"""Adapters composed from trained ones, by given weights or by weights found on a few examples."""

from collections.abc import Mapping
from typing import Any

from models_app.corpora.subsets import make_subsets, subset_examples
from models_app.models import Adapter, Corpus, TrainingRun
from models_app.training.compose import compose_adapters, search_composition
from studies.work import Work

FEW = 5  # examples that weights are searched on, as LoraHub's few-shot setting


def compose(work: Work) -> None:
    for entry in work.configuration.get("compositions", ()):
        name = work.name(entry["name"])
        if Adapter.objects.filter(name=name).exists():
            continue
        work.say(f"composing {entry['name']}")
        parts = [_adapter(work, part) for part in entry["of"]]
        if "search" in entry:
            _search(work, name, parts, entry["search"])
        else:
            even = [1 / len(parts)] * len(parts)
            weights = dict(zip(parts, entry.get("weights", even), strict=True))
            compose_adapters(weights, name=name)


def _adapter(work: Work, name: str) -> Adapter:
    return TrainingRun.objects.select_related("adapter").get(name=work.name(name)).adapter


def _search(work: Work, name: str, parts: list[Adapter], asked: Mapping[str, Any]) -> None:
    corpus = Corpus.objects.get(name=work.name(asked["corpus"]))
    subset = make_subsets(corpus, sizes=[asked.get("size", FEW)], seed=work.seed)[0]

    def report(done: int, total: int) -> None:
        work.say(f"composing: weights {done} of {total}")

    search_composition(
        parts,
        subset_examples(subset),
        name=name,
        prompt=asked["prompt"],
        seed=work.seed,
        n_tries=asked.get("steps", 40),
        report=report,
    )
