"""One upload page for every kind of file: check, preview, confirm; big files as jobs."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from accounts.access import is_admin
from common.errors import BadInput, NikashError
from common.tables import BadTable, Table
from models_app import upload_kinds, uploads
from models_app.loading.common import Loaded
from models_app.models import Upload
from models_app.upload_jobs import open_uploads_of, start_upload
from models_app.upload_work import SHOWN_PROBLEMS


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, TSV or JSON Lines in UTF-8, plain or .gz"),
    )
    columns = forms.CharField(
        label=gettext_lazy("Column names"),
        required=False,
        help_text=gettext_lazy("only where they differ, say: key=seg_id output=text"),
    )
    field_order: ClassVar[list[str]] = ["file"]

    def clean_columns(self) -> dict[str, str]:
        columns = {}
        for pair in self.cleaned_data["columns"].replace(",", " ").split():
            field, equals, column = pair.partition("=")
            if not (field and equals and column):
                raise forms.ValidationError(
                    _("%(pair)s cannot be read; write field=column"), params={"pair": pair}
                )
            columns[field] = column
        return columns

    def options(self) -> dict[str, Any]:
        """What the loader needs beside the file, as JSON can carry it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "file"}


def silent(n_rows: int) -> None:
    """The progress that nobody follows."""


class UploadView(View):
    """Subclasses say which form, how to load, and where to go afterwards.

    `options` are what the form asked beside the file: all that a worker knows of the request.
    """

    kind: ClassVar[str]
    page_name: ClassVar[str]  # of the address of the page
    title: ClassVar[Any]
    lead: ClassVar[Any]
    form_class: ClassVar[type[UploadForm]] = UploadForm
    other_endings: ClassVar[tuple[str, ...]] = ()  # of files, beside those of tables

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        upload_kinds.register(cls)

    def load(
        self,
        table: Any,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        raise AssertionError("every upload page says how to load")  # pragma: no cover

    def target(self, options: dict[str, Any]) -> Any:
        raise AssertionError("every upload page says where it leads")  # pragma: no cover

    def is_for(self, user: Any, options: dict[str, Any]) -> bool:
        """Whether they may load this; asked again when they confirm it."""
        return is_admin(user)

    def those_for(self, user: Any, options: Mapping[int, dict[str, Any]]) -> list[int]:
        return [key for key, one in options.items() if self.is_for(user, one)]

    def address(self, options: dict[str, Any]) -> str:
        """Where the next file of the kind is sent."""
        return reverse(self.page_name)

    def crumbs(self, options: dict[str, Any]) -> list[tuple[Any, str]]:
        return []

    def given(self) -> dict[str, Any]:
        """Options that the address says, not the form."""
        return {}

    def is_of_here(self, options: dict[str, Any]) -> bool:
        return all(options.get(name) == value for name, value in self.given().items())

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form_class(initial=request.GET.dict()))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "token" in request.POST:
            return self.confirm(request)
        form = self.form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form, status=422)
        file, options = form.cleaned_data["file"], form.options() | self.given()
        try:
            name = uploads.keep(file, self.other_endings)
        except NikashError as problem:
            return self.page(request, form, problem, status=422)
        if uploads.is_big(file):
            upload = start_upload(
                user=request.user, kind=self.kind, file=file, name=name, options=options
            )
            return redirect("models_app:upload", upload.pk)
        try:
            loaded = self.read(name, file.name, options, dry_run=True)
        except NikashError as problem:
            uploads.forget(name)
            return self.page(request, form, problem, status=422)
        token = uploads.seal(request.user.pk, self.kind, name, file.name, options)
        columns = list(loaded.sample[0]) if loaded.sample else []
        preview = {
            "loaded": loaded,
            "file": file.name,
            "token": token,
            "columns": columns,
            "rows": [[row.get(column, "") for column in columns] for row in loaded.sample],
        }
        return self.page(request, form, preview=preview)

    def confirm(self, request: HttpRequest) -> HttpResponse:
        try:
            path, shown_as, options = uploads.unseal(
                request.POST["token"], request.user.pk, self.kind
            )
            if not self.is_for(request.user, options) or not self.is_of_here(options):
                raise BadInput("this preview is of another page; send the file again")
            loaded = self.read(path.name, shown_as, options, dry_run=False)
        except NikashError as problem:
            return self.page(request, self.form_class(), problem, status=422)
        uploads.forget(path.name)
        messages.success(request, str(loaded))
        return redirect(self.target(options))

    def read(self, name: str, shown_as: str, options: dict[str, Any], *, dry_run: bool) -> Loaded:
        with (uploads.folder() / name).open("rb") as file:
            source = self.open(file, shown_as, options)
            return self.load(source, options, dry_run=dry_run)

    def open(self, file: BinaryIO, name: str, options: dict[str, Any]) -> Any:
        """What `load` reads."""
        return Table(file, name, options.get("columns") or {})

    def open_uploads(self, user: Any) -> list[Upload]:
        """The big files that this person sent here and that ask for something yet."""
        return [one for one in open_uploads_of(user, self.kind) if self.is_of_here(one.options)]

    def page(
        self,
        request: HttpRequest,
        form: UploadForm,
        problem: NikashError | None = None,
        preview: dict[str, Any] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        problems = [problem] if isinstance(problem, BadInput) else []
        if isinstance(problem, BadTable):
            problems = problem.problems[:SHOWN_PROBLEMS]
        context = {
            "title": self.title,
            "lead": self.lead,
            "form": form,
            "problem": problem,
            "problems": problems,
            "n_problems": getattr(problem, "n_problems", 1),
            "preview": preview,
            "crumbs": self.crumbs(self.given()),
            "open_uploads": self.open_uploads(request.user),
        }
        return render(request, "models_app/upload.html", context, status=status)
