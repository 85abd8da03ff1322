"""A checkpoint's tokeniser, without its weights."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from common.errors import MissingLibrary
from models_app.backends.base import Weights
from models_app.backends.loaded import unusable, where_from
from models_app.models import Checkpoint
from models_app.places import place_of
from models_app.remote_code import trusts


def load_tokenizer(checkpoint: Checkpoint) -> Any:
    """The tokeniser as transformers has it; raises NikashError where there is none."""
    weights = Weights(place_of(checkpoint.location), checkpoint.revision, checkpoint.content_hash)
    return _load(weights, trusts(checkpoint))


def token_counter(checkpoint: Checkpoint) -> Callable[[str], int]:
    """How many tokens a text has, special ones left out."""
    tokenizer = load_tokenizer(checkpoint)
    return lambda text: len(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else 0


@lru_cache(maxsize=2)
def _load(weights: Weights, trust_remote_code: bool) -> Any:
    try:
        import transformers
    except ImportError as problem:
        raise MissingLibrary(
            f"{problem.name} is not installed; install Nikash with its extra [ml]"
        ) from problem
    transformers.logging.set_verbosity_error()
    options = where_from(weights) | {"trust_remote_code": trust_remote_code}
    try:
        return transformers.AutoTokenizer.from_pretrained(weights.location, **options)
    except Exception as problem:
        raise unusable("tokeniser of", weights, problem) from problem
