"""One segment of a campaign: its texts, every rater's answer and every metric's value."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotation.models import Campaign, ErrorSpan, RatingScore
from metrics.automatic import METRICS
from metrics.models import SegmentScore
from metrics.reports.words import points
from metrics.scoring import latest_signatures
from metrics.views.reports import campaign_for
from models_app.models import Output, Segment


@require_GET
def segment(request: HttpRequest, pk: int, segment: int) -> HttpResponse:
    """Eight queries, however many raters and systems."""
    campaign = campaign_for(request, pk)
    found = get_object_or_404(
        Segment.objects.filter(items__campaign=campaign).distinct(), pk=segment
    )
    outputs = list(
        Output.objects.filter(segment=found, system__campaigns=campaign)
        .select_related("system")
        .order_by("system__name")
    )
    context = {
        "campaign": campaign,
        "segment": found,
        "outputs": outputs,
        "answers": _answers(campaign, outputs),
        "spans": _spans(campaign, outputs),
        "values": _values(campaign, outputs),
    }
    return render(request, "metrics/segment.html", context)


def _answers(campaign: Campaign, outputs: list[Output]) -> dict[str, Any]:
    """A row for each rater and output, a column for each criterion."""
    scores = RatingScore.objects.filter(
        output__in=outputs, rating__item__campaign=campaign, rating__is_complete=True
    ).select_related("rating__annotator", "output__system")
    criteria: dict[str, None] = dict.fromkeys(campaign.protocol_object.criteria())
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for score in scores.order_by("output__system__name", "rating__annotator__code"):
        criteria.setdefault(score.criterion)
        place = (score.output.system.name, score.rating.annotator.code)
        row = rows.setdefault(place, {"rating": score.rating})
        row[score.criterion] = f"{score.value:g}"
    table = [
        [system, rater, *(row.get(name, "–") for name in criteria), _remarks(row["rating"])]
        for (system, rater), row in rows.items()
    ]
    return {
        "columns": [_("System"), _("Annotator"), *criteria, _("Remarks")],
        "rows": table,
        "numeric_from": None,
    }


def _remarks(rating: Any) -> str:
    seconds = f"{rating.active_seconds:.0f} s" if rating.active_seconds is not None else ""
    return " · ".join(
        part for part in (_("flagged") if rating.flagged else "", rating.note, seconds) if part
    )


def _spans(campaign: Campaign, outputs: list[Output]) -> dict[str, Any]:
    marked = (
        ErrorSpan.objects.filter(
            output__in=outputs, rating__item__campaign=campaign, rating__is_complete=True
        )
        .select_related("rating__annotator", "output__system")
        .order_by("output__system__name", "rating__annotator__code", "pk")
    )
    rows = [
        [
            span.output.system.name,
            span.rating.annotator.code,
            span.get_side_display(),
            span.quoted or _("the whole segment"),
            span.severity,
            span.category or "–",
            span.note or "–",
        ]
        for span in marked
    ]
    columns = [
        _("System"),
        _("Annotator"),
        _("Side"),
        _("Text"),
        _("Severity"),
        _("Category"),
        _("Note"),
    ]
    return {"columns": columns, "rows": rows, "numeric_from": None}


def _values(campaign: Campaign, outputs: list[Output]) -> dict[str, Any]:
    """A row for each metric, a column for each system."""
    signatures = latest_signatures(campaign.dataset)
    stored = SegmentScore.objects.filter(output__in=outputs).values_list(
        "metric", "signature", "output", "value"
    )
    newest = {
        (metric, output): value
        for metric, signature, output, value in stored
        if signatures.get(metric, {}).get("segment") == signature
    }
    names = sorted({metric for metric, _output in newest})
    rows = [
        [
            f"{METRICS.get(name).label} ({METRICS.get(name).unit})",
            *(points(newest.get((name, output.pk))) for output in outputs),
            signatures[name]["segment"],
        ]
        for name in names
        if name in METRICS
    ]
    columns = [_("Metric"), *(output.system.name for output in outputs), _("Signature")]
    return {"columns": columns, "rows": rows, "numeric_from": 1}
