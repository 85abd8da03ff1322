"""A study to take away, made while one waits: its capsule, or its archive of pages."""

import tempfile
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from common.errors import NikashError
from metrics.reporting import fresh_report
from metrics.views.reports import asks_with_excluded, campaign_for

Write = Callable[[Any, Any, Any], Any]  # campaign, finished report, open file


@require_GET
def capsule(request: HttpRequest, pk: int) -> HttpResponseBase:
    from metrics.capsules.writing import write_capsule

    return _packed(request, pk, "capsule", write_capsule)


@require_GET
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    from metrics.archives.writing import zip_archive

    return _packed(request, pk, "archive", zip_archive)


def _packed(request: HttpRequest, pk: int, what: str, write: Write) -> HttpResponseBase:
    """A .zip of the data as they are; where their report is not made yet, to its page."""
    campaign = campaign_for(request, pk)
    with_excluded = asks_with_excluded(request)
    page = reverse("metrics:report", args=[pk]) + ("?with_excluded=1" if with_excluded else "")
    run = fresh_report(campaign, with_excluded=with_excluded)
    if run is None:
        return redirect(page)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write(campaign, run, file)
    except NikashError as problem:
        file.close()
        messages.error(request, problem.message)
        return redirect(page)
    file.seek(0)
    name = f"{slugify(campaign.name) or f'campaign-{pk}'}-{what}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
