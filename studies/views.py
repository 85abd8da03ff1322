"""Studies: start one, watch it, read its tables."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import admin_required, site_reader_required
from common.errors import NikashError
from models_app import jobs
from studies.access import visible_to
from studies.forms import StudyForm
from studies.models import Study
from studies.running import start_study
from studies.showing import shown_tables, stages_of, templates
from studies.words import SMALL, as_markdown, on_small_models


@require_GET
@site_reader_required
def study_list(request: HttpRequest) -> HttpResponse:
    studies = visible_to(request.user).defer("results").select_related("created_by")
    page = Paginator(studies, 50).get_page(request.GET.get("page"))
    return render(request, "studies/list.html", {"page": page, "templates": templates()})


@require_http_methods(["GET", "POST"])
@admin_required
def study_new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        chosen = request.GET.get("template", "")
        form = StudyForm(initial={"template": chosen, "name": chosen})
        return render(request, "studies/new.html", {"form": form})
    form = StudyForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        try:
            study = start_study(
                given["name"], given["configuration"], given["folder"], user=request.user
            )
            return redirect("studies:detail", study.pk)
        except NikashError as problem:
            form.add_error(None, problem.message)
    return render(request, "studies/new.html", {"form": form}, status=422)


@require_GET
@site_reader_required
def study_detail(request: HttpRequest, pk: int) -> HttpResponse:
    study = get_object_or_404(visible_to(request.user), pk=pk)
    context = {
        "study": study,
        "tables": shown_tables(study),
        "stages": stages_of(study),
        "small": SMALL if on_small_models(study.configuration) else "",
    }
    return render(request, "studies/detail.html", context)


@require_GET
@site_reader_required
def study_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The configuration, or the tables as Markdown or JSON."""
    study = get_object_or_404(visible_to(request.user), pk=pk)
    name = slugify(study.name) or "study"
    if kind == "md":
        response = HttpResponse(as_markdown(study), content_type="text/markdown; charset=utf-8")
    else:
        content = study.configuration if kind == "configuration" else study.results
        options = {"ensure_ascii": False, "indent": 1}
        response = JsonResponse(content, safe=False, json_dumps_params=options)
    ending = "md" if kind == "md" else "json"
    part = "" if kind == "md" else f"-{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}{part}.{ending}"'
    return response


@require_POST
@admin_required
def study_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(Study, pk=pk))
    return redirect("studies:detail", pk)


@require_POST
@admin_required
def study_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a study that stopped; make a finished one's tables anew."""
    study = get_object_or_404(Study, pk=pk)
    if study.is_finished:
        start_study(study.name, study.configuration, study.folder, user=study.created_by)
    else:
        messages.info(request, _("The study is running already."))
    return redirect("studies:detail", pk)


study_progress = site_reader_required(
    jobs.progress_view(Study, lambda request: visible_to(request.user))
)
