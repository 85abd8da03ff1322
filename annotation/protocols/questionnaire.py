"""A questionnaire over all outputs of a question: worded scales, tags, then a preference.

The form is data (fixtures/forms); this file reads answers against it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.numerals import digits
from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol, Answer, CheckedAnswer, Score
from annotation.protocols.sidebyside import (
    PREFERENCE_KEYS,
    checked_preference,
    fill_preference,
    preference_scores,
    read_preference,
)
from annotation.wording import form_names, load_form, worded_form
from common.errors import BadInput

NO_NUMBER = {"not_applicable": "allow_not_applicable", "cannot_judge": "allow_cannot_judge"}
LONGEST_NOTE = 2000


@PROTOCOLS.register("questionnaire")
class Questionnaire(AnnotationProtocol):
    """Answers are {"outputs": {slot: {field: value}}, "item": {field: value}}."""

    label = _("Questionnaire")
    unit = "points, 1-5"
    level = "ordinal"
    main_criterion = "overall"
    compares = True
    template = "annotation/protocols/questionnaire.html"

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            "form": forms.ChoiceField(
                label=_("Form"),
                choices=[(name, load_form(name)["title"]["en"]) for name in form_names()],
                required=False,
            )
        }

    def check_options(self) -> None:
        self.definition = load_form(self.options.get("form", "cultural_relevance"))
        self.output_fields = self._fields("each_output")
        self.item_fields = self._fields("item")

    def _fields(self, applies_to: str) -> list[dict[str, Any]]:
        return [
            field
            for section in self.definition["sections"]
            if section["applies_to"] == applies_to
            for field in section["fields"]
        ]

    def form(self, language: str) -> dict[str, Any]:
        """The form in one language, English where a wording lacks it."""
        return worded_form(self.definition, language)

    def criteria(self) -> list[str]:
        scales = [field["key"] for field in self.output_fields if field["kind"] == "scale"]
        prefers = any(field["kind"] == "preference" for field in self.item_fields)
        return [self.main_criterion, *scales, *(["preference"] if prefers else [])]

    def keys(self) -> list[tuple[tuple[str, ...], Any]]:
        return PREFERENCE_KEYS

    def read_form(self, data: Any, order: Sequence[int]) -> Answer:
        outputs = {
            str(slot): {
                f["key"]: _posted(f, data, f"o{shown}-{f['key']}", order)
                for f in self.output_fields
            }
            for shown, slot in enumerate(order)
        }
        item = {f["key"]: _posted(f, data, f"item-{f['key']}", order) for f in self.item_fields}
        return {"outputs": outputs, "item": item}

    def fill_form(self, answer: Answer, order: Sequence[int]) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for shown, slot in enumerate(order):
            given = answer.get("outputs", {}).get(str(slot), {})
            filled |= {f"o{shown}-{key}": value for key, value in given.items()}
        for key, value in answer.get("item", {}).items():
            is_preference = isinstance(value, dict)
            filled[f"item-{key}"] = fill_preference(value, order) if is_preference else value
        return filled

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        outputs, is_complete = {}, True
        for slot in range(n_outputs):
            given = (answer.get("outputs") or {}).get(str(slot)) or {}
            outputs[str(slot)], done = _part(self.output_fields, given, n_outputs)
            is_complete = is_complete and done
        item, done = _part(self.item_fields, answer.get("item") or {}, n_outputs)
        return CheckedAnswer({"outputs": outputs, "item": item}, is_complete and done)

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        scores = []
        for slot in range(n_outputs):
            given = answer["outputs"][str(slot)]
            numbers = {
                field["key"]: float(given[field["key"]])
                for field in self.output_fields
                if field["kind"] == "scale" and isinstance(given.get(field["key"]), int)
            }
            scores += [Score(slot, key, value) for key, value in numbers.items()]
            if numbers:
                mean = sum(numbers.values()) / len(numbers)
                scores.append(Score(slot, self.main_criterion, mean))
        for field in self.item_fields:
            if field["kind"] == "preference":
                preference = answer["item"].get(field["key"]) or {}
                scores += preference_scores(preference, n_outputs)
        return scores


def _posted(field: Mapping[str, Any], data: Any, name: str, order: Sequence[int]) -> Any:
    if field["kind"] == "tags":
        return data.getlist(name)
    value = data.get(name, "")
    return read_preference(value, order) if field["kind"] == "preference" else value


def _part(
    fields: Sequence[Mapping[str, Any]], given: Mapping[str, Any], n_outputs: int
) -> tuple[Answer, bool]:
    """The known fields of a part, cleaned, and whether every required one is answered."""
    cleaned: Answer = {}
    is_complete = True
    for field in fields:
        if not _shown(field, cleaned):
            continue
        value = _value(field, given.get(field["key"]), n_outputs)
        if value is not None:
            cleaned[field["key"]] = value
        elif field.get("required"):
            is_complete = False
    return cleaned, is_complete


def _shown(field: Mapping[str, Any], cleaned: Mapping[str, Any]) -> bool:
    condition = field.get("show_if")
    if not condition:
        return True
    value = cleaned.get(condition["field"])
    return isinstance(value, int) and value <= condition["at_most"]


def _value(field: Mapping[str, Any], value: Any, n_outputs: int) -> Any:
    """The cleaned value, None where there is none; BadInput where it is not one of the field's."""
    if value in (None, "", [], {}):
        return None
    return _CHECKS[field["kind"]](field, value, n_outputs)


def _scale(field: Mapping[str, Any], value: Any, n_outputs: int) -> int | str:
    if isinstance(value, str) and value in NO_NUMBER and field.get(NO_NUMBER[value]):
        return value
    points = {str(point["value"]): int(point["value"]) for point in field["points"]}
    if isinstance(value, bool) or str(value) not in points:
        raise BadInput(
            f"{value!r} is not on the scale; choose one of {', '.join(points)}",
            column=field["key"],
        )
    return points[str(value)]


def _tags(field: Mapping[str, Any], value: Any, n_outputs: int) -> list[str]:
    known = [option["value"] for option in field["options"]]
    chosen = value if isinstance(value, list) else [value]
    if unknown := [tag for tag in chosen if tag not in known]:
        raise BadInput(f"no choice {unknown[0]!r}", column=field["key"])
    return [tag for tag in known if tag in chosen]


def _preference(field: Mapping[str, Any], value: Any, n_outputs: int) -> Answer | None:
    given = value if isinstance(value, Mapping) else {"better": value}
    cleaned, is_there = checked_preference(given, n_outputs)
    return cleaned if is_there else None


def _text(field: Mapping[str, Any], value: Any, n_outputs: int) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_NOTE:
        raise BadInput(
            gettext("write a text of at most %(n)s characters") % {"n": digits(LONGEST_NOTE)},
            column=field["key"],
        )
    return value


_CHECKS = {"scale": _scale, "tags": _tags, "preference": _preference, "text": _text}
