"""A campaign while it runs: how far, how fast, how alike, and what needs a look."""

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, ExpressionWrapper, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from annotation.coverage import coverage_of
from annotation.models import Campaign, Item, Rating
from annotation.tallying import tally_of
from metrics.reports.words import DASH, interval, number
from metrics.views.reports import campaign_for

if TYPE_CHECKING:
    from metrics.analyses.controls_so_far import Controls
    from metrics.analyses.live import Progress

MOST_FLAGGED = 20


@never_cache
@require_GET
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or with ?part=1 only what changes; at most 26 queries, whatever the size."""
    campaign = campaign_for(request, pk)
    context = {"campaign": campaign, "runs": campaign.state != Campaign.State.DRAFT}
    if campaign.origin == Campaign.Origin.IMPORTED:
        context["runs"] = False
    if context["runs"]:
        context |= _what_changes(campaign)
    name = "partials/live_part.html" if request.GET.get("part") else "live.html"
    return render(request, f"metrics/{name}", context)


def _what_changes(campaign: Campaign) -> dict[str, Any]:
    from metrics.analyses.controls_so_far import controls_so_far  # scipy, only when needed
    from metrics.analyses.live import agreement_so_far, progress_of

    tally = tally_of(campaign)
    progress = progress_of(campaign, tally=tally)
    # A sum is no column: the few flagged ratings are gone through, not the campaign's items.
    of = ExpressionWrapper(F("item__campaign") + 0, output_field=BigIntegerField())
    flagged = Rating.objects.alias(of=of).filter(of=campaign.pk, flagged=True)
    newest = list(
        flagged.select_related("annotator", "item__segment").order_by("-updated_at")[:MOST_FLAGGED]
    )
    return {
        "now": timezone.localtime(tally.made_at),
        "progress": progress,
        "alpha": _alpha(agreement_so_far(campaign)),
        "workers": _workers_table(progress),
        "alarms": coverage_of(campaign, tally).alarms,
        "controls": _controls_table(controls_so_far(campaign)),
        "n_flagged": max(len(newest), tally.n_flagged),
        "flagged": newest,
        "judged": Item.Purpose.JUDGE,
    }


def _alpha(row: dict[str, Any]) -> dict[str, Any]:
    """nan where it is not defined, with the reason."""
    is_defined = row["value"] == row["value"]
    has_interval = is_defined and row["low"] == row["low"]
    return {
        "value": number(row["value"], 2) if is_defined else DASH,
        "interval": interval(row["low"], row["high"], 2) if has_interval else "",
        "n": row["n_units"],
        "reason": row["reason"] or "",
        "as_of": timezone.localtime(row["as_of"]),
    }


def _workers_table(progress: "Progress") -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("Standing"),
        _("Done"),
        _("Held"),
        _("In the last 24 hours"),
        _("Median seconds an item"),
        _("Last answer"),
    ]
    rows = [
        [
            worker.code,
            _STANDING[worker.state](),
            worker.n_done,
            worker.n_open,
            worker.n_recent,
            number(worker.seconds, 0),
            timezone.localtime(worker.last).strftime("%Y-%m-%d %H:%M") if worker.last else DASH,
        ]
        for worker in progress.workers
    ]
    return {"columns": columns, "rows": rows, "numeric_from": 2}


_STANDING = {
    "active": lambda: _("active"),
    "paused": lambda: _("paused"),
    "excluded": lambda: _("excluded"),
}


def _controls_table(controls: "list[Controls]") -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("Known answers right"),
        _("Damage found"),
        _("Repeats answered alike"),
        _("Mean distance of repeats"),
    ]
    rows = [
        [
            row.code,
            _share(row.n_right, row.n_known),
            _share(row.n_found, row.n_damaged),
            _share(row.n_alike, row.n_repeats),
            number(row.distance, 2),
        ]
        for row in controls
    ]
    return {"columns": columns, "rows": rows, "numeric_from": 1}


def _share(part: int, n: int) -> str:
    return _("%(part)s of %(n)s") % {"part": part, "n": n} if n else DASH
