"""The small door behind an invitation: a new account, or signing in to one's own."""

from typing import Any

from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.translation import gettext_lazy as _

from accounts.forms import SignInForm
from models_app.models.dataset import name_validator


class NewPersonForm(UserCreationForm):
    """A user name and a password of one's own choice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.validators.append(name_validator)
        name.help_text = _(
            "Letters, digits and @ . + - _ only; researchers see it, reports do not."
        )
        name.widget.attrs.pop("autofocus", None)
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())
        self.fields["password2"].help_text = ""


class KnownPersonForm(SignInForm):
    """Signing in on the same page; a prefix keeps its fields apart."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="known", **kwargs)
        self.fields["username"].widget.attrs.pop("autofocus", None)
