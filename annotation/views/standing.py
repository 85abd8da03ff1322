"""An annotator's standing in a campaign, for its researchers to set."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation.forms_standing import StandingForm
from annotation.models import Campaign, Participation
from annotation.participation import participation_of, set_standing
from annotation.standing import workers

State = Participation.State


@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: HttpRequest, pk: int, annotator: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.manageable_by(request.user), pk=pk)
    found = get_object_or_404(workers(campaign), pk=annotator)
    current = Participation.objects.filter(campaign=campaign, annotator=found).first()
    initial = {
        "state": current.state if current else State.ACTIVE,
        "reason": current.reason if current else "",
    }
    form = StandingForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_standing(participation_of(campaign, found), user=request.user, **form.cleaned_data)
        named = {"code": found.code, "state": State(form.cleaned_data["state"]).label}
        messages.success(request, _("The standing of %(code)s is now: %(state)s.") % named)
        return redirect("annotation:campaign_detail", pk)
    context = {"campaign": campaign, "annotator": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "annotation/standing.html", context, status=status)
