"""What the browser needs to fetch an annotator's items ahead, and to work without a line."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation.models import Assignment, Campaign, Item, Rating

KEPT_DONE = 20  # items done last, to which one may go back


@never_cache
@require_safe
def batch(request: HttpRequest, campaign: int) -> HttpResponse:
    """The items one holds, in order, and those done last: address, done, newest sequence."""
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    mine = Assignment.objects.filter(annotator__user=request.user, item__campaign=found)
    mine = mine.exclude(item__purpose=Item.Purpose.TRAINING)  # feedback needs the line
    fields = ("pk", "item_id", "position", "state")
    rows = list(mine.filter(state=Assignment.State.OPEN).values(*fields))
    rows += (
        mine.filter(state=Assignment.State.DONE).order_by("-done_at").values(*fields)[:KEPT_DONE]
    )
    ratings = Rating.objects.filter(
        annotator__user=request.user, item__in=[row["item_id"] for row in rows]
    )
    sequences = dict(ratings.values_list("item_id", "sequence"))
    items = [
        {
            "address": reverse("annotation:annotate", args=[row["pk"]]),
            "done": row["state"] == Assignment.State.DONE,
            "sequence": sequences.get(row["item_id"], 0),
        }
        for row in sorted(rows, key=lambda row: row["position"])
    ]
    return JsonResponse({"items": items})


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps items; its address decides which pages it may serve."""
    script = Path(finders.find("js/sw.js")).read_bytes()
    response = HttpResponse(script, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
