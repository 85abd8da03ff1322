"""The form with which a person makes a token."""

from django import forms
from django.utils.translation import gettext_lazy as _

from api.models import Token
from api.tokens import MOST_DAYS
from models_app.models.dataset import name_validator


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        validators=[name_validator],
        help_text=_("to know it by, say the program or the machine"),
    )
    scope = forms.ChoiceField(label=_("It may"), choices=Token.Scope.choices)
    days = forms.IntegerField(
        label=_("Days for which it works"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
        help_text=_("empty: until you revoke it"),
    )
