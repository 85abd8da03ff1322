"""The list of what in a campaign's outputs gives a system away or cannot be judged."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation.leak_gate import leaks_of
from annotation.leaks import ERROR
from annotation.models import Campaign

ON_A_PAGE = 100


@require_safe
def leaks(request: HttpRequest, pk: int) -> HttpResponse:
    """Looked for anew; an opened campaign also shows what was taken when it opened."""
    campaigns = Campaign.objects.visible_to(request.user).with_rights(request.user)
    campaign = get_object_or_404(campaigns, pk=pk)
    found = leaks_of(campaign)
    context = {
        "campaign": campaign,
        "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "n_errors": sum(leak.severity == ERROR for leak in found),
        "n_found": len(found),
        "taken": campaign.plan.get("leaks", {}).get("opened_despite"),
    }
    return render(request, "annotation/leaks.html", context)
