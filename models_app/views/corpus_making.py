"""New corpora from others: mixed to a budget, or translated by a registered system."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import admin_required, site_reader_required
from common.errors import NikashError
from models_app import jobs, tasks  # noqa: F401 - tasks makes the jobs known
from models_app.corpora.mixing import mix_corpora, planned_mix
from models_app.corpora.translating import start_translation
from models_app.forms_making import MixForm, TranslateForm
from models_app.models import Corpus, CorpusTranslation, Job

SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def mix(request: HttpRequest) -> HttpResponse:
    form = MixForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            if "plan" not in request.POST:
                corpus = mix_corpora(form.cleaned_data["name"], **form.asked())
                return redirect("models_app:corpus_detail", corpus.pk)
            context |= _planned(planned_mix(**form.asked()))
        except NikashError as problem:
            form.add_error(None, problem.message)
    status = 422 if form.errors else 200
    return render(request, "models_app/corpus_mix.html", context, status=status)


def _planned(recipe: dict[str, Any]) -> dict[str, Any]:
    taken = sum(part["n_units"] for part in recipe["parts"])
    english = sum(p["n_units"] for p in recipe["parts"] if p["corpus"] == recipe["english"])
    return {"plan": recipe, "english": 100 * english / taken if taken else None}


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def translate(request: HttpRequest, pk: int) -> HttpResponse:
    corpus = get_object_or_404(Corpus, pk=pk)
    form = TranslateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            job = start_translation(corpus, user=request.user, **form.cleaned_data)
        except NikashError as problem:
            form.add_error(None, problem.message)
        else:
            if job.state == Job.State.QUEUED:
                jobs.enqueue(job)
            return redirect("models_app:corpus_translation", job.pk)
    started = corpus.translations.select_related("system", "result")
    context = {"corpus": corpus, "form": form, "started": started}
    status = 422 if form.errors else 200
    return render(request, "models_app/corpus_translate.html", context, status=status)


@site_reader_required
def translation(request: HttpRequest, pk: int) -> HttpResponse:
    found = CorpusTranslation.objects.select_related("source", "result", "system")
    job = get_object_or_404(found, pk=pk)
    made = job.result.examples.order_by("position")
    first = list(made[:SHOWN])
    sources = {e.key: e for e in job.source.examples.filter(key__in=[e.key for e in first])}
    context = {
        "job": job,
        "n_so_far": made.count(),
        "n_cut": made.filter(extra__has_key="cut_off").count(),
        "pairs": [(sources[e.key], e) for e in first if e.key in sources],
    }
    return render(request, "models_app/corpus_translation.html", context)


@require_POST
@admin_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(CorpusTranslation, pk=pk))
    return redirect("models_app:corpus_translation", pk)


@require_POST
@admin_required
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(CorpusTranslation, pk=pk)):
        messages.info(request, _("Only a failed or cancelled translation can be resumed."))
    return redirect("models_app:corpus_translation", pk)


progress = site_reader_required(
    jobs.progress_view(CorpusTranslation, lambda request: CorpusTranslation.objects.all())
)
