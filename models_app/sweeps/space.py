"""The factors of a sweep: levels to combine, or ranges to search."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import product
from typing import Any

from common.errors import BadInput
from models_app.training.settings import TrainingSettings

ROWS = ("checkpoint", "corpus", "prompt", "method", "start_adapter", "size")
NOT_FACTORS = {"seed", "accelerate"}
MAX_CELLS = 2000

Condition = dict[str, Any]


def known_factors() -> list[str]:
    settings = [field.name for field in fields(TrainingSettings)]
    return [*ROWS, *(name for name in settings if name not in NOT_FACTORS)]


def in_order(given: Mapping[str, Any]) -> dict[str, Any]:
    """Factors in the order of `known_factors`, then all others, the seed last."""
    places = {name: place for place, name in enumerate(known_factors())}
    names = sorted(given, key=lambda name: (places.get(name, len(places)), name))
    return {name: given[name] for name in names}


def check_space(space: Any, *, ranges: bool) -> dict[str, Any]:
    """The factors in order; BadInput for one that is unknown, empty, repeated or not a range.

    A factor is a list of levels, or for a search {"low": …, "high": …} with "log" or "step".
    """
    if not isinstance(space, Mapping) or not space:
        raise BadInput('name at least one factor, say {"rank": [4, 8, 16]}')
    for name, given in space.items():
        if name == "seed":
            raise BadInput("seed is no factor; write how many seeds each condition gets: seeds")
        if name not in known_factors():
            raise BadInput(f"no factor {name!r}; known: {', '.join(known_factors())}")
        if isinstance(given, Mapping):
            _check_range(name, given, ranges=ranges)
        elif not isinstance(given, list) or not given:
            raise BadInput(f"{name}: write a list of levels, say [4, 8]")
        elif len({(type(level), str(level)) for level in given}) < len(given):
            raise BadInput(f"{name}: a level stands twice in {given}")
        elif not all(isinstance(level, str | int | float | bool) for level in given):
            raise BadInput(f"{name}: a level is a text, a number, true or false")
    return in_order(space)


def _check_range(name: str, given: Mapping[str, Any], *, ranges: bool) -> None:
    if not ranges:
        raise BadInput(f"{name}: a grid needs a list of levels; ranges are for kind search")
    if unknown := set(given) - {"low", "high", "log", "step"}:
        raise BadInput(f"{name}: no {', '.join(sorted(unknown))} in a range; low, high, log, step")
    low, high = given.get("low"), given.get("high")
    numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in (low, high))
    if name in ROWS[:-1] or not numbers or not low < high:
        raise BadInput(f"{name}: a range needs numbers low and high, low below high")
    if given.get("log") and (low <= 0 or given.get("step")):
        raise BadInput(f"{name}: a range by logarithm starts above 0 and has no step")
    step = given.get("step", 1)
    if isinstance(step, bool) or not isinstance(step, int | float) or step <= 0:
        raise BadInput(f"{name}: step must be a number above 0")


def cells(space: Mapping[str, list[Any]]) -> Iterator[Condition]:
    """Every combination of levels; the last factor changes fastest."""
    n = 1
    for levels in space.values():
        n *= len(levels)
    if n > MAX_CELLS:
        raise BadInput(f"that makes {n:,} combinations; at most {MAX_CELLS:,} can be planned")
    for levels in product(*space.values()):
        yield dict(zip(space, levels, strict=True))


def distributions(space: Mapping[str, Any]) -> dict[str, Any]:
    """The factors as Optuna's distributions."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    found: dict[str, Any] = {}
    for name, given in space.items():
        if isinstance(given, Mapping):
            low, high, step = given["low"], given["high"], given.get("step")
            log = bool(given.get("log"))
            if all(isinstance(n, int) for n in (low, high, step or 1)):
                found[name] = IntDistribution(low, high, log=log, step=step or 1)
            else:
                found[name] = FloatDistribution(low, high, log=log, step=step)
        else:
            found[name] = CategoricalDistribution(given)
    return found


def shown_condition(condition: Mapping[str, Any]) -> str:
    """A condition in one line: rank 8, bits 4, seed 1."""
    parts = (
        f"{name} {level:.4g}" if isinstance(level, float) else f"{name} {level}"
        for name, level in condition.items()
    )
    return ", ".join(parts)
