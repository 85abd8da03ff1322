"""The decoding settings of local models: which there are, and what may be written."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, NamedTuple

from common.errors import BadInput
from common.problems import shown

LARGEST = 2**31 - 1


class Rule(NamedTuple):
    fits: Callable[[Any], bool]
    wanted: str


def whole(low: int, high: int = LARGEST) -> Rule:
    return Rule(
        lambda value: type(value) is int and low <= value <= high,
        f"a whole number from {low} to {high}",
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


POSITIVE = Rule(lambda value: _is_number(value) and 0 < value < inf, "a number above 0")
LANGUAGE = Rule(lambda value: isinstance(value, str) and value != "", "a language of the model")
OPTIONS = {
    "max_new_tokens": whole(1),
    "min_new_tokens": whole(0),
    "do_sample": Rule(lambda value: isinstance(value, bool), "true or false"),
    "temperature": POSITIVE,
    "top_p": Rule(lambda value: _is_number(value) and 0 < value <= 1, "a number above 0, up to 1"),
    "top_k": whole(0),
    "num_beams": whole(1),
    "repetition_penalty": POSITIVE,
    "length_penalty": Rule(lambda value: _is_number(value) and -inf < value < inf, "a number"),
    "no_repeat_ngram_size": whole(0),
}
RULES = {**OPTIONS, "seed": whole(0), "src_lang": LANGUAGE, "tgt_lang": LANGUAGE}


def check_decoding(decoding: Mapping[str, Any]) -> None:
    """BadInput for a decoding setting that is not known or has a value it cannot have."""
    unknown = sorted(set(decoding) - set(RULES))
    if unknown:
        raise BadInput(f"no decoding setting {', '.join(unknown)}; known: {', '.join(RULES)}")
    for name, value in decoding.items():
        if not RULES[name].fits(value):
            raise BadInput(f"{name} is {shown(value)}; write {RULES[name].wanted}")
