"""Download a campaign in any format that fits it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit import record
from annotation.exporting import export_ratings, zipped
from annotation.models import Campaign
from common.errors import BadInput, NotFound


@require_safe
def campaign_export(request: HttpRequest, pk: int, format_name: str) -> HttpResponseBase:
    """A .zip of the format's files and of LOSSES.txt, made while it is sent."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    try:
        export = export_ratings(campaign, format_name)
    except NotFound as problem:
        raise Http404(problem.message) from problem
    except BadInput as problem:
        messages.error(request, problem.message)
        return redirect("annotation:campaign_detail", pk)
    title = _("%(campaign)s in the format %(format)s") % {
        "campaign": campaign.name,
        "format": format_name,
    }
    record(None, "ratings.export", campaign, campaign_id=campaign.pk, format=format_name)
    name = f"{slugify(campaign.name) or 'campaign'}-{format_name}.zip"
    return StreamingHttpResponse(
        zipped(export, title),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
