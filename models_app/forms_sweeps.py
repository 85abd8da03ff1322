"""Forms of sweeps: a description as JSON, and the reason for dropping a trial."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

EXAMPLE = """{
  "checkpoint": "NAME", "corpus": "NAME", "prompt": "alpaca",
  "factors": {"rank": [4, 8, 16], "bits": [16, 32]},
  "seeds": 3
}"""


class SweepForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=90)
    description = forms.JSONField(
        label=_("Description"),
        initial={},
        help_text=_(
            "A JSON object: what all trials have in common, the factors with their levels, seeds, "
            "objective and budget."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].prepare_value = lambda value: (
            value if isinstance(value, str) else EXAMPLE
        )


class DropForm(forms.Form):
    trial = forms.IntegerField(label=_("Trial"), min_value=1)
    reason = forms.CharField(label=_("Reason"), max_length=300)
