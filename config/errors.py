"""Error pages in plain words, in the reader's language, with the id that the log has."""

import logging
import sys

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from accounts.outages import Outage, outage_in
from api.errors import json_error

log = logging.getLogger("django.request")

PLAIN = "<!doctype html><title>Nikash</title><p>Something went wrong on our side. {id}</p>"


def for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/v1/")


def _id_of(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where more was sent than the site reads."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    if for_programs(request):
        return json_error(request, status, _("This request could not be read."))
    page = {"request_id": _id_of(request)}
    return HttpResponse(loader.render_to_string(f"{status}.html", page), status=status)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_programs(request):
        return json_error(request, 403, _("This is not open to you."))
    said = str(exception) if exception.args else ""
    page = {"exception": said, "request_id": _id_of(request)}
    return render(request, "403.html", page, status=403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_programs(request):
        return json_error(request, 404, _("There is nothing at this address."))
    return render(request, "404.html", {"request_id": _id_of(request)}, status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Without the database: no person, no menu, no message is looked up for it."""
    if outage := outage_in(sys.exception()):
        return _out(request, outage)
    if for_programs(request):
        return json_error(request, 500, _("Something went wrong on our side."))
    page = {"request_id": _id_of(request)}
    try:
        text = loader.render_to_string("500.html", page)
    except (TemplateDoesNotExist, TemplateSyntaxError, ValueError, OSError):
        text = PLAIN.format(id=page["request_id"])
    return HttpResponse(text, status=500)


def _out(request: HttpRequest, outage: Outage) -> HttpResponse:
    """503 or 507 with a sentence and when to try again; a line in the log, not a stack."""
    why = str(sys.exception()).strip().partition("\n")[0]
    log.error("%s: %s (%s)", request.path, outage.code, why, extra={"status_code": outage.status})
    as_json = request.headers.get("Accept", "").startswith("application/json")
    response: HttpResponse
    if as_json or for_programs(request):
        response = json_error(request, outage.status, outage.message, code=outage.code)
    else:
        page = {"request_id": _id_of(request), "message": outage.message}
        text = loader.render_to_string("503.html", page)
        response = HttpResponse(text, status=outage.status)
    response.headers["Retry-After"] = str(outage.seconds)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django asks before it logs
    return response


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"request_id": _id_of(request)}, status=403)
