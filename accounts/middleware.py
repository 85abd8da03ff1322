"""At the door of every page: is the session over, and does an admin still lack a second factor?"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, devices, sessions, two_factor

OPEN_WITHOUT_CODE = ("accounts:two_factor", "logout", "set_language")
Handler = Callable[[HttpRequest], HttpResponseBase]


def doors(get_response: Handler) -> Handler:
    """Asks the database nothing for a session in use; once an hour it writes that it is."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            if sessions.has_ended(request):
                return _ended(request)
            if not two_factor.is_satisfied(request) and not _is_open(request):
                return _code_needed(request)
        response = get_response(request)
        if getattr(request, "has_signed_in", False) and request.user.is_authenticated:
            devices.remember(request, response, request.user.get_username())
        return response

    return middleware


def _ended(request: HttpRequest) -> HttpResponse:
    user = request.user
    sessions.OpenSession.objects.filter(key=request.session.session_key).delete()
    logout(request)
    audit.record(user, "session.expired", user)
    if request.path.startswith("/api/"):
        return _refusal(401, "sign_in", _("Your session is over; sign in again."))
    return redirect(f"{reverse('login')}?{urlencode({'next': request.get_full_path()})}")


def _code_needed(request: HttpRequest) -> HttpResponse:
    """To the set-up page; a session from before the set-up elsewhere has to begin anew."""
    if request.path.startswith("/api/"):
        return _refusal(403, "two_factor", _("Set up two-factor sign-in first."))
    if two_factor.has_device(request.user):
        logout(request)
        return redirect("login")
    return redirect("accounts:two_factor")


def _is_open(request: HttpRequest) -> bool:
    return request.path in {reverse(name) for name in OPEN_WITHOUT_CODE}


def _refusal(status: int, code: str, message: str) -> JsonResponse:
    body = {"error": {"code": code, "message": message, "fields": {}}}
    return JsonResponse(body, status=status)
