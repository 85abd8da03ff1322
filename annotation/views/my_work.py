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
    mine = Q(items__assignments__annotator__user=user)
    judged = Q(items__purpose=Item.Purpose.JUDGE, items__needs_rating=True)
    found = list(
        Campaign.objects.annotatable_by(user)
        .exclude(state=Campaign.State.DRAFT)
        .annotate(
            n_judged=Count("items", filter=judged, distinct=True),
            n_training=Count(
                "items", filter=Q(items__purpose=Item.Purpose.TRAINING), distinct=True
            ),
            n_qualification=Count(
                "items", filter=Q(items__purpose=Item.Purpose.QUALIFICATION), distinct=True
            ),
            n_done=Count(
                "items__assignments",
                filter=mine & Q(items__assignments__state=Assignment.State.DONE),
                distinct=True,
            ),
            n_open=Count(
                "items__assignments",
                filter=mine & Q(items__assignments__state=Assignment.State.OPEN),
                distinct=True,
            ),
        )
        .order_by("-state", "name")
    )
    for campaign in found:
        n_items = campaign.n_judged + n_expected(campaign, campaign.n_judged) + campaign.n_training
        n_items += campaign.n_qualification if needs_qualification(campaign) else 0
        campaign.n_items = max(n_items, campaign.n_done + campaign.n_open)
    return found


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
