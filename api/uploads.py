"""Files of rows, loaded as the upload pages load them, in one request: checked, then stored."""

from typing import Any, BinaryIO

from django import forms
from rest_framework import serializers
from rest_framework.request import Request

from api.bodies import FormBody
from models_app import uploads
from models_app.loading.common import Loaded
from models_app.views.upload import UploadForm, UploadView


class LoadedSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField(help_text="Whether nothing was stored.")
    n_rows = serializers.IntegerField(help_text="Rows read.")
    n_new = serializers.IntegerField(help_text="Rows that were new.")
    n_unchanged = serializers.IntegerField(help_text="Rows that were there already.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know.")


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


def load_file(request: Request, view: UploadView, form: UploadForm) -> dict[str, Any]:
    """What the page does with a confirmed file. Raises BadInput or BadTable, and stores nothing."""
    file = form.cleaned_data["file"]
    dry_run = form.cleaned_data.pop("dry_run")
    options = form.options()
    name = uploads.keep(file, view.other_endings)
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
