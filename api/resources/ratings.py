"""Ratings of a campaign, how it goes, and taking them away in every format."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.request import Request

from annotation.exporting import export_ratings, fitting_formats, zipped
from annotation.models import Campaign, ErrorSpan, Item, Rating, RatingScore
from api.asking import Flag, Moment, Number, Text, filtered
from api.endpoints import Media, Routes
from api.people import Who
from api.rows import AnyObject, audited, campaign_of, plain

routes = Routes("Ratings and exports")
AT_ONCE = 500
FILTERS = (
    Number("item", "Only of this item.", "item"),
    Text("annotator", "Only by the annotator with this code.", "annotator__code"),
    Text("system", "Only of items with an output of this system.", "item__outputs__system__name"),
    Flag("complete", "1: only those that count; 0: only drafts.", "is_complete"),
    Flag("flagged", "1: only those that were flagged.", "flagged"),
    Moment("since", "Only those changed at this time or later.", "updated_at__gte"),
)


class ScoreSerializer(serializers.Serializer):
    system = serializers.CharField(source="output.system.name", help_text="Whose output.")
    criterion = serializers.CharField(help_text="What was judged, say score.")
    value = serializers.FloatField(help_text="In the protocol's own unit.")


class SpanSerializer(serializers.Serializer):
    system = serializers.CharField(source="output.system.name", help_text="Whose output.")
    side = serializers.ChoiceField(choices=["source", "target"], help_text="Which text.")
    start = serializers.IntegerField(allow_null=True, help_text="First code point.")
    end = serializers.IntegerField(allow_null=True, help_text="Code point after the last.")
    quoted = serializers.CharField(allow_blank=True, help_text="The text marked.")
    category = serializers.CharField(allow_blank=True, help_text="Of the error.")
    severity = serializers.CharField(help_text="Of the error.")
    note = serializers.CharField(allow_blank=True, help_text="The annotator's.")


class RatingSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The rating's id.")
    item = serializers.IntegerField(source="item_id", help_text="The item's id.")
    key = serializers.CharField(source="item.segment.key", help_text="The segment's key.")
    purpose = serializers.ChoiceField(
        source="item.purpose", choices=Item.Purpose.values, help_text="judge counts in results."
    )
    annotator = serializers.CharField(source="annotator.code", help_text="The annotator's code.")
    is_complete = serializers.BooleanField(help_text="false for a draft.")
    sequence = serializers.IntegerField(help_text="The newest answer's.")
    scores = ScoreSerializer(many=True)
    spans = SpanSerializer(many=True)
    note = serializers.CharField(allow_blank=True, help_text="The annotator's.")
    flagged = serializers.BooleanField(help_text="Whether the annotator flagged it.")
    active_seconds = serializers.FloatField(allow_null=True, help_text="Seconds of work.")
    guideline = serializers.CharField(allow_blank=True, help_text="Name, version, language.")
    updated_at = serializers.DateTimeField(help_text="When it last changed.")


class FormatSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="As in the address of the export.")
    label = serializers.CharField(help_text="What it is.")


class FormatsSerializer(serializers.Serializer):
    results = FormatSerializer(many=True)


class WorkerSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="The annotator's code.")
    state = serializers.CharField(help_text="active, paused or excluded.")
    n_done = serializers.IntegerField(help_text="Items judged.")
    n_open = serializers.IntegerField(help_text="Items held.")
    n_recent = serializers.IntegerField(help_text="Items judged in the last 24 hours.")
    seconds = serializers.FloatField(allow_null=True, help_text="Median seconds of an answer.")
    last = serializers.DateTimeField(allow_null=True, help_text="The last answer.")


class LiveSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=Campaign.State.values, help_text="The campaign's.")
    n_wanted = serializers.IntegerField(help_text="Ratings wanted.")
    n_done = serializers.IntegerField(help_text="Ratings given.")
    n_open = serializers.IntegerField(help_text="Items that somebody holds.")
    seconds = serializers.FloatField(allow_null=True, help_text="Median seconds of an answer.")
    per_hour = serializers.FloatField(allow_null=True, help_text="Ratings per hour of clock time.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="If it goes on so.")
    n_flagged = serializers.IntegerField(help_text="Ratings that were flagged.")
    workers = WorkerSerializer(many=True)
    agreement = AnyObject(help_text="Krippendorff's alpha so far; value null: not defined.")


def _rows(campaign: Campaign) -> Any:
    return (
        Rating.objects.filter(item__campaign=campaign)
        .select_related("annotator", "item__segment")
        .prefetch_related(
            Prefetch("scores", RatingScore.objects.select_related("output__system")),
            Prefetch("spans", ErrorSpan.objects.select_related("output__system")),
        )
    )


@routes.get(
    "campaigns/<id:campaign>/ratings/", Who.PERSON, gives=RatingSerializer, pages=True, long=True,
    parameters=FILTERS,
)  # fmt: skip
def list_ratings(request: Request, campaign: int) -> Any:
    """Ratings with their scores and marked errors; annotators by code."""
    return _rows(campaign_of(request, campaign))


@routes.get(
    "campaigns/<id:campaign>/ratings.ndjson/", Who.PERSON, parameters=FILTERS,
    gives=Media(
        "application/x-ndjson", "One rating a line, as in the list, oldest first.", "ratings.ndjson"
    ),
)  # fmt: skip
def stream_ratings(request: Request, campaign: int) -> HttpResponseBase:
    """Every rating, a line each, sent while it is read: memory does not grow with the campaign."""
    here = campaign_of(request, campaign)
    audited(request, "ratings.export", here, campaign_id=here.pk, format="ndjson")
    found = filtered(_rows(here), FILTERS, request.asked)
    return StreamingHttpResponse(_lines(found), content_type="application/x-ndjson")


def _lines(found: Any) -> Iterator[bytes]:
    """By primary key, so that no server keeps a cursor open while a slow line is read."""
    after = 0
    while rows := list(found.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = rows[-1].pk
        told = RatingSerializer(rows, many=True).data
        lines = (json.dumps(row, ensure_ascii=False, default=str) for row in told)
        yield ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


@routes.get("campaigns/<id:campaign>/exports/", Who.PERSON, gives=FormatsSerializer)
def list_formats(request: Request, campaign: int) -> dict[str, Any]:
    """The formats that hold this campaign's protocol."""
    found = fitting_formats(campaign_of(request, campaign))
    return {"results": [{"name": name, "label": str(label)} for name, label in found]}


@routes.get(
    "campaigns/<id:campaign>/exports/<slug:format>/", Who.PERSON,
    gives=Media("application/zip", "The format's files and LOSSES.txt.", "ratings.zip"),
)  # fmt: skip
def export(request: Request, campaign: int, format: str) -> HttpResponseBase:
    """The ratings in a format, made while they are sent."""
    found = campaign_of(request, campaign)
    made = export_ratings(found, format)
    audited(request, "ratings.export", found, campaign_id=found.pk, format=format)
    title = f"{found.name} in the format {format}"
    name = f"{slugify(found.name) or 'campaign'}-{format}.zip"
    return StreamingHttpResponse(
        zipped(made, title),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@routes.get("campaigns/<id:campaign>/live/", Who.PERSON, gives=LiveSerializer)
def read_live(request: Request, campaign: int) -> dict[str, Any]:
    """How far a campaign that runs is, how fast, and how alike people judge."""
    from metrics.analyses.live import agreement_so_far, progress_of

    found = campaign_of(request, campaign)
    if found.state == Campaign.State.DRAFT or found.origin == Campaign.Origin.IMPORTED:
        raise Http404
    progress = progress_of(found)
    alpha = agreement_so_far(found)
    return {
        "state": found.state,
        "n_wanted": progress.n_wanted,
        "n_done": progress.n_done,
        "n_open": progress.n_open,
        "seconds": progress.seconds,
        "per_hour": progress.pace.per_hour,
        "ends_at": progress.pace.ends_at,
        "n_flagged": Rating.objects.filter(item__campaign=found, flagged=True).count(),
        "workers": [one._asdict() for one in progress.workers],
        "agreement": plain({name: defined(value) for name, value in alpha.items()}),
    }


def defined(value: Any) -> Any:
    """JSON has no NaN: what is not defined is null."""
    return None if isinstance(value, float) and value != value else value
