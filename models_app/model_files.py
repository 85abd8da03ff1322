"""The small files beside weights: read up to a size, and an adapter's held to plain LoRA."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from common.errors import BadInput
from common.problems import shown
from common.records import checked_json

LARGEST_TEXT = 4 * 1024**2  # bytes read of a card or a configuration
MOST_RANK = 4096
ELSEWHERE = ("megatron_config", "layer_replication")  # imports a module; multiplies the base
PATTERNS = ("target_modules", "exclude_modules", "layers_pattern", "modules_to_save")
KEYED = ("rank_pattern", "alpha_pattern")
MOST_REPEATS = 5  # in a pattern of modules' names; more, or one of a group, may take ages
_REPEAT = re.compile(r"[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")


def read_start(path: Path) -> bytes:
    """A small file's bytes, LARGEST_TEXT of them at most."""
    with path.open("rb") as file:
        return file.read(LARGEST_TEXT)


def read_config(path: Path) -> dict[str, Any]:
    """A configuration's JSON object. Raises BadInput."""
    if not path.is_file():
        raise BadInput(f"{path.parent} has no {path.name}; is it the right folder?")
    try:
        config = checked_json(read_start(path).decode("utf-8"))
    except (BadInput, ValueError, OSError) as problem:
        raise BadInput(f"{path} cannot be read: {problem}") from problem
    if not isinstance(config, dict):
        raise BadInput(f"{path} must hold a JSON object")
    return config


def check_adapter(config: Mapping[str, Any], where: str) -> None:
    """Raise BadInput, with `where` the adapter is, for what is no plain LoRA configuration."""
    kind = config.get("peft_type", "LORA")
    if kind != "LORA":
        raise BadInput(f"{where} is a {shown(kind)} adapter; only LoRA is served")
    for name in ELSEWHERE:
        if config.get(name):
            raise BadInput(f"{where}: {name} is not served; train the adapter without it")
    for rank in _ranks(config):
        if type(rank) is not int or not 1 <= rank <= MOST_RANK:
            raise BadInput(f"{where}: {shown(rank)} is no rank; 1 to {MOST_RANK:,} are served")
    for pattern in _patterns(config):
        if not _is_quick(pattern):
            raise BadInput(f"{where}: {shown(pattern)} picks no modules quickly; list their names")


def _is_quick(pattern: object) -> bool:
    return (
        isinstance(pattern, str)
        and len(_REPEAT.findall(pattern)) <= MOST_REPEATS
        and not _REPEATED_GROUP.search(pattern)
    )


def _ranks(config: Mapping[str, Any]) -> Iterator[Any]:
    yield config.get("r", 8)
    by_module = config.get("rank_pattern")
    if isinstance(by_module, Mapping):
        yield from by_module.values()


def _patterns(config: Mapping[str, Any]) -> Iterator[Any]:
    for name in PATTERNS:
        value = config.get(name)
        yield from value if isinstance(value, list) else [] if value is None else [value]
    for name in KEYED:
        value = config.get(name)
        yield from value if isinstance(value, Mapping) else []
