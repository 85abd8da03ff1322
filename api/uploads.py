"""Files of rows, loaded as the upload pages load them: in the request, big ones by a worker."""

from typing import Any, BinaryIO

from django import forms
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import FormBody
from api.jobs import AnyJobSerializer
from models_app import uploads
from models_app.loading.common import Loaded
from models_app.models import Upload
from models_app.upload_jobs import start_upload
from models_app.views.upload import UploadForm, UploadView

COUNTED = ("n_rows", "n_new", "n_unchanged", "notes")


class LoadedSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField(help_text="Whether nothing was stored.")
    n_rows = serializers.IntegerField(help_text="Rows read.")
    n_new = serializers.IntegerField(help_text="Rows that were new.")
    n_unchanged = serializers.IntegerField(help_text="Rows that were there already.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know.")


class ProblemSerializer(serializers.Serializer):
    row = serializers.IntegerField(allow_null=True, help_text="Line of the file; the first is 1.")
    column = serializers.CharField(allow_blank=True, help_text="Empty where it is no column's.")
    reason = serializers.CharField(help_text="What is wrong, and what to write instead.")


class UploadSerializer(AnyJobSerializer):
    """A big file on its way in."""

    dry_run = serializers.SerializerMethodField(help_text="Whether it is only checked.")
    loaded = serializers.SerializerMethodField(help_text="What came of it; null before the end.")
    problems = serializers.SerializerMethodField(help_text="The first that are wrong.")
    n_problems = serializers.IntegerField(help_text="How many things are wrong.")

    def get_dry_run(self, upload: Upload) -> bool:
        return upload.step == Upload.Step.CHECK

    @extend_schema_field(LoadedSerializer(allow_null=True))
    def get_loaded(self, upload: Upload) -> dict[str, Any] | None:
        if not (upload.stored or upload.waits):
            return None
        return {"dry_run": self.get_dry_run(upload)} | {n: upload.loaded[n] for n in COUNTED}

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, upload: Upload) -> list[dict[str, Any]]:
        return [dict(zip(("row", "column", "reason"), one, strict=True)) for one in upload.problems]


def upload_body(form_class: type[UploadForm], name: str, **options: Any) -> FormBody:
    """The page's form and `dry_run`, as multipart/form-data."""

    def make(request: Any, data: Any, files: Any) -> UploadForm:
        form = form_class(data, files)
        form.fields["dry_run"] = _dry_run()
        return form

    return FormBody(make, name, has_files=True, **options)


def _dry_run() -> forms.BooleanField:
    return forms.BooleanField(
        required=False, label="Check only", help_text="true: say what would be stored"
    )


def load_file(request: Request, view: UploadView, form: UploadForm) -> dict[str, Any] | Response:
    """What the page does with a confirmed file; of a big one, the job that does it.

    Raises BadInput or BadTable, and stores nothing.
    """
    file = form.cleaned_data["file"]
    dry_run = form.cleaned_data.pop("dry_run")
    options = form.options() | view.given()
    name = uploads.keep(file, view.other_endings)
    if uploads.is_big(file):
        job = start_upload(
            user=request.user, kind=view.kind, file=file, name=name, options=options,
            confirmed=not dry_run,
        )  # fmt: skip
        where = request.build_absolute_uri(reverse("api:read_job", args=["upload", job.pk]))
        return Response(AnyJobSerializer(job).data, status=202, headers={"Location": where})
    try:
        loaded = _read(view, name, file.name, options, dry_run)
    finally:
        uploads.forget(name)
    return {
        "dry_run": dry_run,
        "n_rows": loaded.n_rows,
        "n_new": loaded.n_new,
        "n_unchanged": loaded.n_unchanged,
        "notes": [str(note) for note in loaded.notes],
    }


def _read(
    view: UploadView, name: str, shown_as: str, options: dict[str, Any], dry_run: bool
) -> Loaded:
    file: BinaryIO
    with (uploads.folder() / name).open("rb") as file:
        source = view.open(file, shown_as, options)
        return view.load(source, options, dry_run=dry_run)
