"""Forms of the doors: signing in, a code, one's own account."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import devices, throttle
from accounts.address import address_of
from accounts.proof import check_person
from accounts.signing_in import refuse
from common.errors import BadInput


class SignInForm(AuthenticationForm):
    """User name and password; `too_many` is set where the try was refused for its number."""

    too_many: throttle.TooMany | None = None

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if name is None or not password:
            return self.cleaned_data
        try:
            device = devices.mark_of(self.request, name)
            attempt = throttle.begin(name, address_of(self.request), device)
        except throttle.TooMany as problem:
            self.too_many = problem
            raise ValidationError(problem.message, code="too_many") from None
        self.user_cache = authenticate(self.request, username=name, password=password)
        if self.user_cache is None:
            refuse(self.request, name, "password")
            raise self.get_invalid_login_error()
        throttle.succeed(attempt)
        return self.cleaned_data


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("six digits from the app on your phone, or one of your recovery codes"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class FirstCodeForm(CodeForm):
    """The app's code that proves it has the key; there are no recovery codes yet."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("six digits"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class PersonForm(forms.Form):
    """Asks for the present password; who signs in elsewhere must have done so just now."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if request.user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label=_("Your password"),
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                check_person(self.request, cleaned.get("password"))
            except (BadInput, throttle.TooMany) as problem:
                field = "password" if "password" in self.fields else None
                self.add_error(field, problem.message)
        return cleaned


class EmailForm(PersonForm):
    email = forms.EmailField(
        label=_("Mail address"),
        required=False,
        help_text=_("only for a new password when you forget yours; nobody else sees it"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ResetForm(forms.Form):
    email = forms.EmailField(
        label=_("Mail address"),
        help_text=_("the one you gave on your account's page"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
