"""What follows when a person has changed their profile."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation.authorship import own_blocks
from annotation.models import Annotator, Assignment, Campaign
from annotation.participation import PROFILE, profile_of
from annotation.places import bar_author
from annotation.services import expire_leases


@transaction.atomic
def profile_saved(annotator: Annotator) -> None:
    """Keep it with the campaigns begun before anything was said; give back what they wrote."""
    _freeze_first_words(annotator)
    _give_back_own(annotator)
    bar_author(annotator)


def _freeze_first_words(annotator: Annotator) -> None:
    """A profile that said nothing at the start is replaced; one that did stays as it was."""
    profile = profile_of(annotator)
    for participation in annotator.participations.select_for_update():
        frozen = participation.profile
        said = any(frozen.get(name) not in (None, "") for name in PROFILE)
        consented = bool(frozen.get("consented")) or profile["consented"]
        kept = {**(frozen if said else profile), "consented": consented}
        if kept != frozen:
            participation.profile = kept
            participation.save(update_fields=["profile"])


def _give_back_own(annotator: Annotator) -> None:
    held = Assignment.objects.filter(annotator=annotator, state=Assignment.State.OPEN)
    begun = annotator.ratings.values("item")
    for campaign in Campaign.objects.filter(pk__in=held.values("item__campaign")):
        own = held.filter(item__campaign=campaign, item__block__in=own_blocks(campaign, annotator))
        moment = timezone.now() - timedelta(seconds=1)
        if own.exclude(item__in=begun).update(lease_until=moment):
            expire_leases(campaign)
