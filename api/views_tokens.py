"""One's own tokens: the list, making one, revoking one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.two_factor import is_satisfied
from api.errors import request_id_of
from api.forms import TokenForm
from api.models import Token
from api.tokens import MOST_TOKENS, make_token, revoke_token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and a form; a new token is shown once, on this answer only."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if request.method == "POST" and not is_satisfied(request):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid():
        if Token.objects.live().filter(user=request.user).count() >= MOST_TOKENS:
            form.add_error(None, _("You have many tokens; revoke those that you do not use."))
        else:
            secret = make_token(
                user=request.user, request_id=request_id_of(request), **form.cleaned_data
            )[1]
            form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": Token.objects.filter(user=request.user)[:200],
    }
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person's token is simply not found."""
    found = get_object_or_404(Token, user=request.user, pk=pk)
    revoke_token(found, by=request.user, request_id=request_id_of(request))
    messages.success(request, _("%(name)s opens nothing any more.") % {"name": found})
    return redirect("tokens:tokens")
