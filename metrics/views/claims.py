"""Claims pinned to cells of the report: which hold, and a search for the cell of a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation.models import Campaign
from common.errors import NikashError
from metrics.claims import checked_claims, found_cells, pin_again, pin_claim
from metrics.models import Claim, ReportRun
from metrics.reporting import fresh_report
from metrics.views.reports import asks_with_excluded, campaign_for, changeable_campaign

MOST_CELLS = 40


@require_GET
def claims(request: HttpRequest, pk: int) -> HttpResponse:
    """Every claim against the report of the data as they are, and cells found by words."""
    campaign = campaign_for(request, pk)
    run = _run(request, campaign)
    if run is None:
        return _back(request, "metrics:report", pk)
    return render(request, "metrics/claims.html", _context(campaign, run, request.GET))


@require_POST
def claim_pin(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = changeable_campaign(request, pk)
    run = _run(request, campaign)
    if run is None:
        return _back(request, "metrics:report", pk)
    try:
        pin_claim(
            campaign=campaign,
            run=run,
            sentence=request.POST.get("sentence", ""),
            path=request.POST.get("path", ""),
            created_by=request.user,
        )
    except NikashError as problem:
        context = _context(campaign, run, request.POST) | {"problem": problem.message}
        return render(request, "metrics/claims.html", context, status=422)
    return _back(request, "metrics:claims", pk)


@require_POST
def claim_again(request: HttpRequest, pk: int, claim: int) -> HttpResponse:
    """The sentence stands with the value that the cell has now."""
    campaign, found = _found(request, pk, claim)
    run = _run(request, campaign)
    if run is None:
        return _back(request, "metrics:report", pk)
    try:
        pin_again(found, run)
    except NikashError as problem:
        messages.error(request, problem.message)
    return _back(request, "metrics:claims", pk)


@require_POST
def claim_delete(request: HttpRequest, pk: int, claim: int) -> HttpResponse:
    _campaign, found = _found(request, pk, claim)
    found.delete()
    messages.success(request, _("The claim is gone."))
    return _back(request, "metrics:claims", pk)


def _run(request: HttpRequest, campaign: Campaign) -> ReportRun | None:
    return fresh_report(campaign, with_excluded=asks_with_excluded(request))


def _back(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """To a page of the same kind of report."""
    query = "?with_excluded=1" if asks_with_excluded(request) else ""
    return redirect(reverse(name, args=[pk]) + query)


def _found(request: HttpRequest, pk: int, claim: int) -> tuple[Campaign, Claim]:
    campaign = changeable_campaign(request, pk)
    return campaign, get_object_or_404(campaign.claims, pk=claim)


def _context(campaign: Campaign, run: ReportRun, given: Any) -> dict[str, Any]:
    words = given.get("words", "")
    cells = found_cells(run.payload, words, MOST_CELLS + 1) if words.strip() else []
    return {
        "campaign": campaign,
        "with_excluded": given.get("with_excluded") == "1",
        "claims": checked_claims(campaign, run.payload),
        "words": words,
        "sentence": given.get("sentence", ""),
        "path": given.get("path", ""),
        "cells": cells[:MOST_CELLS],
        "has_more": len(cells) > MOST_CELLS,
        "most": MOST_CELLS,
    }
