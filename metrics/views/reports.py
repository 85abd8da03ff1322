"""A campaign's report: made by a worker when the data have changed, read here."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, Max, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from annotation.access import campaign_reader_required
from annotation.models import Campaign, Participation
from annotation.tallying import numbers_of
from metrics.claims import checked_claims
from metrics.packages.kinds import TABLES
from metrics.reporting import (
    fresh_report,
    newest_report,
    open_report,
    report_files,
    runs_of,
)
from metrics.reports.chapters import chapters_in
from metrics.reports.display import report_context
from metrics.reports.schema import dumps
from metrics.reports.sections.disagreements import disagreement_rows, disagreement_table
from metrics.reports.version import data_version
from models_app.jobs import enqueue
from models_app.models import Job

GAPS_A_PAGE = 25


def campaign_for(request: HttpRequest, pk: int) -> Campaign:
    """A campaign whose results this person may read, with `has_excluded`; 404 for others."""
    excluded = Participation.objects.excluded().filter(campaign=OuterRef("pk"))
    campaigns = Campaign.objects.visible_to(request.user).with_rights(request.user)
    campaigns = campaigns.select_related("dataset")
    return get_object_or_404(campaigns.annotate(has_excluded=Exists(excluded)), pk=pk)


def changeable_campaign(request: HttpRequest, pk: int) -> Campaign:
    """A campaign that this person may change; 404 for others."""
    campaigns = Campaign.objects.manageable_by(request.user).with_rights(request.user)
    return get_object_or_404(campaigns.select_related("dataset"), pk=pk)


@require_GET
@campaign_reader_required
def report_list(request: HttpRequest) -> HttpResponse:
    campaigns = (
        Campaign.objects.visible_to(request.user)
        .select_related("dataset")
        .annotate(made_at=Max("reports__finished_at", filter=Q(reports__state=Job.State.DONE)))
        .order_by("-pk")
    )
    page = Paginator(campaigns, 50).get_page(request.GET.get("page"))
    counted = numbers_of(page)
    for campaign in page:
        campaign.n_answers = counted[campaign.pk].n_answers
        campaign.n_raters = counted[campaign.pk].n_raters
    return render(request, "metrics/report_list.html", {"page": page})


@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = campaign_for(request, pk)
    with_excluded = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=with_excluded)
    if run is None and not campaign.may_change:
        run = newest_report(campaign, with_excluded=with_excluded)
    if run is None:
        return _waiting(request, campaign, with_excluded)
    chosen = {name: request.GET.get(name, "") for name in ("metric", "kind", "domain")}
    rows = disagreement_rows(run.payload, **chosen)
    page = Paginator(rows, GAPS_A_PAGE).get_page(request.GET.get("page"))
    chapters = chapters_in(run.payload)
    names = [chapter.name for chapter in chapters]
    asked = request.GET.get("chapter", "")
    chapter = asked if asked in names else names[0]

    def link(segment: int) -> str:
        return reverse("metrics:segment", args=[campaign.pk, segment])

    context = report_context(run.payload, link, chapter) | {
        "chapters": chapters,
        "chapter": chapter,
        "campaign": campaign,
        "run": run,
        "claims": [] if with_excluded else checked_claims(campaign, run.payload),
        "with_excluded": with_excluded,
        "chosen": chosen,
        "domains": sorted({row["domain"] for row in run.payload["disagreements"]} - {""}),
        "page": page,
        "gaps": disagreement_table(page.object_list, link),
    }
    return render(request, "metrics/report.html", context)


def asks_with_excluded(request: HttpRequest) -> bool:
    """Whether the report with excluded annotators is asked for."""
    return (request.POST or request.GET).get("with_excluded") == "1"


def _waiting(request: HttpRequest, campaign: Campaign, with_excluded: bool) -> HttpResponse:
    """The progress of the report's job; a failed one is shown and not started over by itself."""
    last = runs_of(campaign, with_excluded=with_excluded).first()
    failed = (
        last is not None
        and last.state in (Job.State.FAILED, Job.State.CANCELLED)
        and last.data_version == data_version(campaign, with_excluded=with_excluded)
    )
    if not failed and campaign.may_change:
        last, is_new = open_report(campaign, created_by=request.user, with_excluded=with_excluded)
        if is_new:
            enqueue(last)
    context = {
        "campaign": campaign,
        "run": last,
        "failed": failed,
        "with_excluded": with_excluded,
    }
    return render(request, "metrics/report_waiting.html", context)


@require_POST
def report_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the report, or show it where that of the data as they are now is there."""
    campaign = changeable_campaign(request, pk)
    with_excluded = asks_with_excluded(request)
    if fresh_report(campaign, with_excluded=with_excluded) is None:
        run, is_new = open_report(campaign, created_by=request.user, with_excluded=with_excluded)
        if is_new:
            enqueue(run)
    address = reverse("metrics:report", args=[campaign.pk])
    return redirect(address + "?with_excluded=1" if with_excluded else address)


@require_GET
def report_progress(request: HttpRequest, pk: int) -> JsonResponse:
    campaign = campaign_for(request, pk)
    run = runs_of(campaign, with_excluded=asks_with_excluded(request)).defer("payload").first()
    if run is None:
        raise Http404
    return JsonResponse(run.as_progress())


@require_GET
def report_download(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The newest finished report as html or json; its tables are packages."""
    if kind in TABLES:
        return redirect("metrics:tables", pk, kind)
    campaign = campaign_for(request, pk)
    asked = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=asked)
    run = run or newest_report(campaign, with_excluded=asked)
    if run is None or kind not in ("html", "json"):
        raise Http404
    record(None, "report.export", run, campaign_id=campaign.pk, format=kind)
    content, suffix, media = _file(run.payload, kind)
    name = slugify(campaign.name) or f"campaign-{campaign.pk}"
    disposition = f'attachment; filename="{name}-report.{suffix}"'
    return HttpResponse(content, media, headers={"Content-Disposition": disposition})


def _file(payload: dict[str, Any], kind: str) -> tuple[str | bytes, str, str]:
    if kind == "json":
        return dumps(payload), "json", "application/json"
    return report_files(payload, ["html"])["report.html"], "html", "text/html; charset=utf-8"
