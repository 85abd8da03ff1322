"""OpenAPI of the endpoints, said by drf-spectacular from what each operation declares."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    OpenApiTypes,
    inline_serializer,
)
from rest_framework import serializers

from api.converters import LONGEST_NAME
from api.idempotency import HEADER, LONGEST

IN_PATH = re.compile(r"<(\w+):(\w+)>")
ALWAYS = (401, 403, 406, 409, 422, 429, 503)
ABOUT = {
    400: "The request is not well-formed.",
    401: "Nobody is signed in, or the token opens nothing.",
    403: "Not for this role, this token's scope, or without the CSRF token.",
    404: "Nothing here for this person.",
    406: "No such media type.",
    409: "It contradicts what is stored, or the Idempotency-Key was used for something else.",
    412: "It was changed since it was read.",
    413: "The request is too large.",
    415: "The body must be JSON, or a form where files are sent.",
    422: "Something in the request cannot be used; `fields` says what and why.",
    429: "Too many requests; Retry-After says when to come again.",
    503: "A library or the database is not ready; try again or ask an admin.",
}


class ErrorDetail(serializers.Serializer):
    code = serializers.CharField(help_text="One word for programs, say bad_input.")
    message = serializers.CharField(help_text="One sentence for people.")
    fields_ = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What is wrong with which field; empty where it is no field's fault.",
    )
    request_id = serializers.CharField(allow_blank=True, help_text="As the server's log has it.")

    def get_fields(self) -> dict[str, serializers.Field]:
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}


class Error(serializers.Serializer):
    error = ErrorDetail()


class EndpointSchema(AutoSchema):
    """Reads `operations` of the view; nothing is guessed from code."""

    @property
    def _operation(self) -> Any:
        return self.view.operation_for(self.method)

    def is_excluded(self) -> bool:
        return not hasattr(self.view, "operations")

    def get_tags(self) -> list[str]:
        return [self._operation.tag]

    def get_operation_id(self) -> str:
        return str(self._operation.name)

    def get_summary(self) -> str:
        return (self._operation.act.__doc__ or "").strip().partition("\n")[0]

    def get_description(self) -> str:
        lines = (self._operation.act.__doc__ or "").strip().splitlines()
        said = "\n".join(line.strip() for line in lines)
        return f"{said}\n\nFor {self._operation.who.value}."

    def get_auth(self) -> list[dict[str, list[str]]]:
        if self._operation.who.name == "ANYBODY":
            return [{}]
        return [way for way in super().get_auth() if way]  # which also describes both ways

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        kinds = {name: kind for kind, name in IN_PATH.findall(self._operation.path)}
        return [
            {
                "in": "path",
                "name": name,
                "required": True,
                "schema": _SCHEMAS[kinds[name]],
                "description": _said_of(name, kinds[name]),
            }
            for name in variables
        ]

    def get_override_parameters(self) -> list[OpenApiParameter]:
        operation = self._operation
        found = [
            OpenApiParameter(p.name, p.schema(), OpenApiParameter.QUERY, description=p.about)
            for p in operation.in_address
        ]
        if operation.is_kept:
            found.append(_header(HEADER, "The same key again answers the same and does nothing."))
        found += [_header(name, "The ETag that was read.") for name in operation.headers]
        return found

    def get_filter_backends(self) -> list[Any]:
        return []

    def map_parsers(self) -> list[str]:
        takes = self._operation.takes
        return ["multipart/form-data"] if takes and takes.has_files else ["application/json"]

    def map_renderers(self, attribute: str) -> list[str]:
        return ["application/json"]

    def get_request_serializer(self) -> Any:
        takes = self._operation.takes
        return takes.serializer() if takes else None

    def get_response_serializers(self) -> dict[Any, Any]:
        operation = self._operation
        found: dict[Any, Any] = {status: _refusal(status) for status in _refusals(operation)}
        if operation.pages:
            found[200] = _page(operation)
        elif hasattr(operation.gives, "kind"):
            kind = (operation.status, operation.gives.kind)
            about = operation.gives.about
            found[kind] = OpenApiResponse(_type_of(operation.gives.kind), description=about)
        elif operation.gives is None:
            found[operation.status] = OpenApiResponse(description="Done.")
        else:
            found[operation.status] = operation.gives
        if operation.later:
            found[202] = operation.later
        return found


def _type_of(kind: str) -> OpenApiTypes:
    if kind == "application/json":
        return OpenApiTypes.OBJECT
    is_text = kind.startswith(("text/", "application/x-ndjson"))
    return OpenApiTypes.STR if is_text else OpenApiTypes.BINARY


_SCHEMAS = {
    "id": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "slug": {"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "maxLength": LONGEST_NAME},
}


def _said_of(name: str, kind: str) -> str:
    return f"The {name}'s id." if kind == "id" else f"The {name}'s name."


def _header(name: str, about: str) -> OpenApiParameter:
    kind = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=about)


def _refusals(operation: Any) -> list[int]:
    found = {*ALWAYS, *operation.refusals}
    if "<" in operation.path:
        found.add(404)
    if operation.method in ("POST", "PUT", "DELETE"):
        found |= {400, 404, 413, 415}
    return sorted(found)


def _refusal(status: int) -> OpenApiResponse:
    return OpenApiResponse(Error, description=ABOUT[status])


def _page(operation: Any) -> Any:
    row = operation.gives
    return inline_serializer(
        f"{row.__name__.removesuffix('Serializer')}Page",
        {
            "next": serializers.CharField(
                allow_null=True, help_text="Address of the next page; null on the last."
            ),
            "results": row(many=True),
        },
    )
