"""The start page: each person lands where their work is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from annotation.access import reads_campaigns
from annotation.models import Campaign
from models_app.models import Dataset


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not reads_campaigns(request.user):
        return redirect("annotation:my_work")
    campaigns = Campaign.objects.visible_to(request.user).select_related("dataset")[:6]
    context = {"campaigns": campaigns, "has_dataset": Dataset.objects.exists()}
    return render(request, "annotation/home.html", context)
