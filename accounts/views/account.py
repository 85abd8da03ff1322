"""One's own account: mail address, two-factor, open sessions."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, sessions, two_factor
from accounts.forms import EmailForm
from accounts.models_signing_in import OpenSession


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request, EmailForm(request, initial={"email": request.user.email}))


@never_cache
@sensitive_post_parameters()
@require_POST
def email(request: HttpRequest) -> HttpResponse:
    form = EmailForm(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    request.user.email = form.cleaned_data["email"]
    request.user.save(update_fields=["email"])
    audit.record(request.user, "account.email", request.user)
    messages.success(request, _("Your mail address is kept."))
    return redirect("accounts:account")


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's sessions; the one in use is signed out as the button above does."""
    found = get_object_or_404(OpenSession, pk=pk, user=request.user)
    if found.key != request.session.session_key:
        sessions.end(found)
        messages.success(request, _("That session is over."))
    return redirect("accounts:account")


@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    n = sessions.end_all(request.user, but=request.session.session_key)
    text = ngettext("%(n)d other session is over.", "%(n)d other sessions are over.", n)
    messages.success(request, text % {"n": n})
    return redirect("accounts:account")


def _page(request: HttpRequest, form: EmailForm, status: int = 200) -> HttpResponse:
    open_sessions: list[Any] = sessions.sessions_of(request.user)
    for one in open_sessions:
        one.is_this = one.key == request.session.session_key
    context = {
        "form": form,
        "sessions": open_sessions,
        "has_two_factor": two_factor.has_device(request.user),
        "n_codes": two_factor.n_codes_left(request.user),
        "has_mail": settings.HAS_MAIL,
    }
    return render(request, "accounts/account.html", context, status=status)
