"""Signing in with another site's account, where NIKASH_OIDC_ISSUER names one."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import audit
from accounts.signing_in import enter, safe_address

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    if settings.OIDC is None:
        raise Http404
    from accounts import oidc

    try:
        return redirect(oidc.way_out(request, safe_address(request, request.GET.get("next", ""))))
    except oidc.ProviderTrouble as problem:
        return _trouble(request, problem)


@login_not_required
@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the person back to; a state that this session never had is void."""
    if settings.OIDC is None:
        raise Http404
    from accounts import oidc

    kept = oidc.kept_for(request)
    if kept is None or "code" not in request.GET:
        return _refused(request, _("The sign-in was not finished; start again."))
    try:
        claims = oidc.Backend().claims(request, kept["nonce"], kept["code_verifier"])
        user = oidc.account_of(claims)
    except oidc.ProviderTrouble as problem:
        return _trouble(request, problem)
    if user is None:
        audit.record(None, "signin.failed", None, why="provider, closed account")
        return _refused(request, _("This account is closed. Ask an admin."))
    return enter(request, user, kept["onward"], way="provider")


def _trouble(request: HttpRequest, problem: Exception) -> HttpResponse:
    """Answers of the provider may hold tokens: the log gets the kind of the problem only."""
    logger.warning("sign-in with the OpenID provider failed: %s", type(problem).__name__)
    audit.record(None, "signin.failed", None, why="provider")
    return _refused(request, _("The other site did not confirm who you are. Try again later."))


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    messages.error(request, text)
    return redirect("login")
