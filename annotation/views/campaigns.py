"""Campaigns: list, plan, open, watch, close."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import researcher_required
from annotation.access import (
    campaign_reader_required,
)
from annotation.coverage import coverage_of
from annotation.exporting import fitting_formats
from annotation.forms import CampaignForm, MemberForm
from annotation.leak_gate import LeaksFound, leaks_sentence
from annotation.members import give_role, remove_member
from annotation.models import Campaign
from annotation.planner import plan_of
from annotation.protocols import PROTOCOLS
from annotation.quality_loading import loaded_items
from annotation.services import close_campaign, open_campaign
from annotation.standing import workers_of
from annotation.tallying import Tally, numbers_of, tally_of
from common.errors import NikashError


@require_safe
@campaign_reader_required
def campaign_list(request: HttpRequest) -> HttpResponse:
    campaigns = Campaign.objects.visible_to(request.user).select_related("dataset").order_by("-pk")
    page = Paginator(campaigns, 50).get_page(request.GET.get("page"))
    counted = numbers_of(page)
    for campaign in page:
        campaign.n_ratings = counted[campaign.pk].n_judged
    return render(request, "annotation/campaign_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@researcher_required
def campaign_new(request: HttpRequest) -> HttpResponse:
    form = CampaignForm(
        request.POST if request.method == "POST" else None, initial=request.GET.dict()
    )
    if request.method == "POST" and form.is_valid():
        campaign = form.save_for(request.user)
        messages.success(request, _("The campaign is a draft; add people, then open it."))
        return redirect("annotation:campaign_detail", campaign.pk)
    status = 422 if form.errors else 200
    return render(request, "annotation/campaign_new.html", {"form": form}, status=status)


@require_safe
def campaign_detail(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _readable(request, pk)
    return _detail(request, campaign, MemberForm(campaign=campaign))


def _detail(
    request: HttpRequest, campaign: Campaign, member_form: MemberForm, status: int = 200
) -> HttpResponse:
    tally = tally_of(campaign)
    members = campaign.memberships.select_related("user").order_by("role", "user__username")
    context = {
        "campaign": campaign,
        "protocol": PROTOCOLS.get(campaign.protocol),
        "n_items": tally.n_items,
        "n_wanted": tally.n_wanted,
        "n_complete": tally.n_complete,
        "n_flagged": tally.n_flagged,
        "systems": campaign.systems.all(),
        "members": members,
        "n_of_role": Counter(member.get_role_display() for member in members).items(),
        "workers": workers_of(campaign, tally),
        "formats": fitting_formats(campaign),
        "member_form": member_form,
        "loaded": loaded_items(campaign),
        **_outlook(campaign, tally),
    }
    return render(request, "annotation/campaign_detail.html", context, status=status)


def _outlook(campaign: Campaign, tally: Tally) -> dict[str, Any]:
    """The plan of a draft, the coverage of what runs or ran here."""
    if campaign.origin == Campaign.Origin.IMPORTED:
        return {}
    if campaign.state != Campaign.State.DRAFT:
        return {"coverage": coverage_of(campaign, tally)}
    try:
        return {"plan": plan_of(campaign)}
    except NikashError as problem:
        return {"plan_problem": problem.message}


@require_POST
def campaign_open(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _changeable(request, pk)
    despite = request.user if request.POST.get("despite_leaks") == "1" else None
    try:
        open_campaign(campaign, despite_leaks_by=despite)
    except LeaksFound as problem:
        messages.error(request, problem.message)
        return redirect("annotation:leaks", pk)
    except NikashError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _("The campaign is open; its plan is frozen."))
        campaign.refresh_from_db()
        if n_warnings := campaign.plan.get("leaks", {}).get("warnings"):
            messages.warning(request, leaks_sentence(n_warnings))
    return redirect("annotation:campaign_detail", pk)


@require_POST
def campaign_close(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _changeable(request, pk)
    try:
        close_campaign(campaign)
    except NikashError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _("The campaign is closed; nobody is given more work."))
    return redirect("annotation:campaign_detail", pk)


@require_POST
def member_add(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _changeable(request, pk)
    form = MemberForm(request.POST, campaign=campaign)
    if not form.is_valid():
        return _detail(request, campaign, form, status=422)
    role = form.cleaned_data["role"]
    give_role(campaign=campaign, user=form.user, role=role, by=request.user)
    messages.success(request, _("%(name)s was added.") % {"name": form.user.username})
    return redirect("annotation:campaign_detail", pk)


@require_POST
def member_remove(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    campaign = _changeable(request, pk)
    membership = get_object_or_404(campaign.memberships.select_related("user"), pk=member)
    name = membership.user.username
    try:
        remove_member(membership, by=request.user)
    except NikashError as problem:
        messages.error(request, problem.message)
        return redirect("annotation:campaign_detail", pk)
    messages.success(request, _("%(name)s was removed; finished ratings stay.") % {"name": name})
    if not Campaign.objects.visible_to(request.user).filter(pk=pk).exists():
        return redirect("home")
    return redirect("annotation:campaign_detail", pk)


def _readable(request: HttpRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.visible_to(request.user).with_rights(request.user)
    return get_object_or_404(campaigns.select_related("dataset"), pk=pk)


def _changeable(request: HttpRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.manageable_by(request.user).with_rights(request.user)
    return get_object_or_404(campaigns.select_related("dataset"), pk=pk)
