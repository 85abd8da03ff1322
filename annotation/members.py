"""Giving roles and taking them away; a campaign always keeps somebody who gives them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotation.access import may_give_roles
from annotation.accounts import add_member
from annotation.models import Assignment, Campaign, Membership
from common.errors import Conflict


@transaction.atomic
def give_role(*, campaign: Campaign, user: Any, role: str, by: Any) -> Membership:
    """As add_member, for somebody who asks; Conflict for a role that is not theirs to give."""
    if role != Membership.Role.ANNOTATOR and not may_give_roles(by, campaign):
        raise Conflict(_("Only an admin of this campaign gives this role; ask one of them."))
    return add_member(campaign=campaign, user=user, role=role)


@transaction.atomic
def remove_member(membership: Membership, *, by: Any = None) -> None:
    """Take a role away; finished ratings stay, work that is held goes back.

    by : who asks; researchers may only let annotators go where the campaign has an admin

    Raises Conflict for the last one who manages the campaign, for one who would shut themselves
    out, and for what `by` may not take away.
    """
    campaign = Campaign.objects.select_for_update().get(pk=membership.campaign_id)
    is_annotator = membership.role == Membership.Role.ANNOTATOR
    if by is not None and not is_annotator and not may_give_roles(by, campaign):
        raise Conflict(_("Only an admin of this campaign takes this role away; ask one of them."))
    if not is_annotator:
        _check_not_last(campaign, membership)
        _check_stays(campaign, membership, by)
    else:
        Assignment.objects.filter(
            annotator__user=membership.user, item__campaign=campaign, state=Assignment.State.OPEN
        ).update(lease_until=campaign.opened_at or campaign.created_at)
    membership.delete()


def _check_not_last(campaign: Campaign, membership: Membership) -> None:
    managers = campaign.memberships.filter(role__in=["admin", "researcher"])
    if membership.role != Membership.Role.AUDITOR and not managers.exclude(pk=membership.pk):
        raise Conflict(
            _(
                "%(name)s is the last who manages this campaign. "
                "Make somebody else its admin first, then take this role away."
            )
            % {"name": membership.user.get_username()}
        )


def _check_stays(campaign: Campaign, membership: Membership, by: Any) -> None:
    if by is None or by.is_staff or membership.user_id != by.pk:
        return
    others = campaign.memberships.filter(user=by, role__in=["admin", "researcher"])
    if membership.role != Membership.Role.AUDITOR and not others.exclude(pk=membership.pk):
        raise Conflict(
            _(
                "You would shut yourself out of this campaign. "
                "Ask another admin of it to take your role away."
            )
        )
