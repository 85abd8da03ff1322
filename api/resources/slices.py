"""Filters of the explorer: kept, taken away as a table, judged again."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from annotation.again import campaign_again
from api.asking import WITH_EXCLUDED, Text
from api.bodies import PlainBody
from api.endpoints import Media, Routes
from api.people import Who
from api.resources.campaigns import CampaignDetailSerializer, shown
from api.rows import audited, campaign_of, changeable
from common.errors import BadInput
from metrics.explorer import chosen, filter_from, newest_table, outputs_of
from metrics.models import Slice
from metrics.slices import slice_csv

routes = Routes("Metrics")
LONGEST_QUERY = 4000


class SliceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Slice
        fields = ("id", "name", "query", "created_at")


class SliceAskedSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="To find it by.")
    query = serializers.CharField(
        max_length=LONGEST_QUERY, allow_blank=True, default="",
        help_text="The explorer's filter as its address has it, say metric=bleu&cause=length.",
    )  # fmt: skip


class RerateSerializer(SliceAskedSerializer):
    protocol = serializers.CharField(
        max_length=50, allow_blank=True, default="", help_text="Empty: as the campaign."
    )
    all_systems = serializers.BooleanField(default=False, help_text="Not only those chosen.")


@routes.get("campaigns/<id:campaign>/slices/", Who.PERSON, gives=SliceSerializer, pages=True)
def list_slices(request: Request, campaign: int) -> Any:
    """Filters of the explorer that somebody kept."""
    return campaign_of(request, campaign).slices.all()


@routes.post("campaigns/<id:campaign>/slices/", Who.PERSON, gives=SliceSerializer, status=201,
             takes=PlainBody(SliceAskedSerializer), before=changeable)  # fmt: skip
def keep_slice(request: Request, given: dict[str, Any], campaign: int) -> Any:
    """Keep a filter under a name; a slice of that name gets the new filter."""
    found = changeable(request, campaign)
    query = _filter(given["query"]).query()
    kept = Slice(campaign=found, name=given["name"].strip(), query=query)
    kept.full_clean(exclude=["created_by"], validate_unique=False, validate_constraints=False)
    return Slice.objects.update_or_create(
        campaign=found, name=kept.name, defaults={"query": query, "created_by": request.user}
    )[0]


@routes.delete("campaigns/<id:campaign>/slices/<id:slice>/", Who.PERSON)
def delete_slice(request: Request, campaign: int, slice: int) -> None:
    """Forget a filter; its outputs are untouched."""
    get_object_or_404(changeable(request, campaign).slices, pk=slice).delete()


@routes.get(
    "campaigns/<id:campaign>/slice.csv/",
    Who.PERSON,
    gives=Media("text/csv", "A row an output.", "outputs.csv"),
    parameters=(WITH_EXCLUDED, Text("query", "The explorer's filter.")),
)
def read_slice(request: Request, campaign: int) -> HttpResponseBase:
    """The outputs of a filter, with every rater's score and note."""
    found = campaign_of(request, campaign)
    table = newest_table(found, with_excluded=request.asked.get("with_excluded", False))
    known = None if table is None else outputs_of(table)
    audited(request, "outputs.export", found, campaign_id=found.pk)
    text = slice_csv(found, known, _filter(request.asked.get("query", "")))
    return HttpResponse(text, "text/csv; charset=utf-8")


@routes.post("campaigns/<id:campaign>/rate-again/", Who.PERSON, gives=CampaignDetailSerializer,
             status=201, takes=PlainBody(RerateSerializer), before=changeable)  # fmt: skip
def rate_again(request: Request, given: dict[str, Any], campaign: int) -> Any:
    """Make a draft over the segments of a filter's outputs."""
    found, asked = changeable(request, campaign), _filter(given["query"])
    table = newest_table(found, with_excluded=asked.with_excluded == "1")
    known = None if table is None else outputs_of(table)
    if known is None:
        raise BadInput("there is no report to choose outputs from; make the report first")
    rows = chosen(known, asked)
    systems = found.systems.all()
    compares = not given["protocol"] and found.protocol_object.compares
    if not given["all_systems"] and not compares:
        names = {known.systems[place] for place in set(known.system[rows].tolist())}
        systems = systems.filter(name__in=names)
    made = campaign_again(
        found, name=given["name"].strip(), segments=set(known.segment[rows].tolist()),
        systems=set(systems.values_list("pk", flat=True)), protocol=given["protocol"],
        by=request.user,
    )  # fmt: skip
    audited(request, "campaign.make", made, campaign_id=made.pk)
    return shown(request, made, 201)


def _filter(query: str) -> Any:
    return filter_from(QueryDict(query))
