"""The first and the last to see a request: its id, how long it took, and its line in the log."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common import request_id
from config import measures

log = logging.getLogger("nikash.access")
HEADER = "X-Request-ID"


def request_log(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give the request its id and the answer, too; count and log it without its query."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        name = request_id.new_or(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.request_id = name  # type: ignore[attr-defined]
        request_id.set_current(name)
        try:
            response = get_response(request)
            response.headers[HEADER] = name
            seconds = time.perf_counter() - began
            view = view_name(request)
            measures.count_request(view, request.method or "", response.status_code, seconds)
            if log.isEnabledFor(logging.INFO):
                log.info("%s %s", request.method, request.path, extra={
                    "status": response.status_code, "ms": round(1000 * seconds, 1),
                    "view": view, "person": person(request),
                })  # fmt: skip
            return response
        finally:
            request_id.set_current("")

    return middleware


def view_name(request: HttpRequest) -> str:
    """The name of the address's pattern: of these there are as many as the site has pages."""
    if (match := request.resolver_match) is not None:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def person(request: HttpRequest) -> str:
    """Their code, where somebody has asked for it already; never a name, never a query."""
    user: Any = getattr(request, "_cached_user", None)
    return f"person-{user.pk}" if user is not None and user.pk else ""
