"""Language models as judges: start, watch, and whether their verdicts may be summed up."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import admin_required
from annotation.access import campaign_reader_required
from annotation.models import Campaign
from common.errors import NikashError
from metrics import tasks as _jobs  # noqa: F401 - makes the jobs known
from metrics.judge.asking import start_judging
from metrics.judge.forms import JudgeForm
from metrics.models import JudgeRun
from models_app import jobs

VERDICTS_A_PAGE = 25


def _visible(request: HttpRequest) -> Any:
    campaigns = Campaign.objects.visible_to(request.user)
    return JudgeRun.objects.filter(campaign__in=campaigns).select_related(
        "judge", "system_a", "system_b", "campaign__dataset"
    )


def _form(request: HttpRequest, data: Any = None) -> JudgeForm:
    return JudgeForm(data, campaigns=Campaign.objects.visible_to(request.user))


@require_GET
@campaign_reader_required
def judge_list(request: HttpRequest) -> HttpResponse:
    return _list(request, _form(request))


def _list(request: HttpRequest, form: JudgeForm, status: int = 200) -> HttpResponse:
    from metrics.analyses.settings import Settings
    from metrics.judge import standing, tables

    runs = list(_visible(request))
    done = [run for run in runs if run.state == JudgeRun.State.DONE]
    found = standing.standings(done, Settings())
    context = {
        "form": form,
        "runs": runs,
        "standings": tables.standing_table(found) if found else None,
        "wins": tables.win_table(found),
        "least_kappa": standing.LEAST_KAPPA,
        "least_pairs": standing.LEAST_PAIRS,
    }
    return render(request, "metrics/judge_list.html", context, status=status)


@require_POST
@admin_required
def judge_start(request: HttpRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if form.is_valid():
        try:
            run = start_judging(**form.cleaned_data, user=request.user)
        except NikashError as problem:
            form.add_error(None, problem.message)
        else:
            return redirect("metrics:judge", run.pk)
    return _list(request, form, status=422)


@require_GET
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(_visible(request), pk=pk)
    verdicts = run.verdicts.select_related("segment").order_by("segment__position", "swapped")
    page = Paginator(verdicts, VERDICTS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "metrics/judge.html", {"run": run, "page": page})


@require_POST
@admin_required
def judge_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(_visible(request), pk=pk))
    return redirect("metrics:judge", pk)


@require_POST
@admin_required
def judge_resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(_visible(request), pk=pk)):
        messages.info(request, _("Only a failed or cancelled run can be resumed."))
    return redirect("metrics:judge", pk)


judge_progress = require_GET(jobs.progress_view(JudgeRun, _visible))
