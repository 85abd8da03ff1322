"""Ratings collected elsewhere: check, preview, confirm, in any format."""

from collections.abc import Callable
from typing import Any, BinaryIO

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import admin_required
from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.models import Campaign
from annotation.protocols import PROTOCOLS
from models_app.loading.common import Loaded, dataset_named
from models_app.models import Dataset
from models_app.models.dataset import name_validator
from models_app.views.upload import UploadForm, UploadView, silent


class RatingsForm(UploadForm):
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Dataset"),
        queryset=Dataset.objects.all(),
        to_field_name="name",
        required=False,
        help_text=gettext_lazy("a file of Nikash brings its own"),
    )
    campaign = forms.CharField(
        label=gettext_lazy("Campaign"),
        max_length=100,
        validators=[name_validator],
        help_text=gettext_lazy("made if it does not exist"),
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"))
    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), required=False)
    field_order = ["file", "dataset", "campaign", "format", "protocol", "columns"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "CSV, TSV or JSON Lines in UTF-8, plain or .gz; JSON or .zip where the format is one"
        )
        self.fields["format"].choices = FORMATS.choices()
        self.fields["protocol"].choices = [("", _("as the format says")), *PROTOCOLS.choices()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = cleaned.get("format")
        if name and FORMATS.get(name).needs_dataset and not cleaned.get("dataset"):
            self.add_error("dataset", _("Choose the dataset that was judged."))
        return cleaned

    def options(self) -> dict[str, Any]:
        dataset = self.cleaned_data["dataset"]
        return {**super().options(), "dataset": dataset.name if dataset else None}


@method_decorator(admin_required, name="dispatch")
class RatingsUpload(UploadView):
    kind = "ratings"
    page_name = "annotation:ratings_upload"
    title = gettext_lazy("Load ratings")
    lead = gettext_lazy(
        "Ratings collected elsewhere: a table of scores, or the files of another tool."
    )
    form_class = RatingsForm
    other_endings = ("json", "zip")

    def open(self, file: BinaryIO, name: str, options: dict[str, Any]) -> Any:
        return FORMATS.get(options["format"]).open(file, name, options.get("columns") or {})

    def load(
        self,
        table: Any,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        return load_ratings(
            table,
            dataset=dataset_named(options["dataset"]) if options["dataset"] else None,
            campaign=options["campaign"],
            format_name=options["format"],
            protocol=options["protocol"] or None,
            dry_run=dry_run,
            progress=progress,
        )

    def target(self, options: dict[str, Any]) -> str:
        campaign = get_object_or_404(Campaign, name=options["campaign"])
        return reverse("annotation:campaign_detail", args=[campaign.pk])
