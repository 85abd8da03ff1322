"""Invitations as a campaign's researchers make, see and take them back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation.forms_invitation import InvitationForm
from annotation.invitations import (
    make_invitation,
    revoke,
    state_of,
)
from annotation.models import Campaign

SHOWN = 200  # newest invitations of a campaign


def _campaign(request: HttpRequest, pk: int) -> Campaign:
    """Auditors read the list; making and taking back is for those who may change the campaign."""
    may_read = request.method in ("GET", "HEAD")
    campaigns = Campaign.objects
    campaigns = (campaigns.visible_to if may_read else campaigns.manageable_by)(request.user)
    campaigns = campaigns.with_rights(request.user)
    return get_object_or_404(campaigns, pk=pk, origin=Campaign.Origin.ANNOTATED)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest, pk: int) -> HttpResponse:
    """The list and a form; a new link is shown once, on this answer only."""
    campaign = _campaign(request, pk)
    form = InvitationForm(request.POST if request.method == "POST" else None)
    link = ""
    if request.method == "POST" and form.is_valid():
        _made, token = make_invitation(campaign=campaign, user=request.user, **form.cleaned_data)
        link = request.build_absolute_uri(reverse("annotation:join", args=[token]))
        form = InvitationForm()
    found = campaign.invitations.select_related("campaign", "created_by")[:SHOWN]
    context = {
        "campaign": campaign,
        "form": form,
        "link": link,
        "invitations": [(invitation, state_of(invitation)) for invitation in found],
    }
    status = 422 if form.errors else 200
    return render(request, "annotation/invitations.html", context, status=status)


@require_POST
def invitation_revoke(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    revoke(get_object_or_404(campaign.invitations, pk=invitation))
    messages.success(request, _("The link no longer works; who joined with it stays."))
    return redirect("annotation:invitations", pk)
