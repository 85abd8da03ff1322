"""Datasets: what there is, what is in them, and loading more."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.access import admin_required, site_reader_required
from common.tables import Table
from models_app.dataset_counts import counts_of
from models_app.loading.common import Loaded, dataset_named
from models_app.loading.dataset import load_dataset
from models_app.loading.outputs import load_outputs
from models_app.models import Dataset
from models_app.models.dataset import language_validator, model_name_validator, name_validator
from models_app.views.upload import UploadForm, UploadView, silent

SEGMENTS_A_PAGE = 25


@site_reader_required
def dataset_list(request: HttpRequest) -> HttpResponse:
    datasets = Dataset.objects.with_counts().order_by("name")
    page = Paginator(datasets, 50).get_page(request.GET.get("page"))
    return render(request, "models_app/dataset_list.html", {"page": page})


@site_reader_required
def dataset_detail(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    segments = dataset.segments.all()
    if domain := request.GET.get("domain"):
        segments = segments.filter(domain=domain)
    counts = counts_of(dataset)
    paginator = Paginator(segments, SEGMENTS_A_PAGE)
    paginator.count = dict(counts.domains).get(domain, 0) if domain else counts.n_segments
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = page.object_list.prefetch_related("outputs__system")
    context = {
        "dataset": dataset,
        "page": page,
        "systems": [dict(zip(("pk", "name", "n"), row, strict=True)) for row in counts.systems],
        "domains": [{"domain": name, "n": n} for name, n in counts.domains],
    }
    return render(request, "models_app/dataset_detail.html", context)


class DatasetForm(UploadForm):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[name_validator])
    source_lang = forms.CharField(
        label=_("Source language"), validators=[language_validator], help_text=_("say en")
    )
    target_lang = forms.CharField(
        label=_("Language of the outputs"),
        validators=[language_validator],
        help_text=_("say mr; the same as the source for questions"),
    )
    licence = forms.CharField(label=_("Licence"), max_length=100, required=False)
    origin = forms.CharField(label=_("Origin"), max_length=300, required=False)
    field_order = ["file", "name", "source_lang", "target_lang", "licence", "origin", "columns"]


@method_decorator(admin_required, name="dispatch")
class DatasetUpload(UploadView):
    kind = "dataset"
    page_name = "models_app:dataset_upload"
    title = _("Load a dataset")
    lead = _(
        "One row a segment: key and source; reference, document, domain and context where known."
    )
    form_class = DatasetForm

    def load(
        self,
        table: Table,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        names = ("name", "source_lang", "target_lang", "licence", "origin")
        fields = {name: options[name] for name in names}
        return load_dataset(table, dry_run=dry_run, progress=progress, **fields)

    def target(self, options: dict[str, Any]) -> str:
        dataset = get_object_or_404(Dataset, name=options["name"])
        return reverse("models_app:dataset_detail", args=[dataset.pk])


class OutputsForm(UploadForm):
    dataset = forms.ModelChoiceField(
        label=_("Dataset"), queryset=Dataset.objects.all(), to_field_name="name"
    )
    system = forms.CharField(
        label=_("System"),
        max_length=100,
        required=False,
        validators=[model_name_validator],
        help_text=_("who made every row, where the file has no column `system`"),
    )
    field_order = ["file", "dataset", "system", "columns"]

    def options(self) -> dict[str, Any]:
        return {**super().options(), "dataset": self.cleaned_data["dataset"].name}


@method_decorator(admin_required, name="dispatch")
class OutputsUpload(UploadView):
    kind = "outputs"
    page_name = "models_app:outputs_upload"
    title = _("Load outputs")
    lead = _("Outputs made elsewhere, one row each: system, key (of the segment) and output.")
    form_class = OutputsForm

    def load(
        self,
        table: Table,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        return load_outputs(
            table,
            dataset=dataset_named(options["dataset"]),
            system=options["system"] or None,
            dry_run=dry_run,
            progress=progress,
        )

    def target(self, options: dict[str, Any]) -> str:
        dataset = get_object_or_404(Dataset, name=options["dataset"])
        return reverse("models_app:dataset_detail", args=[dataset.pk])
