"""Who takes part in a campaign: members, invitations, annotators' standings, their loaded tests."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from annotation.forms import MemberForm
from annotation.forms_invitation import InvitationForm
from annotation.forms_standing import StandingForm
from annotation.invitations import accept, invitation_of, make_invitation, revoke, state_of
from annotation.members import give_role, remove_member
from annotation.models import Invitation, Membership, Participation
from annotation.participation import participation_of, set_standing
from annotation.standing import workers, workers_of
from api.asking import Choice
from api.bodies import FormBody, PlainBody
from api.endpoints import Routes
from api.people import Who
from api.rows import audited, body_of, campaign_of, changeable

routes = Routes("People of a campaign")


class MemberSerializer(serializers.ModelSerializer):
    username = serializers.CharField(source="user.username", help_text="The user name.")

    class Meta:
        model = Membership
        fields = ("id", "username", "role", "created_at")


class InvitationSerializer(serializers.ModelSerializer):
    state = serializers.SerializerMethodField(
        help_text="open, or why nobody can use it: revoked, expired, used up, closed."
    )

    class Meta:
        model = Invitation
        fields = (
            "id", "note", "state", "most_uses", "n_used", "expires_at", "revoked_at", "created_at",
        )  # fmt: skip

    def get_state(self, invitation: Invitation) -> str:
        return state_of(invitation)


class NewInvitationSerializer(InvitationSerializer):
    link = serializers.CharField(help_text="Send this on; it is shown once.")

    class Meta(InvitationSerializer.Meta):
        fields = (*InvitationSerializer.Meta.fields, "link")


class StandingSerializer(serializers.Serializer):
    annotator = serializers.IntegerField(help_text="The annotator's id.")
    code = serializers.CharField(help_text="The annotator's code; names stay out of results.")
    state = serializers.ChoiceField(choices=Participation.State.values, help_text="The standing.")
    reason = serializers.CharField(allow_blank=True, help_text="Why paused or excluded.")
    n_complete = serializers.IntegerField(help_text="Items judged.")
    seconds = serializers.FloatField(allow_null=True, help_text="Active seconds in all.")
    last = serializers.DateTimeField(allow_null=True, help_text="The last answer.")
    has_withdrawn = serializers.BooleanField(help_text="Whether consent was withdrawn.")


class StandingsSerializer(serializers.Serializer):
    results = StandingSerializer(many=True)


class JoinSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="The end of an invitation's link.")


class JoinedSerializer(serializers.Serializer):
    campaign = serializers.IntegerField(help_text="The campaign's id.")
    name = serializers.CharField(help_text="The campaign's name.")


ROLES = Choice("role", "Only members with this role.", "role", tuple(Membership.Role.values))


@routes.get(
    "campaigns/<id:campaign>/members/", Who.PERSON, gives=MemberSerializer, pages=True,
    parameters=(ROLES,),
)  # fmt: skip
def list_members(request: Request, campaign: int) -> Any:
    """Who has which role; not for auditors, who never see account names."""
    return changeable(request, campaign).memberships.select_related("user")


def _member_form(request: Any, data: Any, files: Any) -> MemberForm:
    return MemberForm(data)


@routes.post(
    "campaigns/<id:campaign>/members/", Who.PERSON, gives=MemberSerializer, status=201,
    takes=FormBody(_member_form, "Member"), before=changeable,
)  # fmt: skip
@transaction.atomic
def add(request: Request, form: MemberForm, campaign: int) -> Membership:
    """Give somebody with an account a role; the same again changes nothing."""
    found = changeable(request, campaign)
    role = form.cleaned_data["role"]
    made = give_role(campaign=found, user=form.user, role=role, by=request.user)
    audited(request, "member.add", made, campaign_id=found.pk, role=made.role)
    return made


@routes.delete("campaigns/<id:campaign>/members/<id:member>/", Who.PERSON)
def remove(request: Request, campaign: int, member: int) -> None:
    """Take a role away; finished ratings stay."""
    found = changeable(request, campaign)
    membership = get_object_or_404(found.memberships.select_related("user"), pk=member)
    with transaction.atomic():
        audited(request, "member.remove", membership, campaign_id=found.pk, role=membership.role)
        remove_member(membership, by=request.user)


@routes.get(
    "campaigns/<id:campaign>/invitations/", Who.PERSON, gives=InvitationSerializer, pages=True
)
def list_invitations(request: Request, campaign: int) -> Any:
    """The links with which people may join."""
    return campaign_of(request, campaign).invitations.select_related("campaign")


@routes.post(
    "campaigns/<id:campaign>/invitations/", Who.PERSON, gives=NewInvitationSerializer, status=201,
    takes=body_of(InvitationForm, "Invitation"), has_secret=True, before=changeable,
)  # fmt: skip
@transaction.atomic
def invite(request: Request, form: InvitationForm, campaign: int) -> Invitation:
    """Make a link with which people become annotators."""
    found = changeable(request, campaign)
    made, token = make_invitation(campaign=found, user=request.user, **form.cleaned_data)
    made.link = request.build_absolute_uri(reverse("annotation:join", args=[token]))
    audited(request, "invitation.make", made, campaign_id=found.pk)
    return made


@routes.delete("campaigns/<id:campaign>/invitations/<id:invitation>/", Who.PERSON)
@transaction.atomic
def uninvite(request: Request, campaign: int, invitation: int) -> None:
    """Take a link back; who joined with it stays."""
    found = changeable(request, campaign)
    made = get_object_or_404(found.invitations, pk=invitation)
    revoke(made)
    audited(request, "invitation.revoke", made, campaign_id=found.pk)


@routes.post("join/", Who.PERSON, takes=PlainBody(JoinSerializer), gives=JoinedSerializer)
def join(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    """Become an annotator with an invitation's link."""
    invitation = invitation_of(given["token"])
    accept(invitation, request.user)
    return {"campaign": invitation.campaign_id, "name": invitation.campaign.name}


@routes.get("campaigns/<id:campaign>/standings/", Who.PERSON, gives=StandingsSerializer)
def list_standings(request: Request, campaign: int) -> dict[str, Any]:
    """Every annotator who began: how much they did, and whether it counts."""
    return {"results": [_standing(one) for one in workers_of(campaign_of(request, campaign))]}


@routes.put(
    "campaigns/<id:campaign>/standings/<id:annotator>/",
    Who.PERSON,
    gives=StandingSerializer,
    takes=FormBody(
        lambda request, data, files: StandingForm(data), "Standing", optional=("reason",)
    ),
    before=lambda request, campaign, annotator: changeable(request, campaign),
)
@transaction.atomic
def stand(request: Request, form: StandingForm, campaign: int, annotator: int) -> dict[str, Any]:
    """Pause, exclude or take back an annotator; nothing of their ratings is touched."""
    found = changeable(request, campaign)
    who = get_object_or_404(workers(found), pk=annotator)
    set_standing(participation_of(found, who), user=request.user, **form.cleaned_data)
    audited(request, "standing.set", who, campaign_id=found.pk, **form.cleaned_data)
    return next(_standing(one) for one in workers_of(found) if one.annotator.pk == annotator)


def _standing(worker: Any) -> dict[str, Any]:
    return {
        "annotator": worker.annotator.pk,
        "code": worker.annotator.code,
        "state": worker.state,
        "reason": worker.participation.reason if worker.participation else "",
        "n_complete": worker.n_complete,
        "seconds": worker.seconds,
        "last": worker.last,
        "has_withdrawn": worker.has_withdrawn,
    }
