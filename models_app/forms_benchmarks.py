"""Forms of the benchmark pages."""

from itertools import groupby
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from models_app.benchmarks.catalogue import tasks
from models_app.benchmarks.running import BACKEND, DEFAULTS, MOST
from models_app.models import BenchmarkRun, System
from models_app.places import check_open_to_pages


def _task_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    ordered = sorted(tasks().values(), key=lambda task: (task.family, task.label))
    return [
        (family, [(task.name, task.label) for task in group])
        for family, group in groupby(ordered, key=lambda task: task.family)
    ]


class BenchmarkForm(forms.Form):
    systems = forms.ModelMultipleChoiceField(
        label=_("Systems"),
        queryset=System.objects.filter(kind=System.Kind.MODEL, backend=BACKEND),
        help_text=_("choose an adapter together with its base, so that the two can be compared"),
    )
    tasks = forms.MultipleChoiceField(label=_("Tasks"), choices=_task_choices)
    source = forms.ChoiceField(label=_("Data"), choices=BenchmarkRun.Source.choices)
    file = forms.CharField(
        label=_("File"),
        required=False,
        max_length=500,
        help_text=_("JSON Lines on the worker's machine; only for data from a file"),
    )
    shots = forms.IntegerField(
        label=_("Examples in the prompt"), min_value=0, max_value=MOST["shots"],
        initial=DEFAULTS["shots"],
    )  # fmt: skip
    limit = forms.IntegerField(
        label=_("Items at most"), min_value=0, max_value=MOST["limit"],
        initial=DEFAULTS["limit"], help_text=_("0: all of them"),
    )  # fmt: skip
    seed = forms.IntegerField(
        label=_("Seed"), min_value=0, max_value=MOST["seed"], initial=DEFAULTS["seed"]
    )
    batch_size = forms.IntegerField(
        label=_("Batch size"), min_value=1, max_value=MOST["batch_size"],
        initial=DEFAULTS["batch_size"],
    )  # fmt: skip
    chat = forms.BooleanField(label=_("Use the model's chat template"), required=False)

    def settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DEFAULTS}

    def clean_file(self) -> str:
        if found := self.cleaned_data["file"]:
            try:
                check_open_to_pages(Path(found), settings.STUDY_FOLDERS, "NIKASH_STUDY_FOLDERS")
            except BadInput as problem:
                raise ValidationError(problem.message) from problem
        return str(found)
