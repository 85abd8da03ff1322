"""One upload page for every kind of file: check, preview, confirm."""

from typing import Any, BinaryIO, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from common.errors import BadInput, NikashError
from common.tables import BadTable, Table
from models_app import uploads
from models_app.loading.common import Loaded


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


class UploadView(View):
    """Subclasses say which form, how to load, and where to go afterwards."""

    kind: ClassVar[str]
    title: ClassVar[Any]
    lead: ClassVar[Any]
    form_class: ClassVar[type[UploadForm]] = UploadForm
    crumbs: ClassVar[list[tuple[Any, str]]] = []
    other_endings: ClassVar[tuple[str, ...]] = ()  # of files, beside those of tables

    def load(self, table: Any, options: dict[str, Any], *, dry_run: bool) -> Loaded:
        raise AssertionError("every upload page says how to load")  # pragma: no cover

    def target(self, options: dict[str, Any]) -> Any:
        raise AssertionError("every upload page says where it leads")  # pragma: no cover

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.form_class(initial=request.GET.dict()))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "token" in request.POST:
            return self.confirm(request)
        form = self.form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form, status=422)
        file, options = form.cleaned_data["file"], form.options()
        try:
            name = uploads.keep(file, self.other_endings)
        except NikashError as problem:
            return self.page(request, form, problem, status=422)
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
            problems = problem.problems[:200]
        context = {
            "title": self.title,
            "lead": self.lead,
            "form": form,
            "problem": problem,
            "problems": problems,
            "n_problems": getattr(problem, "n_problems", 1),
            "preview": preview,
            "crumbs": self.crumbs,
        }
        return render(request, "models_app/upload.html", context, status=status)
