"""Taking a person out of the site: their account always, their answers where that is asked."""

from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts import audit, sessions
from accounts.forgetting import forget
from annotation.models import (
    Annotator,
    Assignment,
    Erasure,
    Item,
    Rating,
    RatingEvent,
    Remark,
    Summary,
)
from annotation.participation import PROFILE
from annotation.places import give_back_all
from common.errors import BadInput
from models_app.models import PlaygroundRequest

# Sent within the transaction, with `campaigns` (their keys): what was made of them has to go.
answers_erased = Signal()
profile_erased = Signal()  # also with `is_published`: whether files that left may tell the profile
EMPTY = dict.fromkeys(PROFILE, "") | {"experience_years": None}


class Erased(NamedTuple):
    n_ratings: int
    n_events: int
    n_campaigns: int


@transaction.atomic
def erase_person(user: Any, *, by: Any, with_answers: bool) -> Erased:
    """Erase an account with its profile, roles, sessions, keys and playground requests.

    with_answers : also every answer, note and guess, and the packages made of those campaigns;
        otherwise they stay under a code that leads to nobody any more

    Raises BadInput for the last admin.
    """
    user = get_user_model().objects.select_for_update().get(pk=user.pk)
    _check_not_needed(user)
    itself = by is not None and by.pk == user.pk
    annotator = _alone(Annotator.objects.filter(user=user))
    erased = Erased(0, 0, 0)
    PlaygroundRequest.objects.of(user).delete()
    if annotator is not None:
        if with_answers:
            Remark.objects.filter(author=user).delete()
            erased = _erase_answers(annotator)
        else:
            _forget_profile(annotator)
    name = _("erased person %(n)s") % {"n": user.pk}
    forget(user, name)
    sessions.end_all(user)
    user.delete()
    audit.record(
        AnonymousUser() if itself else by,  # who erased themselves is nobody now
        "person.erase",
        person=name,
        by_themselves=itself,
        **erased._asdict(),
    )
    return erased


def _alone(annotators: QuerySet[Annotator]) -> Annotator | None:
    """The one there is, who saves nothing until the transaction ends: answers that are being
    stored come first, as a save begins with its assignment."""
    held = Assignment.objects.filter(annotator__in=annotators).order_by("pk")
    list(held.select_for_update(of=("self",)).values_list("pk"))
    return annotators.select_for_update().first()


def _check_not_needed(user: Any) -> None:
    others = get_user_model().objects.filter(is_staff=True, is_active=True).exclude(pk=user.pk)
    if user.is_staff and not others.exists():
        raise BadInput(_("This is the site's only admin; make another one first."))


def _forget_profile(annotator: Annotator) -> None:
    """What is left is a code, and whether consent was given."""
    Annotator.objects.filter(pk=annotator.pk).update(**EMPTY, author_name="")
    annotator.assignments.filter(state=Assignment.State.OPEN).update(
        lease_until=F("created_at")  # overdue: others get the work
    )
    told = []
    for participation in annotator.participations.all():
        if any(participation.profile.get(name) for name in PROFILE):
            told.append(participation.campaign_id)
        consented = participation.profile.get("consented", False)
        participation.profile = {**EMPTY, "consented": consented}
        participation.save(update_fields=["profile"])
    is_published = not annotator.withholds_profile
    profile_erased.send(sender=Annotator, campaigns=told, is_published=is_published)


def _erase_answers(annotator: Annotator) -> Erased:
    ratings = Rating.objects.filter(annotator=annotator)
    events = RatingEvent.objects.filter(annotator=annotator)
    counts = ratings.values("item__campaign").annotate(n=Count("pk")).order_by()
    n_by_campaign = {row["item__campaign"]: row["n"] for row in counts}
    erased = Erased(ratings.count(), events.count(), len(n_by_campaign))
    held = annotator.assignments.exclude(state=Assignment.State.EXPIRED)
    Item.objects.filter(pk__in=held.values("item")).update(n_taken=F("n_taken") - 1)
    give_back_all(annotator)
    ratings.delete()
    events.delete()
    annotator.delete()
    Erasure.objects.bulk_create(
        Erasure(campaign_id=campaign, n_ratings=n) for campaign, n in n_by_campaign.items()
    )
    Summary.objects.filter(campaign__in=n_by_campaign).delete()
    answers_erased.send(sender=Erasure, campaigns=list(n_by_campaign))
    return erased
