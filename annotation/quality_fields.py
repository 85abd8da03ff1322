"""The part of the campaign's form on guesses at the tuned model and on comparing notes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from models_app.models import System
from models_app.models.system import CARRIER


def quality_fields() -> dict[str, forms.Field]:
    untuned = System.objects.filter(outputs__isnull=False, adapter__isnull=True)
    return {
        "ask_guess": forms.BooleanField(
            label=_("Ask which output annotators take for the tuned model's"),
            required=False,
            help_text=_("after each answer, not required; the report says whether blinding held"),
        ),
        "tuned": forms.ModelMultipleChoiceField(
            label=_("Tuned systems"),
            queryset=untuned.exclude(note=CARRIER).distinct(),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_("for these guesses; a system with an adapter counts as tuned anyway"),
        ),
        "norming": forms.BooleanField(
            label=_("Let annotators compare notes on items while the campaign is open"),
            required=False,
            help_text=_("on items that they have answered; from then on that answer stays"),
        ),
    }


def add_quality(options: dict[str, Any], cleaned: Mapping[str, Any]) -> None:
    """Write what was chosen into a campaign's options, beside what stands there."""
    chosen: dict[str, Any] = {name: True for name in ("ask_guess", "norming") if cleaned.get(name)}
    if cleaned.get("ask_guess") and cleaned.get("tuned"):
        chosen["tuned"] = sorted(system.name for system in cleaned["tuned"])
    if chosen:
        options["quality"] = {**options.get("quality", {}), **chosen}
