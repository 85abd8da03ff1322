"""Forms for checkpoints, adapters, systems and runs; the services look and store."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from common.text import text_hash
from models_app.backends import BACKENDS
from models_app.models import Adapter, Checkpoint, Dataset, PromptTemplate, System
from models_app.models.dataset import model_name_validator
from models_app.places import check_location
from models_app.prompting import registered_template
from models_app.prompts import PROMPTS

PLACE = _("a folder on this machine, or a hub id such as owner/name")
REVISION = _("for a hub id: the commit to pin; empty for a folder")


class PlaceField(forms.CharField):
    """Where weights are: a hub id, or a folder that pages may read from."""

    def __init__(self) -> None:
        super().__init__(label=_("Place"), max_length=500, help_text=PLACE)

    def clean(self, value: Any) -> str:
        found: str = super().clean(value)
        try:
            check_location(found)
        except BadInput as problem:
            raise ValidationError(problem.message) from problem
        return found


class CheckpointForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[model_name_validator])
    location = PlaceField()
    revision = forms.CharField(
        label=_("Revision"), max_length=64, required=False, help_text=REVISION
    )
    architecture = forms.ChoiceField(label=_("Kind"), choices=Checkpoint.Architecture.choices)
    licence = forms.CharField(label=_("Licence"), max_length=100, required=False)


class AdapterForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[model_name_validator])
    checkpoint = forms.ModelChoiceField(
        label=_("Trained on"), queryset=Checkpoint.objects.exclude(architecture="classifier")
    )
    location = PlaceField()
    revision = forms.CharField(
        label=_("Revision"), max_length=64, required=False, help_text=REVISION
    )
    licence = forms.CharField(label=_("Licence"), max_length=100, required=False)


class SystemForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[model_name_validator])
    backend = forms.ChoiceField(label=_("Backend"))
    checkpoint = forms.ModelChoiceField(
        label=_("Checkpoint"),
        required=False,
        queryset=Checkpoint.objects.exclude(architecture="classifier"),
    )
    adapter = forms.ModelChoiceField(
        label=_("Adapter"),
        required=False,
        queryset=Adapter.objects.select_related("checkpoint"),
        empty_label=_("none: the base model itself"),
    )
    prompt_format = forms.ChoiceField(
        label=_("Registered prompt"),
        required=False,
        help_text=_("as a model was trained; a segment's context is the input"),
    )
    prompt = forms.CharField(
        label=_("Prompt"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("{source}, {context} and {domain} are filled in; empty: the source alone"),
    )
    decoding = forms.CharField(
        label=_("Decoding"),
        required=False,
        initial='{"max_new_tokens": 128}',
        help_text=_("a JSON object: max_new_tokens, temperature, do_sample, seed and the like"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["backend"].choices = BACKENDS.choices()
        self.fields["backend"].initial = "huggingface"
        none = ("", _("none: the prompt below"))
        self.fields["prompt_format"].choices = [none, *PROMPTS.choices()]

    def clean_prompt(self) -> str:
        """Browsers end the lines of a text area with a carriage return too; prompts have none."""
        return self.cleaned_data["prompt"].replace("\r\n", "\n")

    def clean_decoding(self) -> dict[str, Any]:
        try:
            decoding = json.loads(self.cleaned_data["decoding"] or "{}")
            json.dumps(decoding, allow_nan=False)  # no database holds NaN or infinity
        except (ValueError, RecursionError) as problem:
            raise ValidationError(
                _('Not JSON (%(problem)s); write {} or settings such as {"seed": 1}.'),
                params={"problem": str(problem)},
            ) from problem
        if not isinstance(decoding, dict):
            raise ValidationError(_("Write a JSON object, with braces."))
        return decoding

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("prompt_format") and found.get("prompt", "").strip():
            self.add_error("prompt", _("Choose a registered prompt or write one, not both."))
        return found

    def template(self) -> PromptTemplate | None:
        """The prompt as a template row, shared by systems with the same text."""
        if registered := self.cleaned_data["prompt_format"]:
            return registered_template(registered)
        text = self.cleaned_data["prompt"]
        if not text.strip():
            return None
        if found := PromptTemplate.objects.filter(text=text, registered="").first():
            return found
        name = f"prompt of {self.cleaned_data['name']}"[:80]
        if PromptTemplate.objects.filter(name=name).exists():
            name += f" {text_hash(text)[:12]}"
        return PromptTemplate.objects.create(name=name, text=text)


class RunForm(forms.Form):
    dataset = forms.ModelChoiceField(label=_("Dataset"), queryset=Dataset.objects.all())
    systems = forms.ModelMultipleChoiceField(
        label=_("Systems"),
        queryset=System.objects.filter(kind="model"),
        widget=forms.CheckboxSelectMultiple,
    )
