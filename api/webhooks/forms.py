"""The form with which somebody names an address to be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign
from api.webhooks.models import TOLD
from api.webhooks.sending import check_url
from common.errors import BadInput


class WebhookForm(forms.Form):
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), help_text=_("whose events it is told")
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("https, on the open internet; it answers with 2xx when it has taken the event"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=[(event.value, event.label) for event in TOLD],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["campaign"]
        field.queryset = Campaign.objects.manageable_by(user).order_by("name")
        if user.is_staff:
            field.required = False
            field.empty_label = _("the whole site")

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        try:
            check_url(url)
        except BadInput as problem:
            raise forms.ValidationError(problem.message) from problem
        return url
