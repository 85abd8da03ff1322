"""Signing in: name and password, then the code where one was set up."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import two_factor
from accounts.address import address_of
from accounts.forms import CodeForm, SignInForm
from accounts.signing_in import enter, enter_with_code, refuse, waiting
from accounts.throttle import TooMany


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SignIn(LoginView):
    form_class = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: SignInForm) -> HttpResponse:
        return enter(self.request, form.get_user(), self.get_success_url())

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.too_many:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.too_many.seconds)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, provider=settings.OIDC)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step; who waited too long starts again."""
    if request.user.is_authenticated:
        return redirect("home")
    found = waiting(request)
    if found is None:
        return redirect("login")
    user, onward = found
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if two_factor.check(user, form.cleaned_data["code"], address_of(request)):
                enter_with_code(request, user)
                _warn_of_last_codes(request, user)
                return redirect(onward)
            refuse(request, user.get_username(), "code")
            form.add_error("code", _("This code is not right, or was used before."))
        except TooMany as problem:
            form.add_error(None, problem.message)
            status = 429
    if form.errors and status == 200:
        status = 422
    return render(request, "accounts/code.html", {"form": form}, status=status)


def _warn_of_last_codes(request: HttpRequest, user: Any) -> None:
    if (left := two_factor.n_codes_left(user)) < 3:
        text = _("You have %(n)d recovery codes left; make new ones on your account's page.")
        messages.warning(request, text % {"n": left})
