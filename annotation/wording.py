"""Forms and scales as data: loaded from the fixtures, checked, worded in one language."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from common.errors import BadInput

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def form_names() -> list[str]:
    """The shipped forms, that of the 150 questions first."""
    names = {path.stem for path in (FIXTURES / "forms").glob("*.json")} - {"schema"}
    return sorted(names, key=lambda name: (name != "cultural_relevance", name))


@cache
def load_form(name: str) -> dict[str, Any]:
    """A form of fixtures/forms, valid against its schema; BadInput where it is not."""
    folder = FIXTURES / "forms"
    path = folder / f"{Path(name).name}.json"
    if not path.is_file():
        raise BadInput(f"there is no form {name!r}; known: {', '.join(form_names())}")
    form = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    try:
        jsonschema.validate(form, schema)
    except jsonschema.ValidationError as problem:
        raise BadInput(f"{problem.json_path}: {problem.message}", file=path.name) from problem
    return form


@cache
def _scale_data(name: str) -> dict[str, Any]:
    path = FIXTURES / "scales" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def load_scale(name: str, language: str) -> list[dict[str, Any]]:
    """The worded points of a scale, highest first, with label and anchor in one language."""
    return [
        {
            "value": point["value"],
            "label": worded(point["label"], language),
            "anchor": worded(point["anchor"], language),
        }
        for point in sorted(_scale_data(name)["points"], key=lambda p: -p["value"])
    ]


def worded(texts: Any, language: str) -> Any:
    """The wording in this language, else in English."""
    if not isinstance(texts, dict):
        return texts
    return texts.get(language.split("-")[0]) or texts.get("en", "")


def worded_form(value: Any, language: str) -> Any:
    """A form with every {language: wording} replaced by one wording."""
    if isinstance(value, list):
        return [worded_form(part, language) for part in value]
    if not isinstance(value, dict):
        return value
    if "en" in value and all(isinstance(text, str) for text in value.values()):
        return worded(value, language)
    return {key: worded_form(part, language) for key, part in value.items()}
