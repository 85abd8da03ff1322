"""One adapter from several: a weighted sum, with weights given or searched for on a few examples.

The search follows LoraHub (Huang et al., 2024): no gradients, the loss on a few examples plus a
penalty on the sum of absolute weights. It uses a (1+1) evolution strategy with the one-fifth rule
(Rechenberg, 1973) where LoraHub uses nevergrad.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from common.errors import BadInput
from models_app.checkpoints import register_adapter
from models_app.corpora.hashing import examples_hash
from models_app.corpora.mixing import combined_licence
from models_app.models import Adapter, Checkpoint, Example
from models_app.training.data import encoder_for
from models_app.training.evaluate import Evaluation
from models_app.training.made import FOUND, make
from models_app.training.merge import config_for
from models_app.training.settings import TrainingSettings
from models_app.training.weights import load_base, put_on

COMBINATIONS = ("linear", "cat", "svd")
RESULT = "composed"
PENALTY = 0.05  # on the mean absolute weight, as in LoraHub
BOUND = 1.5  # no weight larger than this, as in LoraHub


class Found(NamedTuple):
    weights: list[float]
    value: float  # loss and penalty at these weights
    tried: list[tuple[list[float], float]]


def compose_adapters(
    weights: Mapping[Adapter, float], *, name: str, combination: str = "linear"
) -> Adapter:
    """A new adapter that is the weighted sum of others on one base.

    combination : `linear` adds A and B matrices (all of one rank, a linear approximation), `cat`
        is exact, its rank the sum of ranks; `svd` brings that down to the highest rank

    The same again gives back the same. Raises BadInput.
    """
    base = _check(list(weights), combination)
    recipe = _recipe(weights, combination)

    def write(folder: Path) -> None:
        _save(_loaded(base, list(weights)), list(weights.values()), combination, base, folder)

    return _registered(name, recipe, write, list(weights), base)


def search_composition(
    adapters: Sequence[Adapter], examples: Sequence[Example], *,
    name: str, prompt: str, combination: str = "linear", seed: int = 1, n_tries: int = 40,
    penalty: float = PENALTY, report: Callable[[int, int], None] = lambda n, total: None,
) -> Adapter:  # fmt: skip
    """The composition whose weights do best on the examples; what was tried is in its card.

    n_tries : weights that are tried, equal ones and each adapter alone among them

    Raises BadInput.
    """
    base = _check(adapters, combination)
    if not examples:
        raise BadInput("weights cannot be searched for without examples; give a few")
    recipe = {
        "how": "compose",
        "combination": combination,
        "search": {
            "prompt": prompt,
            "examples": examples_hash(examples),
            "n_examples": len(examples),
            "seed": seed,
            "n_tries": n_tries,
            "penalty": penalty,
        },
        "parts": [{"adapter": a.name, "sha256": a.content_hash} for a in adapters],
    }

    def write(folder: Path) -> None:
        model = _loaded(base, adapters)
        evaluation = _evaluation(base, prompt, examples)

        def loss(tried: Sequence[float]) -> float:
            _combine(model, tried, combination)
            return evaluation(model)["eval_loss"]

        found = search(loss, len(adapters), seed=seed, n_tries=n_tries, penalty=penalty,
                       report=report)  # fmt: skip
        _save(model, found.weights, combination, base, folder)
        recipe[FOUND] = found._asdict()

    return _registered(name, recipe, write, list(adapters), base)


def search(
    loss: Callable[[Sequence[float]], float], n: int, *,
    seed: int, n_tries: int, penalty: float = PENALTY,
    report: Callable[[int, int], None] = lambda n, total: None,
) -> Found:  # fmt: skip
    """The n weights, each within ±1.5, with the lowest loss and penalty of those tried.

    Tried first are equal weights and each one alone; from the best of them on, one step at a
    time, longer after a success and shorter after failures.
    """
    rng = np.random.default_rng(seed)
    tried: list[tuple[list[float], float]] = []

    def value(weights: np.ndarray) -> float:
        given = [float(w) for w in weights]
        total = loss(given) + penalty * float(np.abs(weights).mean())
        tried.append((given, total))
        report(len(tried), n_tries)
        return total

    starts = [np.full(n, 1 / n), *np.eye(n)][:n_tries]
    values = [value(start) for start in starts]
    best = starts[int(np.argmin(values))]
    lowest, step = min(values), 0.3
    while len(tried) < n_tries:
        new = np.clip(best + step * rng.standard_normal(n), -BOUND, BOUND)
        if (here := value(new)) < lowest:
            best, lowest, step = new, here, step * 1.5
        else:
            step *= 1.5**-0.25
    return Found([float(w) for w in best], lowest, tried)


def _check(adapters: Sequence[Adapter], combination: str) -> Checkpoint:
    if combination not in COMBINATIONS:
        raise BadInput(f"no combination {combination!r}; write {', '.join(COMBINATIONS)}")
    if len(adapters) < 2 or len(set(adapters)) < len(adapters):
        raise BadInput("name at least two adapters, each once")
    base = adapters[0].checkpoint
    for adapter in adapters:
        if adapter.checkpoint_id != base.pk:
            raise BadInput(
                f"the adapter {adapter} belongs to {adapter.checkpoint}, {adapters[0]} to {base}; "
                "only adapters of one base can be composed"
            )
    ranks = {adapter.config.get("r") for adapter in adapters}
    if combination == "linear" and len(ranks) > 1:
        raise BadInput("adapters of several ranks cannot be added linearly; use cat or svd")
    if any(adapter.config.get("use_dora") for adapter in adapters):
        raise BadInput("adapters with DoRA cannot be composed: their magnitudes do not add up")
    return base


def _recipe(weights: Mapping[Adapter, float], combination: str) -> dict[str, Any]:
    return {
        "how": "compose",
        "combination": combination,
        "parts": [
            {"adapter": a.name, "sha256": a.content_hash, "weight": float(w)}
            for a, w in weights.items()
        ],
    }


def _loaded(base: Checkpoint, adapters: Sequence[Adapter]) -> Any:
    model = load_base(base)
    for place, adapter in enumerate(adapters):
        model = put_on(model, adapter, f"part{place}")
    return model.eval()


def _combine(model: Any, weights: Sequence[float], combination: str) -> None:
    parts = [f"part{place}" for place in range(len(weights))]
    if RESULT in model.peft_config:
        model.set_adapter(parts[0])
        model.delete_adapter(RESULT)
    model.add_weighted_adapter(
        parts, list(weights), adapter_name=RESULT, combination_type=combination
    )
    model.set_adapter(RESULT)


def _save(
    model: Any, weights: Sequence[float], combination: str, base: Checkpoint, folder: Path
) -> None:
    _combine(model, weights, combination)
    model.save_pretrained(folder, selected_adapters=[RESULT])
    for path in (folder / RESULT).iterdir():
        path.rename(folder / path.name)
    (folder / RESULT).rmdir()
    (folder / "README.md").unlink(missing_ok=True)
    config_for(base, folder)


def _evaluation(base: Checkpoint, prompt: str, examples: Sequence[Example]) -> Evaluation:
    encoder = encoder_for(base, prompt, TrainingSettings())
    return Evaluation(encoder, examples, metrics=[], n_generated=0, batch_size=8)


def _registered(
    name: str,
    recipe: dict[str, Any],
    write: Callable[[Path], None],
    adapters: Sequence[Adapter],
    base: Checkpoint,
) -> Adapter:
    if Checkpoint.objects.filter(name=name).exists():
        raise BadInput(f"there is a checkpoint called {name!r}; give the adapter another name")
    folder = make(name, recipe, write, adapters, base)
    rows = [base, *adapters]
    licence = combined_licence([row.licence for row in rows if row.licence])
    return register_adapter(name=name, checkpoint=base, location=str(folder), licence=licence)
