"""What a request brings: the very forms of the pages, said as a schema and read from JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from api.errors import Unprocessable
from common.problems import shown

Factory = Callable[..., forms.BaseForm]


class Real(serializers.FloatField):
    """A number that a machine can hold."""

    def to_internal_value(self, data: Any) -> float:
        try:
            return float(super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")


@dataclass(frozen=True)
class FormBody:
    """A page's form as a JSON body.

    make : (request, data, files) -> the form; request is None when the schema is written
    open_choices : fields whose choices are rows of this site and so no part of the schema
    optional : fields that the form needs only beside some values of others
    """

    make: Factory
    name: str
    open_choices: tuple[str, ...] = ()
    has_files: bool = False
    optional: tuple[str, ...] = ()

    def serializer(self, request: Request | None = None) -> type[serializers.Serializer]:
        return _serializer_class(self) if request is None else self._fresh(request)

    def _fresh(self, request: Request | None) -> Any:
        form = self.make(request, None, None)
        for name in self.optional:
            form.fields[name].required = False
        fields = {
            name: _field(field, name in self.open_choices) for name, field in form.fields.items()
        }
        return type(f"{self.name}Serializer", (serializers.Serializer,), fields)

    def read(self, request: Request) -> Any:
        """The valid form. Raises ValidationError or Unprocessable, by field."""
        given = request.data
        if not hasattr(given, "items"):
            raise Unprocessable(_("The body must be a JSON object."))
        kind = self.serializer(request)
        known = kind._declared_fields
        _refuse_unknown(given, known)
        checked = kind(data=given)
        checked.is_valid(raise_exception=True)
        unbound = self.make(request, None, None)
        data = {
            name: _as_posted(field, checked.validated_data[name])
            for name, field in unbound.fields.items()
            if checked.validated_data.get(name) is not None
        }
        form = self.make(request, data, request.FILES)
        if not form.is_valid():
            raise refusal_of(form)
        return form


@dataclass(frozen=True)
class PlainBody:
    """A body that is no page's form."""

    kind: type[serializers.Serializer]
    has_files: bool = False

    def serializer(self, request: Request | None = None) -> type[serializers.Serializer]:
        return self.kind

    def read(self, request: Request) -> dict[str, Any]:
        if not hasattr(request.data, "items"):
            raise Unprocessable(_("The body must be a JSON object."))
        _refuse_unknown(request.data, self.kind._declared_fields)
        checked = self.kind(data=request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


Body = FormBody | PlainBody


@cache
def _serializer_class(body: FormBody) -> Any:
    """The class that the schema speaks of: one for each body."""
    return body._fresh(None)


def refusal_of(form: Any) -> Unprocessable:
    """What a form found, by field."""
    fields = {
        "" if name == forms.forms.NON_FIELD_ERRORS else name: list(told)
        for name, told in form.errors.items()
    }
    message = " ".join(
        f"{name}: {' '.join(told)}" if name else " ".join(told) for name, told in fields.items()
    )
    return Unprocessable(message, fields)


def _refuse_unknown(given: Any, known: Any) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        told = _("There is no field %(name)s; known: %(names)s.") % {
            "name": shown(unknown[0]),
            "names": ", ".join(known) or _("none"),
        }
        raise Unprocessable(told, {str(unknown[0])[:100]: [told]})


def _as_posted(field: forms.Field, value: Any) -> Any:
    """As the browser would send it."""
    if isinstance(field, forms.JSONField):
        return json.dumps(value)
    return value


def _field(field: forms.Field, is_open: bool) -> serializers.Field:
    about = " · ".join(str(text) for text in (field.label, field.help_text) if text)
    initial = field.initial() if callable(field.initial) else field.initial
    needed = field.required and initial in (None, "")
    common: dict[str, Any] = {"required": needed, "help_text": about}
    if not needed and initial not in (None, "", [], {}):
        common["default"] = initial
    if not needed:
        common["allow_null"] = True
    return _typed(field, is_open, common)


def _typed(field: forms.Field, is_open: bool, common: dict[str, Any]) -> serializers.Field:
    many = isinstance(field, forms.ModelMultipleChoiceField)
    if many or isinstance(field, forms.ModelChoiceField):
        return _reference(field, many, common)
    if isinstance(field, forms.MultipleChoiceField):
        return serializers.ListField(child=_choice(field, is_open, {}), max_length=1000, **common)
    if isinstance(field, forms.ChoiceField):
        return _choice(field, is_open, common)
    if isinstance(field, forms.BooleanField):
        return serializers.BooleanField(**{"default": False} | common | {"required": False})
    if isinstance(field, forms.FloatField):
        return Real(min_value=field.min_value, max_value=field.max_value, **common)
    if isinstance(field, forms.IntegerField):
        return serializers.IntegerField(
            min_value=field.min_value, max_value=field.max_value, **common
        )
    if isinstance(field, forms.JSONField):
        return serializers.DictField(**common)
    if isinstance(field, forms.FileField):
        return serializers.FileField(**common)
    longest = field.max_length if isinstance(field, forms.CharField) else None
    longest = longest or next(
        (v.limit_value for v in field.validators if isinstance(v, MaxLengthValidator)), None
    )
    strip = getattr(field, "strip", True)
    return serializers.CharField(
        max_length=longest, allow_blank=not field.required, trim_whitespace=strip, **common
    )


def _reference(field: Any, many: bool, common: dict[str, Any]) -> serializers.Field:
    """Rows by id, or by the field that the form knows them by."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
        return serializers.ListField(child=child, max_length=1000, **common)
    if field.to_field_name not in (None, "id", "pk"):
        return serializers.CharField(max_length=100, **common)
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1, **common)


def _choice(field: Any, is_open: bool, common: dict[str, Any]) -> serializers.Field:
    if is_open:
        return serializers.CharField(max_length=200, allow_blank=not field.required, **common)
    values = [value for value, _label in _flat(field.choices)]
    if all(isinstance(value, int) for value in values):
        return serializers.IntegerField(
            **common | {"help_text": f"{common.get('help_text', '')}: {values}"}
        )
    return serializers.ChoiceField(
        choices=[(v, v) for v in values if v != ""], allow_blank="" in values, **common
    )


def _flat(choices: Any) -> Any:
    """Choices without their groups."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label
