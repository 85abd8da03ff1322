"""Links with which people become annotators of a campaign; only a link's hash is stored."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from annotation.accounts import add_member, create_account
from annotation.models import Campaign, Invitation, Membership
from common.errors import BadInput, NotFound

MOST_USES = 500
MOST_DAYS = 90
LONGEST_NOTE = 200
OPEN, REVOKED, EXPIRED, USED_UP, CLOSED = "open", "revoked", "expired", "used up", "closed"


class Gone(NotFound):
    """A link that led to a campaign once."""


def make_invitation(
    *, campaign: Campaign, note: str, most_uses: int, days: int, user: Any
) -> tuple[Invitation, str]:
    """A new invitation and the secret end of its link, which nobody can read again."""
    if campaign.origin != Campaign.Origin.ANNOTATED:
        raise BadInput(_("The ratings of this campaign were not given here; invite nobody."))
    if not 1 <= most_uses <= MOST_USES:
        raise BadInput(f"most_uses is {most_uses}; write a whole number from 1 to {MOST_USES}")
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"days is {days}; write a whole number from 1 to {MOST_DAYS}")
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        campaign=campaign,
        token_hash=hash_of(token),
        note=note[:LONGEST_NOTE],
        most_uses=most_uses,
        expires_at=timezone.now() + timedelta(days=days),
        created_by=user,
    )
    return invitation, token


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def invitation_of(token: str) -> Invitation:
    """The invitation behind a link, whatever its state. Raises NotFound."""
    invitations = Invitation.objects.select_related("campaign")
    found = invitations.filter(token_hash=hash_of(token)).first()
    if found is None:
        raise NotFound(
            _("This link leads nowhere. Check that you copied all of it, or ask for another.")
        )
    return found


def state_of(invitation: Invitation) -> str:
    """OPEN, or why nobody can use it any more."""
    if invitation.revoked_at is not None:
        return REVOKED
    if invitation.expires_at <= timezone.now():
        return EXPIRED
    if invitation.n_used >= invitation.most_uses:
        return USED_UP
    if invitation.campaign.state == Campaign.State.CLOSED:
        return CLOSED
    return OPEN


def reason_of(state: str) -> str:
    """What to tell somebody whose link is in this state; empty for an open one."""
    reasons = {
        REVOKED: _("This invitation was taken back. Ask the researcher who sent it."),
        EXPIRED: _("This invitation has run out. Ask the researcher who sent it for another."),
        USED_UP: _("This invitation was used up. Ask the researcher who sent it for another."),
        CLOSED: _("This campaign is closed; nobody can join it now."),
    }
    return reasons.get(state, "")


def check_open(invitation: Invitation) -> None:
    """Raise Gone, with what to do, where the link can no longer be used."""
    if reason := reason_of(state_of(invitation)):
        raise Gone(reason)


def is_member(invitation: Invitation, user: Any) -> bool:
    return invitation.campaign.memberships.annotating().filter(user=user).exists()


@transaction.atomic
def accept(invitation: Invitation, user: Any) -> None:
    """Make the person an annotator; who is one already uses nothing up. Raises Gone."""
    held = Invitation.objects.select_for_update(of=("self",)).select_related("campaign")
    current = held.get(pk=invitation.pk)  # the last use may just have gone to somebody else
    if is_member(current, user):
        return
    check_open(current)
    free = Invitation.objects.filter(pk=current.pk, n_used__lt=F("most_uses"))
    if not free.update(n_used=F("n_used") + 1):
        raise Gone(reason_of(USED_UP))
    record(user, "invitation.use", current, campaign_id=current.campaign_id)
    add_member(campaign=current.campaign, user=user, role=Membership.Role.ANNOTATOR)


@transaction.atomic
def accept_as_new(invitation: Invitation, *, username: str, password: str) -> Any:
    """A new account that is a member; neither where the link is gone by now."""
    user = create_account(username=username, role="annotator", password=password)
    accept(invitation, user)
    return user


@transaction.atomic
def revoke(invitation: Invitation) -> None:
    """Who joined with it stays a member."""
    record(None, "invitation.revoke", invitation, campaign_id=invitation.campaign_id)
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(revoked_at=timezone.now())
