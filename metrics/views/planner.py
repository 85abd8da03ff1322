"""How many segments a study needs, and whether one that runs has enough."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotation.access import campaign_reader_required
from annotation.models import Campaign
from metrics.planner_forms import QUESTIONS, Assumptions, ChoosePilot, form_for
from metrics.reports.display_interim import shown_standings
from metrics.reports.display_planner import shown_pilot, shown_size
from metrics.views.reports import campaign_for

if TYPE_CHECKING:
    from metrics.analyses.frame import Frame


@require_GET
@campaign_reader_required
def planner(request: HttpRequest) -> HttpResponse:
    return _planner(request, None)


@require_GET
def campaign_planner(request: HttpRequest, pk: int) -> HttpResponse:
    """That campaign is the pilot unless another is chosen.

    Where it runs, the verdict on every two systems comes first.
    """
    return _planner(request, campaign_for(request, pk))


def _planner(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    """Everything is in the address, so that a plan can be sent; 422 where it makes no plan."""
    chooser = _chooser(request, campaign)
    chosen = chooser.cleaned_data["pilot"] if chooser.is_valid() else None
    frames = _frames(campaign, chosen)
    pilot = _pilot(frames[chosen.pk]) if chosen else None
    asked = request.GET.get("question", _usual(campaign or chosen))
    question = asked if asked in QUESTIONS else "difference"
    form = form_for(question, request.GET, pilot.values if pilot else None)
    if asked != question:
        form.add_error(None, _("There is no such question; choose one of those above."))
    size = _size(question, form)
    context: dict[str, Any] = {
        "campaign": campaign,
        "chooser": chooser,
        "pilot": shown_pilot(pilot) if pilot else None,
        "chosen": chosen,
        "questions": [(name, label) for name, (label, _form) in QUESTIONS.items()],
        "question": question,
        "form": form,
        "size": size,
    }
    if campaign and _has_run(campaign):
        context["standings"] = _standings(campaign, frames[campaign.pk], question, form)
    status = 422 if request.GET and (form.errors or chooser.errors) else 200
    return render(request, "metrics/planner.html", context, status=status)


def _chooser(request: HttpRequest, campaign: Campaign | None) -> ChoosePilot:
    asked = request.GET.get("pilot")
    if asked is None and campaign is not None:
        own = ChoosePilot({"pilot": campaign.pk}, user=request.user)
        return own if own.is_valid() else ChoosePilot({"pilot": ""}, user=request.user)
    return ChoosePilot({"pilot": asked or ""}, user=request.user)


def _frames(campaign: Campaign | None, chosen: Campaign | None) -> "dict[int, Frame]":
    from metrics.analyses.frame import load_frame  # scipy, only when needed

    wanted = {one.pk: one for one in (campaign, chosen) if one is not None}
    return {pk: load_frame(one) for pk, one in wanted.items()}


def _has_run(campaign: Campaign) -> bool:
    imported = campaign.origin == Campaign.Origin.IMPORTED
    return not imported and campaign.state != Campaign.State.DRAFT


def _pilot(frame: "Frame") -> Any:
    from metrics.analyses.pilots import pilot_of

    return pilot_of(frame)


def _usual(campaign: Campaign | None) -> str:
    return "wins" if campaign and campaign.protocol_object.compares else "difference"


def _size(question: str, form: Assumptions) -> dict[str, Any] | None:
    """What the page shows, or nothing with the reason on the form."""
    from metrics.analyses.sizes import size_for

    if not form.is_valid():
        return None
    try:
        size = size_for(question, form.cleaned_data)
    except ValueError as problem:
        words = str(problem)
        form.add_error(None, f"{words[:1].upper()}{words[1:]}.")
        return None
    return shown_size(question, size, form.cleaned_data)


def _standings(
    campaign: Campaign, frame: "Frame", question: str, form: Assumptions
) -> dict[str, Any]:
    from metrics.analyses.interim import standings

    smallest = form.cleaned_data.get("smallest") if form.is_valid() else None
    return shown_standings(standings(campaign, frame, smallest))
