"""How a campaign was judged, question by question: a page and two files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from accounts.audit import record
from annotation.models import Campaign
from metrics.models import ReportRun
from metrics.reporting import fresh_report
from metrics.views.reports import asks_with_excluded, campaign_for

KINDS = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}


@require_GET
def datasheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The datasheet of the data as they are; where their report is not made yet, to its page."""
    from metrics.datasheets.writing import datasheet_context

    campaign, run, query = _found(request, pk)
    if run is None:
        return redirect(reverse("metrics:report", args=[pk]) + query)
    context: dict[str, Any] = datasheet_context(campaign, run.payload)
    return render(
        request, "metrics/datasheet.html", context | {"campaign": campaign, "query": query}
    )


@require_GET
def datasheet_download(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same as a file, md or html."""
    from metrics.datasheets.writing import datasheet_files

    campaign, run, query = _found(request, pk)
    if kind not in KINDS:
        raise Http404
    if run is None:
        return redirect(reverse("metrics:report", args=[pk]) + query)
    record(None, "datasheet.export", campaign, campaign_id=campaign.pk, format=kind)
    content = datasheet_files(campaign, run.payload)[f"datasheet.{kind}"]
    name = f"{slugify(campaign.name) or f'campaign-{pk}'}-datasheet.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, KINDS[kind], headers=headers)


def _found(request: HttpRequest, pk: int) -> tuple[Campaign, ReportRun | None, str]:
    campaign = campaign_for(request, pk)
    with_excluded = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=with_excluded)
    return campaign, run, "?with_excluded=1" if with_excluded else ""
