"""Setting two-factor up, new recovery codes, and taking it away again."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, sessions
from accounts import two_factor as codes
from accounts.access import is_admin
from accounts.forms import FirstCodeForm, PersonForm
from common.errors import BadInput

KEY = "two_factor_key"  # in the session, between the picture and the first right code


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def two_factor(request: HttpRequest) -> HttpResponse:
    """Password, picture, first code, recovery codes: each step shows the next."""
    if codes.has_device(request.user):
        return _overview(request)
    if request.method == "POST" and "code" in request.POST and KEY in request.session:
        return _first_code(request)
    form = PersonForm(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        request.session[KEY] = codes.new_key()
        return _picture(request, FirstCodeForm())
    return _overview(request, form, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters()
@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request, request.POST, prefix="codes")
    if not codes.has_device(request.user):
        return redirect("accounts:two_factor")
    if not form.is_valid():
        return _overview(request, form, status=422)
    audit.record(request.user, "two_factor.codes", request.user)
    return _show(request, codes.new_codes(request.user))


@never_cache
@sensitive_post_parameters()
@require_POST
def off(request: HttpRequest) -> HttpResponse:
    """Away with it; an admin who must have it is led to set it up anew."""
    form = PersonForm(request, request.POST, prefix="off")
    if not form.is_valid():
        return _overview(request, form, status=422)
    if codes.take_away(request.user):
        audit.record(request.user, "two_factor.off", request.user)
        sessions.end_all(request.user, but=request.session.session_key)
    request.session.pop(codes.VERIFIED, None)
    messages.success(request, _("Two-factor sign-in is off."))
    return redirect("accounts:two_factor")


def _first_code(request: HttpRequest) -> HttpResponse:
    form = FirstCodeForm(request.POST)
    if not form.is_valid():
        return _picture(request, form, status=422)
    try:
        recovery = codes.set_up(request.user, request.session[KEY], form.cleaned_data["code"])
    except BadInput as problem:
        form.add_error("code", problem.message)
        return _picture(request, form, status=422)
    del request.session[KEY]
    sessions.end_all(request.user, but=request.session.session_key)
    request.session[codes.VERIFIED] = True
    audit.record(request.user, "two_factor.on", request.user)
    return _show(request, recovery)


def _overview(
    request: HttpRequest, form: PersonForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "is_on": codes.has_device(request.user),
        "n_codes": codes.n_codes_left(request.user),
        "start": form if form and not form.prefix else PersonForm(request),
        "renew": form if form and form.prefix == "codes" else PersonForm(request, prefix="codes"),
        "stop": form if form and form.prefix == "off" else PersonForm(request, prefix="off"),
        "is_needed": settings.ADMIN_TWO_FACTOR and is_admin(request.user),
    }
    return render(request, "accounts/two_factor.html", context, status=status)


def _picture(request: HttpRequest, form: FirstCodeForm, status: int = 200) -> HttpResponse:
    key = request.session[KEY]
    context = {
        "form": form,
        "picture": codes.picture(request.user, key),
        "key": codes.readable(key),
    }
    return render(request, "accounts/two_factor_picture.html", context, status=status)


def _show(request: HttpRequest, recovery: list[str]) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"codes": recovery})
