"""What is asked before somebody is erased."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

ACCOUNT, ANSWERS = "account", "answers"


class EraseMeForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What should go"),
        choices=[
            (ACCOUNT, _("my account and profile, now; my answers stay, and nobody can tell whose")),
            (ANSWERS, _("my answers too: an admin does it, as studies may already count them")),
        ],
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password; nothing was erased."))
        return password


class ErasePersonForm(forms.Form):
    what = forms.ChoiceField(
        label=_("What should go"),
        choices=[
            (ACCOUNT, _("the account and profile; the answers stay under a code that is nobody's")),
            (ANSWERS, _("the answers, notes and guesses too; packages made of them go as well")),
        ],
        widget=forms.RadioSelect,
    )
    username = forms.CharField(
        label=_("Type the user name again"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_username(self) -> str:
        typed = self.cleaned_data["username"]
        if typed != self.person.get_username():
            raise forms.ValidationError(
                _("Type the user name as it stands above; nothing was erased.")
            )
        return typed
