"""The playground as JSON: ask, look, vote, cancel. Errors are JSON too, in the site's one shape."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from accounts.access import is_researcher
from common.errors import BadInput, Conflict, NikashError, NotFound
from common.problems import shown
from models_app import jobs, tasks  # noqa: F401 - tasks makes the jobs known
from models_app.models import PlaygroundRequest, System
from models_app.playground import votes
from models_app.playground.asking import Full, ask
from models_app.playground.showing import give_up_waiting, seen

STATUS = {Conflict: (409, "conflict"), NotFound: (404, "not_found"), Full: (503, "full")}
FIELDS: dict[str, tuple[type, Any]] = {
    "text": (str, ""),
    "mode": (str, "prompt"),
    "raw": (bool, False),
    "source_lang": (str, ""),
    "target_lang": (str, ""),
    "decoding": (dict, {}),
    "blind": (bool, False),
}
Answering = Callable[..., JsonResponse]


class _Csrf(CsrfViewMiddleware):
    """Says why, instead of answering with a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _error(status: int, code: str, message: str) -> JsonResponse:
    body = {"error": {"code": code, "message": message, "fields": {}}}
    response = JsonResponse(body, status=status)
    if status == 503:
        response["Retry-After"] = "30"
    return response


def _api(*methods: str) -> Callable[[Answering], Callable[..., HttpResponse]]:
    """Who may, by which methods, and every refusal as JSON."""

    def decorate(view: Answering) -> Callable[..., HttpResponse]:
        @csrf_exempt  # checked here, so that the refusal is JSON
        @login_not_required
        @wraps(view)
        def checked(request: HttpRequest, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _error(401, "sign_in", "sign in first; send the session's cookie")
            if not is_researcher(request.user):
                return _error(403, "forbidden", "the playground is for researchers and admins")
            if request.method not in methods:
                refused = _error(405, "method", f"use {' or '.join(methods)}")
                refused["Allow"] = ", ".join(methods)
                return refused
            if why := _forged(request):
                return _error(403, "csrf", f"{why} Send the cookie csrftoken as X-CSRFToken too.")
            try:
                return view(request, **named)
            except NikashError as problem:
                return _error(*STATUS.get(type(problem), (422, "bad_input")), problem.message)

        return checked

    return decorate


def _forged(request: HttpRequest) -> Any:
    check = _Csrf(lambda _: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _ask, (), {})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"the body is not JSON: {problem}") from problem
    if not isinstance(body, dict):
        raise BadInput('the body must be a JSON object, say {"text": "…"}')
    return body


def _system(name: object) -> System:
    found = System.objects.select_related("checkpoint", "adapter", "template")
    system = found.filter(name=name).first() if isinstance(name, str) else None
    if system is None:
        raise BadInput(f"there is no system {shown(name)}; write a name from the page Systems")
    return system


def _own(request: HttpRequest, pk: object) -> PlaygroundRequest:
    """Other people's requests are not found."""
    found = PlaygroundRequest.objects.of(request.user)
    own = found.filter(pk=pk).first() if type(pk) is int else None
    if own is None:
        raise NotFound(f"you have no request {shown(pk)}")
    return own


@_api("POST")
def collection(request: HttpRequest) -> JsonResponse:
    return _ask(request)


def _ask(request: HttpRequest) -> JsonResponse:
    body = _body(request)
    known = [*FIELDS, "systems", "translator", "follows"]
    if unknown := sorted(body.keys() - set(known)):
        raise BadInput(f"no field {', '.join(unknown)}; known: {', '.join(known)}")
    fields = {}
    for name, (kind, default) in FIELDS.items():
        fields[name] = body.get(name, default)
        if type(fields[name]) is not kind:
            raise BadInput(f"{name} is {shown(fields[name])}; write a JSON {kind.__name__}")
    names = body.get("systems", [])
    if not isinstance(names, list) or len(names) > 100:
        raise BadInput("systems must be a list of names")
    translator, follows = body.get("translator"), body.get("follows")
    made = ask(
        user=request.user,
        systems=[_system(name) for name in names],
        translator=None if translator is None else _system(translator),
        follows=None if follows is None else _own(request, follows),
        **fields,
    )
    return JsonResponse(seen(made), status=201)


@_api("GET")
def detail(request: HttpRequest, pk: int) -> JsonResponse:
    return JsonResponse(seen(give_up_waiting(_own(request, pk))))


@_api("POST")
def vote(request: HttpRequest, pk: int) -> JsonResponse:
    own, body = _own(request, pk), _body(request)
    choice, note = body.get("choice"), body.get("note", "")
    if not isinstance(choice, str) or not isinstance(note, str):
        raise BadInput('write {"choice": "A"}, "tie" or "both_bad", and "note" as a text')
    votes.cast(request=own, user=request.user, choice=choice, note=note)
    return JsonResponse(seen(own), status=201)


@_api("POST")
def cancel(request: HttpRequest, pk: int) -> JsonResponse:
    own = _own(request, pk)
    jobs.request_cancel(own)
    own.refresh_from_db()
    return JsonResponse(seen(own))
