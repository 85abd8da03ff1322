"""The form with which a researcher makes an invitation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.invitations import LONGEST_NOTE, MOST_DAYS, MOST_USES


class InvitationForm(forms.Form):
    note = forms.CharField(
        label=_("Whom it is for"),
        max_length=LONGEST_NOTE,
        required=False,
        help_text=_("for your own list; the invited do not see it"),
    )
    most_uses = forms.IntegerField(
        label=_("How many people may use it"),
        min_value=1,
        max_value=MOST_USES,
        initial=1,
    )
    days = forms.IntegerField(
        label=_("Days for which it works"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=14,
    )
