"""An annotator's start page: their campaigns, how far they are, and the guideline."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from annotation.accounts import person_key
from annotation.guidelines import as_html, guideline_for
from annotation.models import Assignment, Campaign
from annotation.participation import halted_campaigns
from annotation.state_words import state_words
from annotation.work import campaigns_of


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
