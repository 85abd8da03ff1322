"""Every refusal in one shape: {"error": {"code", "message", "fields", "request_id"}}."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.outages import outage_in
from common.errors import BadInput, Conflict, MissingLibrary, NikashError, NotFound
from common.text import visible

log = logging.getLogger("django.request")

CODES = {
    400: "malformed",
    401: "sign_in",
    403: "forbidden",
    404: "not_found",
    405: "method",
    406: "not_acceptable",
    409: "conflict",
    412: "changed_meanwhile",
    413: "too_large",
    415: "media_type",
    422: "bad_input",
    429: "too_many_requests",
    500: "server_error",
    503: "not_ready",
    507: "disk_full",
}
MOST_PROBLEMS = 200
MOST_LINES = 30  # of a message: those of a table with many bad rows
LONGEST_SENTENCE = 600  # characters
LONGEST_NAME = 100


class Unprocessable(exceptions.APIException):
    """The request is well-formed but cannot be used; `fields` says which part and why."""

    status_code = 422
    default_code = "bad_input"

    def __init__(self, message: str, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = {name: [str(one) for one in told] for name, told in (fields or {}).items()}


class Changed(exceptions.APIException):
    """What was to be changed is no longer what the caller read."""

    status_code = 412
    default_code = "changed_meanwhile"


def error_body(
    status: int,
    message: str,
    *,
    code: str = "",
    fields: Mapping[str, list[str]] | None = None,
    request_id: str = "",
) -> dict[str, Any]:
    return {
        "error": {
            "code": code or CODES.get(status, "error"),
            "message": _bounded(message),
            "fields": _bounded_fields(fields or {}),
            "request_id": request_id,
        }
    }


def _bounded(message: str) -> str:
    """However much of what was sent a message repeats, it is of one screen."""
    return "\n".join(map(_cut, message.split("\n", MOST_LINES)[:MOST_LINES]))


def _bounded_fields(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The first MOST_PROBLEMS of all; names are those of the request, too."""
    found, left = {}, MOST_PROBLEMS
    for name, told in fields.items():
        if left > 0:
            found[visible(name[:LONGEST_NAME])] = [_cut(one) for one in told[:left]]
        left -= len(told)
    return found


def _cut(sentence: str) -> str:
    """What is cut lies in the middle: what is wrong stands at one end or the other."""
    half = LONGEST_SENTENCE // 2
    if len(sentence) > LONGEST_SENTENCE:
        sentence = f"{sentence[:half]} ... {sentence[-half:]}"
    return visible(sentence)


def request_id_of(request: HttpRequest) -> str:
    """As the log has it; empty where none was given."""
    return str(getattr(request, "request_id", "") or request.META.get("HTTP_X_REQUEST_ID", ""))[:64]


def handle(problem: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook. What nobody foresaw is logged, rolled back and told as a 500."""
    set_rollback()
    request = context["request"]
    status, message, fields, headers = _told(problem)
    if status == 500:
        log.error("%s failed", request.path, exc_info=problem, extra={"status_code": 500})
    code = getattr(problem, "nikash_code", "")
    body = error_body(status, message, code=code, fields=fields, request_id=request_id_of(request))
    return Response(body, status=status, headers=headers)


def _told(problem: Exception) -> tuple[int, str, dict[str, list[str]], dict[str, str]]:
    if isinstance(problem, NikashError):
        return _status_of(problem), problem.message, _rows_of(problem), {}
    if isinstance(problem, ValidationError):
        fields = problem.message_dict if hasattr(problem, "error_dict") else {}
        return 422, " ".join(problem.messages), fields, {}
    if isinstance(problem, Http404 | exceptions.NotFound):
        return 404, _("There is nothing at this address for you."), {}, {}
    if isinstance(problem, PermissionDenied):
        return 403, str(problem) or _("Your role may not do this."), {}, {}
    if isinstance(problem, RequestDataTooBig):
        return 413, _("The request is too large; send less at once."), {}, {}
    if isinstance(problem, UnreadablePostError):
        return 400, _("The request broke off; send it again."), {}, {}
    if isinstance(problem, TooManyFieldsSent | TooManyFilesSent):
        return 413, _("The request has too many fields; send less at once."), {}, {}
    if isinstance(problem, ProtectedError):
        return 409, _("Others still use this; remove them first."), {}, {}
    if outage := outage_in(problem):
        return outage.status, outage.message, {}, {"Retry-After": str(outage.seconds)}
    if isinstance(problem, exceptions.APIException):
        return _from_framework(problem)
    return 500, _("Something went wrong here, not with you; the log has the details."), {}, {}


def _status_of(problem: NikashError) -> int:
    if isinstance(problem, NotFound):
        return 404
    if isinstance(problem, Conflict):
        return 409
    return 503 if isinstance(problem, MissingLibrary) else 422


def _rows_of(problem: NikashError) -> dict[str, list[str]]:
    """Every bad row of a file, by the file's name."""
    found: dict[str, list[str]] = {}
    for one in getattr(problem, "problems", [problem])[:MOST_PROBLEMS]:
        if isinstance(one, BadInput) and one.file:
            found.setdefault(one.file, []).append(str(one))
    return found


def _from_framework(
    problem: exceptions.APIException,
) -> tuple[int, str, dict[str, list[str]], dict[str, str]]:
    headers = {}
    if challenge := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if isinstance(problem, exceptions.ValidationError):
        fields = flat(problem.detail)
        return 422, _sentence(fields), fields, headers
    fields = getattr(problem, "fields", {})
    return problem.status_code, str(problem.detail), fields, headers


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors by dotted path, say `errors.0.severity`."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, part in detail.items():
            step = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            found |= flat(part, step)
        return found
    if isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        found = {}
        for place, part in enumerate(detail):
            found |= flat(part, f"{path}.{place}" if path else str(place))
        return found
    told = detail if isinstance(detail, list) else [detail]
    return {path: [str(one) for one in told]} if told else {}


def _sentence(fields: Mapping[str, list[str]]) -> str:
    return " ".join(
        f"{name}: {' '.join(told)}" if name else " ".join(told) for name, told in fields.items()
    )


def json_error(request: HttpRequest, status: int, message: str, *, code: str = "") -> JsonResponse:
    """The same shape from outside of REST framework."""
    body = error_body(status, message, code=code, request_id=request_id_of(request))
    return JsonResponse(body, status=status)
