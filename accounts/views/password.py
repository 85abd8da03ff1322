"""Changing one's own password; every other session of the person ends with it."""

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit, sessions
from accounts.proof import check_person
from common.errors import NikashError


class ThrottledPasswordForm(PasswordChangeForm):
    """Guessing the old password counts as a failed sign-in does."""

    def clean_old_password(self) -> str:
        given: str = self.cleaned_data["old_password"]
        try:
            check_person(self.request, given)
        except NikashError as problem:
            raise ValidationError(problem.message) from None
        return given


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class ChangePassword(PasswordChangeView):
    form_class = ThrottledPasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:account")

    def get_form(self, form_class: type | None = None) -> PasswordChangeForm:
        form = super().get_form(form_class)
        form.request = self.request
        return form

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        begun = self.request.session.get(sessions.BEGUN)
        response = super().form_valid(form)
        sessions.end_all(self.request.user)
        sessions.remember(self.request)
        self.request.session[sessions.BEGUN] = begun
        audit.record(self.request.user, "password.change", self.request.user)
        messages.success(self.request, _("Your password is changed; other sessions are over."))
        return response

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)
