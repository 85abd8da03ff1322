"""Who reads campaigns at all, and under which of their names people are shown to whom."""

from typing import Any

from accounts.access import is_admin, only, reads_site
from annotation.models import Campaign, Membership


def reads_campaigns(user: Any) -> bool:
    """Researchers and auditors of the site, and whoever has a campaign to read."""
    return reads_site(user) or Campaign.objects.visible_to(user).exists()


def may_change(user: Any, campaign: Campaign) -> bool:
    return Campaign.objects.manageable_by(user).filter(pk=campaign.pk).exists()


def may_give_roles(user: Any, campaign: Campaign) -> bool:
    """Whether they may make people researchers, admins and auditors of the campaign."""
    return Campaign.objects.administered_by(user).filter(pk=campaign.pk).exists()


def managers_of(campaign: Campaign) -> Any:
    """Memberships of those who give roles: its admins, or its researchers where it has none."""
    admins = campaign.memberships.filter(role=Membership.Role.ADMIN)
    return admins if admins.exists() else campaign.memberships.filter(role="researcher")


def sees_names(user: Any, campaign: Campaign) -> bool:
    """Auditors never see account names; who may change a campaign sees them."""
    return is_admin(user) or may_change(user, campaign)


campaign_reader_required = only(reads_campaigns)
