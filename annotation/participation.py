"""Who takes part in a campaign, in what standing, and with which profile."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from annotation.models import Annotator, Campaign, Participation
from common.errors import BadInput

# What a published study says of its annotators; no name, no account.
PROFILE = (
    "native_languages",
    "dialect",
    "region",
    "education",
    "experience_years",
    "relation_to_authors",
)
LONGEST_REASON = 500


def participation_of(campaign: Campaign, annotator: Annotator) -> Participation:
    """Made with the first work, with the profile as it is then."""
    return Participation.objects.get_or_create(
        campaign=campaign, annotator=annotator, defaults={"profile": profile_of(annotator)}
    )[0]


def may_work(campaign: Campaign, annotator: Annotator) -> bool:
    """Whether they are given new items: not while they are paused or excluded."""
    halted = campaign.participations.filter(annotator=annotator).exclude(
        state=Participation.State.ACTIVE
    )
    return not halted.exists()


def halted_campaigns(user: Any) -> set[int]:
    """The campaigns in which this person is paused or excluded."""
    halted = Participation.objects.filter(annotator__user=user).exclude(
        state=Participation.State.ACTIVE
    )
    return set(halted.values_list("campaign", flat=True))


def profile_of(annotator: Annotator) -> dict[str, Any]:
    profile = {name: getattr(annotator, name) for name in PROFILE}
    return {**profile, "consented": annotator.consented_at is not None}


@transaction.atomic
def set_standing(participation: Participation, state: str, *, reason: str, user: Any) -> None:
    """Pause, exclude or take back an annotator; BadInput without a reason.

    Nothing of their ratings is touched: analyses look at the standing.
    """
    if state not in Participation.State.values:
        raise BadInput(f"no standing {state!r}; known: {', '.join(Participation.State.values)}")
    reason = reason.strip()
    if not reason and state != Participation.State.ACTIVE:
        raise BadInput("say why; the reason is printed with the study")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"the reason has {len(reason)} characters; {LONGEST_REASON} is the most")
    participation.state = state
    participation.reason = reason
    participation.changed_by = user
    participation.changed_at = timezone.now()
    participation.save(update_fields=["state", "reason", "changed_by", "changed_at"])
    campaign = participation.campaign_id
    record(user, "standing.set", participation, campaign_id=campaign, state=state)
