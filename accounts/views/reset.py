"""A forgotten password: a link by mail, or one that an admin makes and hands over."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, sessions, throttle
from accounts.access import admin_required
from accounts.address import address_of, site_of
from accounts.forms import ResetForm
from accounts.resetting import reset_link
from accounts.tasks import send_reset_links
from common import bell


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Answers alike whether or not anybody has this mail address."""
    form = ResetForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and settings.HAS_MAIL and form.is_valid():
        address = form.cleaned_data["email"]
        try:
            throttle.begin(f"reset {address}", address_of(request))
            language = get_language() or "en"
            if bell.ring(send_reset_links, address, site_of(request), language):
                return redirect("accounts:reset_sent")
            form.add_error(None, _("No mail can be sent just now; try again in a minute."))
            status = 503
        except throttle.TooMany as problem:
            form.add_error(None, problem.message)
            status = 429
    if form.errors and status == 200:
        status = 422
    context = {"form": form, "has_mail": settings.HAS_MAIL}
    return render(request, "accounts/reset.html", context, status=status)


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return render(request, "accounts/reset_sent.html", {"hours": hours})


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class NewPassword(PasswordResetConfirmView):
    """Django moves the token from the address into the session before anything is shown."""

    template_name = "accounts/reset_confirm.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response = super().form_valid(form)
        sessions.end_all(self.user)
        audit.record(self.user, "password.reset", self.user)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return response

    def form_invalid(self, form: SetPasswordForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@never_cache
@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def link_for(request: HttpRequest, pk: int) -> HttpResponse:
    """A link for somebody else, shown once."""
    person = get_object_or_404(get_user_model(), pk=pk, is_active=True)
    context = {"person": person, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
    if request.method == "POST":
        context["link"] = reset_link(person, site_of(request))
        audit.record(request.user, "password.link", person)
    return render(request, "accounts/reset_link.html", context)
