"""The form that starts a judge."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign
from models_app.models import System


class JudgeForm(forms.Form):
    judge = forms.ModelChoiceField(
        label=_("Judge"), queryset=System.objects.filter(kind=System.Kind.MODEL)
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"),
        queryset=Campaign.objects.none(),
        help_text=_("its people are who the judge is compared with"),
    )
    system_a = forms.ModelChoiceField(label=_("System"), queryset=System.objects.all())
    system_b = forms.ModelChoiceField(label=_("Other system"), queryset=System.objects.all())

    def __init__(self, *args: Any, campaigns: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["campaign"].queryset = campaigns
