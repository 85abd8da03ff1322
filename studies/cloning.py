"""A study in another language: the same configuration with one language tag put for another."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from common.errors import BadInput
from common.language_registry import language
from models_app.benchmarks.catalogue import tasks
from models_app.prompts import PROMPTS
from studies.configuration import check_configuration

# What is written for people, and says where texts come from: never changed by rule.
WORDS = ("title", "question", "after", "differs", "origin", "note", "produced_by", "licence")


class Clone(NamedTuple):
    """`to_do`: sentences on what is lacking before it can run in the other language."""

    configuration: dict[str, Any]
    to_do: list[str]


def clone(configuration: Mapping[str, Any], *, of: str, to: str, folder: Path) -> Clone:
    """The study with the language `to` wherever `of` stood: tags, names, files, prompts, tasks.

    Raises BadInput for a language that the study does not have, or has already.
    """
    has = ", ".join(configuration["languages"])
    if of not in configuration["languages"]:
        raise BadInput(f"{of} is not a language of the study; write one of {has}")
    if to in configuration["languages"]:
        raise BadInput(f"{to} is a language of the study already ({has}); write another")
    name = language(to).name
    pattern = re.compile(rf"(?<![A-Za-z]){re.escape(of)}(?![A-Za-z])")
    made: dict[str, Any] = _replaced(dict(configuration), pattern, to)
    made["title"] = f"{configuration['title']} ({name})"
    to_do = list(_without_prompts(made, dict(configuration)))
    to_do += _without_tasks(made)
    to_do += _without_files(made, folder)
    made.pop("published", None)
    return Clone(check_configuration(made), to_do)


def _replaced(value: Any, pattern: re.Pattern[str], to: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(to, value)
    if isinstance(value, list):
        return [_replaced(part, pattern, to) for part in value]
    if isinstance(value, dict):
        return {
            _replaced(key, pattern, to): part if key in WORDS else _replaced(part, pattern, to)
            for key, part in value.items()
        }
    return value


def _without_prompts(made: dict[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    """A prompt that is not registered for the language stays as it was."""
    for part in ("training", "systems"):
        for entry, old in zip(made.get(part, ()), before.get(part, ()), strict=True):
            if "prompt" in entry and entry["prompt"] not in PROMPTS:
                yield (
                    f"{part}: {entry['name']!r} keeps the prompt {old['prompt']}, since there is "
                    f"no {entry['prompt']}: choose one with manage.py train --help"
                )
                entry["prompt"] = old["prompt"]


def _without_tasks(made: dict[str, Any]) -> Iterator[str]:
    asked = made.get("benchmarks")
    if not asked:
        return
    lacking = [name for name in asked["tasks"] if name not in tasks()]
    if lacking:
        yield f"benchmarks: left out, since they are not in the catalogue: {', '.join(lacking)}"
        asked["tasks"] = [name for name in asked["tasks"] if name in tasks()]
    if not asked["tasks"]:
        del made["benchmarks"]
        made["tables"] = [
            table
            for table in made.get("tables", ())
            if table["table"] not in ("benchmarks", "adaptation")
        ]


def _without_files(made: Mapping[str, Any], folder: Path) -> Iterator[str]:
    for part in ("corpora", "datasets"):
        for key, entry in made.get(part, {}).items():
            given = entry.get("file", [])
            for name in [given] if isinstance(given, str) else given:
                root = settings.BASE_DIR if name.startswith("fixtures/") else folder
                if not (root / name).is_file():
                    yield f"{part}.{key}: there is no file {name}; write it, or name another"
