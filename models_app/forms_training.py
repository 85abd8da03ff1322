"""The form that asks for a training run: every setting, in groups, with its default."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from models_app.models import Adapter, Checkpoint, Corpus, Subset, TrainingRun
from models_app.models.dataset import model_name_validator
from models_app.prompts import PROMPTS
from models_app.training.settings import BITS, SCHEDULES, TrainingSettings

LABELS = {
    "rank": _("Rank"),
    "alpha": _("Alpha"),
    "dropout": _("Dropout"),
    "target_modules": _("Layers"),
    "use_rslora": _("rsLoRA"),
    "use_dora": _("DoRA"),
    "bits": _("Bits of the base"),
    "epochs": _("Epochs"),
    "max_steps": _("Steps at most"),
    "batch_size": _("Examples at once"),
    "accumulation": _("Batches to a step"),
    "learning_rate": _("Learning rate"),
    "schedule": _("Schedule"),
    "warmup_ratio": _("Warm-up"),
    "weight_decay": _("Weight decay"),
    "max_grad_norm": _("Largest gradient norm"),
    "max_prompt_tokens": _("Tokens of a prompt"),
    "max_answer_tokens": _("Tokens of an answer"),
    "gradient_checkpointing": _("Save memory by gradient checkpointing"),
    "eval_steps": _("Steps between evaluations"),
    "eval_metric": _("Task metrics"),
    "n_eval_generated": _("Answers for them"),
    "choose_by": _("Keep the checkpoint with the best"),
    "patience": _("Stop after evaluations without a better one"),
    "seed": _("Seed"),
    "accelerate": _("DeepSpeed or FSDP"),
}
HELP = {
    "target_modules": _("all-linear, or names with commas"),
    "bits": _("4 and 8: QLoRA, with method LoRA only"),
    "max_steps": _("0: epochs decide"),
    "warmup_ratio": _("share of the steps, from 0 up to 1"),
    "eval_metric": _("chrf, bleu, ter, exact, rouge_l; none: loss and perplexity only"),
    "choose_by": _("eval_loss, eval_perplexity, eval_chrf and the like, or last"),
    "patience": _("0: never"),
    "accelerate": _("a configuration in JSON, passed on as it is"),
}
SHOWN = ("rank", "bits", "epochs", "batch_size", "learning_rate", "eval_steps", "seed")
GROUPS = (
    (_("More of the adapter"), ("alpha", "dropout", "target_modules", "use_rslora", "use_dora")),
    (
        _("More of the optimiser"),
        ("max_steps", "accumulation", "schedule", "warmup_ratio", "weight_decay", "max_grad_norm"),
    ),
    (
        _("Evaluation and the checkpoint that is kept"),
        ("eval_metric", "n_eval_generated", "choose_by", "patience"),
    ),
    (
        _("Length, memory, devices"),
        ("max_prompt_tokens", "max_answer_tokens", "gradient_checkpointing", "accelerate"),
    ),
)
WHAT = ("name", "checkpoint", "method", "start_adapter", "corpus", "subset", "prompt")


class TrainingForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        validators=[model_name_validator],
        help_text=_("of the adapter or checkpoint that is made"),
    )
    checkpoint = forms.ModelChoiceField(
        label=_("Checkpoint"), queryset=Checkpoint.objects.exclude(architecture="classifier")
    )
    method = forms.ChoiceField(label=_("Method"), choices=TrainingRun.Method.choices)
    start_adapter = forms.ModelChoiceField(
        label=_("Go on from an adapter"),
        required=False,
        queryset=Adapter.objects.all(),
        empty_label=_("none"),
    )
    corpus = forms.ModelChoiceField(label=_("Corpus"), queryset=Corpus.objects.all())
    subset = forms.ModelChoiceField(
        label=_("Subset"),
        required=False,
        queryset=Subset.objects.select_related("corpus"),
        empty_label=_("none: the whole training split"),
    )
    prompt = forms.ChoiceField(label=_("Prompt"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(name, f"{name}: {label}") for name, label in PROMPTS.choices()]
        self.fields["prompt"].choices = choices  # type: ignore[attr-defined]
        for field in fields(TrainingSettings):
            self.fields[field.name] = _field(field.name, field.default)

    def what(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in WHAT)

    def shown(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in SHOWN)

    def groups(self) -> Iterator[dict[str, Any]]:
        """The other settings; a group with an error is open."""
        for title, names in GROUPS:
            bound = [self[name] for name in names]
            yield {"title": title, "fields": bound, "open": any(f.errors for f in bound)}

    def clean_accelerate(self) -> dict[str, Any] | None:
        text = self.cleaned_data["accelerate"].strip()
        try:
            found = json.loads(text) if text else None
        except ValueError as problem:
            raise forms.ValidationError(_("Write a JSON object.")) from problem
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError(_("Write a JSON object."))
        return found

    def asked(self) -> dict[str, Any]:
        """As start_training takes it."""
        settings = {field.name: self.cleaned_data[field.name] for field in fields(TrainingSettings)}
        return {name: self.cleaned_data[name] for name in WHAT} | {"settings": settings}


def _field(name: str, default: Any) -> forms.Field:
    options = {"label": LABELS[name], "help_text": HELP.get(name, "")}
    if name == "bits":
        return forms.TypedChoiceField(
            choices=[(n, str(n)) for n in BITS], coerce=int, initial=default, **options
        )
    if name == "schedule":
        return forms.ChoiceField(choices=[(n, n) for n in SCHEDULES], initial=default, **options)
    if name == "accelerate":
        return forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}), **options)
    if isinstance(default, bool):
        return forms.BooleanField(required=False, initial=default, **options)
    if isinstance(default, int):
        return forms.IntegerField(initial=default, min_value=0, **options)
    if isinstance(default, float):
        return forms.FloatField(initial=default, min_value=0, **options)
    return forms.CharField(initial=default, required=bool(default), max_length=300, **options)
