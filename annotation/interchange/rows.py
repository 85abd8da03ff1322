"""Rows of a model as JSON and back: every plain field by its name, so that none is forgotten."""

import math
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from common.errors import BadInput
from common.problems import shown

KINDS: tuple[tuple[type[models.Field], type | tuple[type, ...], str], ...] = (
    (models.BooleanField, bool, "true or false"),
    (models.IntegerField, int, "a whole number"),
    (models.FloatField, (int, float), "a number"),
    (models.DateTimeField, str, "a time such as 2026-07-06T06:06:25+00:00"),
    (models.UUIDField, str, "a UUID"),
    (models.CharField, str, "a text"),
    (models.TextField, str, "a text"),
)

PLAIN = frozenset((str, int, float, bool, type(None)))


def plain_fields(model: type[models.Model], without: Collection[str] = ()) -> list[models.Field]:
    """The model's own fields that lead to no other row."""
    return [
        field
        for field in model._meta.concrete_fields
        if not field.is_relation and not field.primary_key and field.name not in without
    ]


def to_json(row: models.Model, fields: Collection[models.Field]) -> dict[str, Any]:
    return {field.name: _native(field.value_from_object(row)) for field in fields}


def read_json(
    rows: models.QuerySet[Any], fields: Collection[models.Field], *beside: str
) -> list[tuple[dict[str, Any], tuple[Any, ...]]]:
    """Of each row what `to_json` says, and the values beside it, such as the names of others.

    Without an object for each row: of a million rows those cost more than all else.
    """
    names = [field.name for field in fields]
    found = rows.values_list(*(field.attname for field in fields), *beside)
    n = len(names)
    return [(dict(zip(names, _native_row(row[:n]), strict=True)), row[n:]) for row in found]


def _native_row(row: tuple[Any, ...]) -> list[Any]:
    return [value if type(value) in PLAIN else _native(value) for value in row]


def _native(value: Any) -> Any:
    """Plain JSON, keys sorted: engines give the keys of a stored object back in their own order."""
    if isinstance(value, dict):
        return {
            key: part if type(part := value[key]) in PLAIN else _native(part)
            for key in sorted(value)
        }
    if isinstance(value, list):
        return [part if type(part) in PLAIN else _native(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def from_json(given: Any, fields: Collection[models.Field]) -> dict[str, Any]:
    """Values for the fields; one that is absent has its default.

    Raises BadInput, with the field as its column, for a value that the field does not take.
    """
    if not isinstance(given, Mapping):
        raise BadInput(f"{shown(given)} is no object with fields")
    known = {field.name: field for field in fields}
    if unknown := sorted(set(given) - set(known)):
        raise BadInput(
            "is not known here; was the file made by a later version?", column=unknown[0]
        )
    return {
        name: _value(field, given[name]) if name in given else field.get_default()
        for name, field in known.items()
    }


def _value(field: models.Field, given: Any) -> Any:
    if given is None:
        if field.null:
            return None
        raise BadInput("is null; write a value", column=field.name)
    _check_kind(field, given)
    try:
        value = field.to_python(given)
        if field.choices and value not in dict(field.flatchoices):
            raise ValidationError(f"write one of {', '.join(dict(field.flatchoices))}")
        field.run_validators(value)
    except (ValidationError, OverflowError) as problem:
        said = problem.messages[0] if isinstance(problem, ValidationError) else "is too large"
        raise BadInput(f"{shown(given)} cannot be taken: {said}", column=field.name) from problem
    if isinstance(value, datetime) and value.tzinfo is None:
        raise BadInput(f"{shown(given)} has no time zone; write +00:00", column=field.name)
    return value


def _check_kind(field: models.Field, given: Any) -> None:
    for kind, python, words in KINDS:
        if isinstance(field, kind):
            is_bool = isinstance(given, bool) and python is not bool
            if is_bool or not isinstance(given, python):
                raise BadInput(f"{shown(given)} is not {words}", column=field.name)
            if isinstance(given, float) and not math.isfinite(given):
                raise BadInput(f"{shown(given)} is not {words}", column=field.name)
            return
