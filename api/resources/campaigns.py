"""Campaigns: list, make, read, change while they are drafts, open, close."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.coverage import coverage_of
from annotation.forms import CampaignForm
from annotation.leak_gate import leaks_of
from annotation.models import Campaign
from annotation.planner import plan_of
from annotation.services import close_campaign, open_campaign
from api.asking import Choice, Number, Text
from api.bodies import FormBody, PlainBody
from api.endpoints import Routes
from api.errors import Changed
from api.people import Who
from api.rows import AnyObject, PersonName, audited, campaign_of, changeable, plain
from common.errors import Conflict

routes = Routes("Campaigns")
FILTERS = (
    Choice("state", "Only those in this state.", "state", tuple(Campaign.State.values)),
    Choice("origin", "Where the ratings come from.", "origin", tuple(Campaign.Origin.values)),
    Text("protocol", "Only those with this protocol, say esa.", "protocol"),
    Number("dataset", "Only those on this dataset's id.", "dataset"),
    Text("name", "Only the one of this name.", "name"),
)


def _form(request: Any, data: Any, files: Any) -> CampaignForm:
    return CampaignForm(data, instance=getattr(request, "instance", None))


BODY = FormBody(_form, "CampaignAsked", open_choices=("guideline",))


class CampaignSerializer(serializers.ModelSerializer):
    dataset_name = serializers.CharField(source="dataset.name", help_text="The dataset judged.")
    created_by = PersonName(help_text="Who made it; null where names are not yours to read.")

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "state", "origin", "protocol", "design", "dataset", "dataset_name",
            "raters_per_item", "batch_size", "lease_minutes", "seed", "guideline",
            "guideline_version", "created_by", "created_at", "opened_at",
        )  # fmt: skip


class CampaignDetailSerializer(CampaignSerializer):
    systems = serializers.SerializerMethodField(help_text="Names of the systems compared.")
    options = AnyObject(help_text="The protocol's, the design's and quality control's settings.")
    plan = AnyObject(help_text="Frozen when the campaign opens.")

    class Meta(CampaignSerializer.Meta):
        fields = (*CampaignSerializer.Meta.fields, "systems", "options", "plan", "plan_hash")

    def get_systems(self, campaign: Campaign) -> list[str]:
        return sorted(campaign.systems.values_list("name", flat=True))


class LeakSerializer(serializers.Serializer):
    severity = serializers.ChoiceField(choices=["error", "warning"], help_text="Errors stop it.")
    kind = serializers.CharField(help_text="What was looked for.")
    system = serializers.CharField(help_text="Whose output.")
    key = serializers.CharField(allow_blank=True, help_text="The segment; empty for a system.")
    message = serializers.CharField(help_text="What was found.")


class LeaksSerializer(serializers.Serializer):
    n_errors = serializers.IntegerField(help_text="Findings that stop the opening.")
    leaks = LeakSerializer(many=True)


class PlanSerializer(serializers.Serializer):
    n_items = serializers.IntegerField(help_text="Items that somebody has to judge.")
    n_segments = serializers.IntegerField(help_text="Segments.")
    n_ratings = serializers.IntegerField(help_text="Ratings wanted in all.")
    n_annotators = serializers.IntegerField(help_text="People.")
    hours = serializers.FloatField(help_text="Hours of work in all.")
    seconds_per_item = serializers.FloatField(help_text="Seconds assumed for an item.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What to know.")


class CoverageSerializer(serializers.Serializer):
    alarms = serializers.ListField(child=serializers.CharField(), help_text="What needs a look.")


class OpeningSerializer(serializers.Serializer):
    despite_leaks = serializers.BooleanField(
        default=False, help_text="Open although outputs give systems away; the plan says so."
    )


def etag_of(campaign: Campaign) -> str:
    """Changes with anything that one reads of the campaign."""
    shown = json.dumps(CampaignDetailSerializer(campaign).data, sort_keys=True, default=str)
    return f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'


def shown(request: Request, campaign: Campaign, status: int = 200) -> Response:
    data = CampaignDetailSerializer(campaign, context={"request": request}).data
    return Response(data, status=status, headers={"ETag": etag_of(campaign)})


def draft_to_change(request: Request, campaign: int) -> None:
    """The draft for the form, unless somebody changed it since it was read."""
    found = changeable(request, campaign)
    wanted = request.headers.get("If-Match")
    if wanted not in (None, "*", etag_of(found)):
        raise Changed(_("The campaign was changed since you read it; read it again."))
    if found.state != Campaign.State.DRAFT or found.items.exists():
        raise Conflict(
            _("Only a draft without loaded items can be changed; make another campaign.")
        )
    request.instance = found


@routes.get("campaigns/", Who.PERSON, gives=CampaignSerializer, pages=True, parameters=FILTERS)
def list_campaigns(request: Request) -> Any:
    """The campaigns whose results one may read."""
    return Campaign.objects.visible_to(request.user).select_related("dataset", "created_by")


@routes.post("campaigns/", Who.RESEARCHER, takes=BODY, gives=CampaignDetailSerializer, status=201)
@transaction.atomic
def make_campaign(request: Request, form: CampaignForm) -> Response:
    """Make a draft; add people to it, then open it."""
    campaign = form.save_for(request.user)
    audited(request, "campaign.make", campaign, campaign_id=campaign.pk)
    return shown(request, campaign, 201)


@routes.get("campaigns/<id:campaign>/", Who.PERSON, gives=CampaignDetailSerializer)
def read_campaign(request: Request, campaign: int) -> Response:
    """One campaign, with its systems; the answer's ETag is for changing it."""
    return shown(request, campaign_of(request, campaign))


@routes.put(
    "campaigns/<id:campaign>/", Who.PERSON, takes=BODY, gives=CampaignDetailSerializer,
    refusals=(412,), headers=("If-Match",), before=draft_to_change,
)  # fmt: skip
@transaction.atomic
def change_campaign(request: Request, form: CampaignForm, campaign: int) -> Response:
    """Say anew what a draft is; what is left out gets its default."""
    found = form.save()
    audited(request, "campaign.change", found, campaign_id=found.pk)
    return shown(request, campaign_of(request, campaign))


@routes.post(
    "campaigns/<id:campaign>/open/", Who.PERSON, takes=PlainBody(OpeningSerializer),
    gives=CampaignDetailSerializer,
)  # fmt: skip
@transaction.atomic
def open_(request: Request, given: dict[str, Any], campaign: int) -> Response:
    """Freeze the plan and let annotators in; refused where outputs give systems away."""
    found = changeable(request, campaign)
    open_campaign(found, despite_leaks_by=request.user if given["despite_leaks"] else None)
    audited(request, "campaign.open", found, campaign_id=found.pk, **given)
    return shown(request, campaign_of(request, campaign))


@routes.post("campaigns/<id:campaign>/close/", Who.PERSON, gives=CampaignDetailSerializer)
@transaction.atomic
def close(request: Request, campaign: int) -> Response:
    """Hand out nothing more; what is still sent in is kept."""
    found = changeable(request, campaign)
    close_campaign(found)
    audited(request, "campaign.close", found, campaign_id=found.pk)
    return shown(request, campaign_of(request, campaign))


@routes.get("campaigns/<id:campaign>/leaks/", Who.PERSON, gives=LeaksSerializer)
def leaks(request: Request, campaign: int) -> dict[str, Any]:
    """What in the outputs gives a system away or cannot be judged."""
    found = leaks_of(campaign_of(request, campaign))
    errors = sum(leak.severity == "error" for leak in found)
    return {"n_errors": errors, "leaks": [leak._asdict() for leak in found[:1000]]}


@routes.get("campaigns/<id:campaign>/plan/", Who.PERSON, gives=PlanSerializer)
def plan(request: Request, campaign: int) -> dict[str, Any]:
    """What a draft will ask of how many people, before it opens."""
    found = campaign_of(request, campaign)
    if found.state != Campaign.State.DRAFT:
        raise Conflict(_("The plan is frozen; it stands in the campaign itself."))
    planned = plan_of(found)
    return plain({**planned._asdict(), "hours": planned.hours})


@routes.get("campaigns/<id:campaign>/coverage/", Who.PERSON, gives=CoverageSerializer)
def coverage(request: Request, campaign: int) -> dict[str, Any]:
    """What needs a look in a campaign that runs."""
    return {"alarms": [str(one) for one in coverage_of(campaign_of(request, campaign)).alarms]}
