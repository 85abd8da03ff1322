"""What one takes away of a report: made by a worker, served at once where it lies ready."""

from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from annotation.models import Campaign
from metrics.models import Package
from metrics.packages.files import is_there, path_of
from metrics.packages.kinds import KINDS, TABLES
from metrics.packages.making import open_package, package_version, packages_of, ready_package
from metrics.reporting import fresh_report
from metrics.views.reports import asks_with_excluded, campaign_for, changeable_campaign
from models_app.jobs import enqueue, request_cancel, resume
from models_app.models import Job


@require_GET
def capsule(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _served(request, pk, "capsule")


@require_GET
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    return _served(request, pk, "archive")


@require_GET
def tables(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The report's tables as csv, latex or parquet."""
    if kind not in TABLES:
        raise Http404
    return _served(request, pk, kind)


def _served(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The file of the data as they are, or its page, where it is made and then downloaded."""
    campaign = campaign_for(request, pk)
    with_excluded = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=with_excluded)
    if run is None:
        return redirect(_report(pk, with_excluded))
    version = package_version(campaign, run, kind)
    packages = packages_of(campaign, kind, with_excluded=with_excluded)
    if ready := ready_package(packages, version):
        return _download(campaign, ready)
    last = packages.first()
    is_due = last is None or last.version != version or last.state == Job.State.DONE
    if is_due and campaign.may_change:
        _open(request, campaign, kind, version, with_excluded)
    return redirect(_page(pk, kind, with_excluded, download=True))


@require_GET
def package(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """How far the file is, why it failed, or where it is; and the older ones."""
    campaign = campaign_for(request, pk)
    if kind not in KINDS:
        raise Http404
    with_excluded = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=with_excluded)
    if run is None:
        return redirect(_report(pk, with_excluded))
    version = package_version(campaign, run, kind)
    packages = packages_of(campaign, kind, with_excluded=with_excluded)
    current = packages.filter(version=version).first()
    if current is not None and current.state == Job.State.DONE and not is_there(current):
        current = None
    done = [one for one in packages.filter(state=Job.State.DONE) if is_there(one)]
    context: dict[str, Any] = {
        "campaign": campaign,
        "kind": kind,
        "label": KINDS[kind].label,
        "run": run,
        "with_excluded": with_excluded,
        "query": "?with_excluded=1" if with_excluded else "",
        "package": current,
        "older": [one for one in done if one != current],
        "starts_by_itself": request.GET.get("download") == "1",
    }
    return render(request, "metrics/package.html", context)


@require_POST
def package_start(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Make the file anew of the data as they are, even where one lies ready."""
    campaign = changeable_campaign(request, pk)
    if kind not in KINDS:
        raise Http404
    with_excluded = asks_with_excluded(request)
    run = fresh_report(campaign, with_excluded=with_excluded)
    if run is None:
        return redirect(_report(pk, with_excluded))
    version = package_version(campaign, run, kind)
    _open(request, campaign, kind, version, with_excluded)
    return redirect(_page(pk, kind, with_excluded, download=True))


@require_GET
def package_download(request: HttpRequest, pk: int, package: int) -> FileResponse:
    campaign = campaign_for(request, pk)
    return _download(campaign, _of(campaign, package))


@require_GET
def package_progress(request: HttpRequest, pk: int, package: int) -> JsonResponse:
    return JsonResponse(_of(campaign_for(request, pk), package).as_progress())


@require_POST
def package_cancel(request: HttpRequest, pk: int, package: int) -> HttpResponse:
    found = _of(changeable_campaign(request, pk), package)
    request_cancel(found)
    return redirect(_page(pk, found.kind, found.with_excluded))


@require_POST
def package_resume(request: HttpRequest, pk: int, package: int) -> HttpResponse:
    found = _of(changeable_campaign(request, pk), package)
    resume(found)
    return redirect(_page(pk, found.kind, found.with_excluded, download=True))


def _of(campaign: Campaign, pk: int) -> Package:
    return get_object_or_404(campaign.packages, pk=pk)


def _open(
    request: HttpRequest, campaign: Campaign, kind: str, version: str, with_excluded: bool
) -> None:
    made, is_new = open_package(
        campaign, kind, version, with_excluded=with_excluded, created_by=request.user
    )
    if is_new:
        enqueue(made)


def _download(campaign: Campaign, found: Package) -> FileResponse:
    if not is_there(found):
        raise Http404
    name = f"{slugify(campaign.name) or f'campaign-{campaign.pk}'}-{KINDS[found.kind].suffix}.zip"
    record(None, "package.export", found, campaign_id=campaign.pk, format=found.kind)
    file = path_of(found).open("rb")
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _report(pk: int, with_excluded: bool) -> str:
    return reverse("metrics:report", args=[pk]) + ("?with_excluded=1" if with_excluded else "")


def _page(pk: int, kind: str, with_excluded: bool, *, download: bool = False) -> str:
    asked = ["with_excluded=1"] * with_excluded + ["download=1"] * download
    address = reverse("metrics:package", args=[pk, kind])
    return f"{address}?{'&'.join(asked)}" if asked else address
