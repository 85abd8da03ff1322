"""An annotator's start page: their campaigns, how far they are, and the guideline."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from annotation.accounts import person_key
from annotation.control_settings import needs_qualification
from annotation.guidelines import as_html, guideline_for
from annotation.mixing import n_expected
from annotation.models import Assignment, Campaign, Item
from annotation.participation import halted_campaigns
from annotation.state_words import state_words


def campaigns_of(user: Any) -> list[Campaign]:
    """The campaigns one annotates, with n_done and n_open of one's own and n_items in all."""
    mine = Campaign.objects.annotatable_by(user).exclude(state=Campaign.State.DRAFT)
    found = list(mine.order_by("-state", "name"))
    items, leases = _items_of(found), _leases_of(found, user)
    for campaign in found:
        campaign.n_judged = items.get((campaign.pk, Item.Purpose.JUDGE), 0)
        campaign.n_training = items.get((campaign.pk, Item.Purpose.TRAINING), 0)
        campaign.n_qualification = items.get((campaign.pk, Item.Purpose.QUALIFICATION), 0)
        campaign.n_done = leases.get((campaign.pk, Assignment.State.DONE), 0)
        campaign.n_open = leases.get((campaign.pk, Assignment.State.OPEN), 0)
        n_items = campaign.n_judged + n_expected(campaign, campaign.n_judged) + campaign.n_training
        n_items += campaign.n_qualification if needs_qualification(campaign) else 0
        campaign.n_items = max(n_items, campaign.n_done + campaign.n_open)
    return found


def _items_of(campaigns: list[Campaign]) -> dict[tuple[int, str], int]:
    """Items that somebody has to answer, by campaign and purpose; counted in an index alone."""
    rows = Item.objects.filter(campaign__in=campaigns).filter(
        ~Q(purpose=Item.Purpose.JUDGE) | Q(needs_rating=True)
    )
    counts = rows.order_by().values_list("campaign_id", "purpose").annotate(n=Count("pk"))
    return {(campaign, purpose): n for campaign, purpose, n in counts}


def _leases_of(campaigns: list[Campaign], user: Any) -> dict[tuple[int, str], int]:
    """One's own, by campaign and state."""
    rows = Assignment.objects.filter(annotator__user=user, item__campaign__in=campaigns)
    counts = rows.order_by().values_list("item__campaign", "state").annotate(n=Count("pk"))
    return {(campaign, state): n for campaign, state, n in counts}


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    context = {
        "campaigns": campaigns_of(request.user),
        "halted": halted_campaigns(request.user),
        "person": person_key(request.user),
        "words": state_words(),
    }
    return render(request, "annotation/my_work.html", context)


@require_safe
def done(request: HttpRequest, campaign: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    n_done = Assignment.objects.filter(
        annotator__user=request.user, item__campaign=found, state=Assignment.State.DONE
    ).count()
    context = {
        "campaign": found,
        "n_done": n_done,
        "is_halted": found.pk in halted_campaigns(request.user),
    }
    return render(request, "annotation/done.html", context)


@require_safe
def guideline(request: HttpRequest, campaign: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    text = guideline_for(found, get_language() or "en")
    context = {
        "campaign": found,
        "guideline": text,
        "guideline_html": as_html(text.text) if text else "",
    }
    return render(request, "annotation/guideline.html", context)
