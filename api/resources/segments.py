"""One segment of a campaign: outputs, answers and values beside each other."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.models import Campaign, ErrorSpan, RatingScore
from api.endpoints import Routes
from api.people import Who
from api.resources.ratings import defined
from api.rows import AnyObject, campaign_of
from metrics.models import SegmentScore
from models_app.models import Output, Segment

routes = Routes("Metrics")


class SegmentScoreSerializer(serializers.Serializer):
    system = serializers.CharField(help_text="Whose output.")
    text = serializers.CharField(allow_blank=True, help_text="The output.")
    ratings = AnyObject(help_text="By annotator's code: criterion to value.")
    spans = AnyObject(help_text="Marked errors.")
    metrics = AnyObject(help_text="Metric to value, with its signature.")


class SegmentDetailSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="The segment's id.")
    key = serializers.CharField(help_text="The segment's key.")
    source = serializers.CharField(allow_blank=True, help_text="The source text.")
    references = AnyObject(help_text="Reference texts.")
    outputs = SegmentScoreSerializer(many=True)


@routes.get("campaigns/<id:campaign>/segments/<id:segment>/", Who.PERSON,
            gives=SegmentDetailSerializer)  # fmt: skip
def read_segment(request: Request, campaign: int, segment: int) -> dict[str, Any]:
    """One segment: its outputs, every rater's answer and every metric's value."""
    found = campaign_of(request, campaign)
    seg = Segment.objects.filter(items__campaign=found, pk=segment).first()
    if seg is None:
        raise Http404
    outputs = Output.objects.filter(segment=seg, system__campaigns=found).select_related("system")
    rows = {
        o.pk: {"system": o.system.name, "text": o.text, "ratings": {}, "spans": [], "metrics": {}}
        for o in outputs.order_by("system__name")
    }
    _add_ratings(found, rows)
    stored = SegmentScore.objects.filter(output__in=rows).order_by("pk")
    for output, metric, signature, value in stored.values_list(
        "output", "metric", "signature", "value"
    ):
        rows[output]["metrics"][metric] = {"value": defined(value), "signature": signature}
    return {"id": seg.pk, "key": seg.key, "source": seg.source, "references": seg.references,
            "outputs": list(rows.values())}  # fmt: skip


def _add_ratings(campaign: Campaign, rows: dict[int, dict[str, Any]]) -> None:
    here = {"output__in": rows, "rating__item__campaign": campaign, "rating__is_complete": True}
    names = ("output", "rating__annotator__code", "criterion", "value")
    for output, code, criterion, value in RatingScore.objects.filter(**here).values_list(*names):
        rows[output]["ratings"].setdefault(code, {})[criterion] = value
    said = ("output", "side", "start", "end", "quoted", "severity", "category")
    for span in ErrorSpan.objects.filter(**here).order_by("pk").values(*said):
        rows[span.pop("output")]["spans"].append(span)
