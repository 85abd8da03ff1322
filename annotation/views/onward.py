"""Where an annotator goes next: an item, feedback, a result, or the end."""

from django.urls import reverse

from annotation.control_settings import needs_qualification
from annotation.lessons import settle_attempt, standing_of
from annotation.models import Annotator, Assignment, Campaign, Item
from annotation.services import next_assignment

Onward = tuple[str, Assignment | None]


def onward_in(campaign: Campaign, annotator: Annotator) -> Onward:
    """The next page's address, with the item where it is one.

    Before it, once, comes the result of a qualification just ended.
    """
    result = reverse("annotation:qualification", args=[campaign.pk])
    if settle_attempt(campaign, annotator):
        return result, None
    if assignment := next_assignment(annotator, campaign):
        return reverse("annotation:annotate", args=[assignment.pk]), assignment
    is_open = campaign.state == Campaign.State.OPEN
    if is_open and needs_qualification(campaign) and not standing_of(campaign, annotator).passed:
        return result, None
    return reverse("annotation:done", args=[campaign.pk]), None


def after(assignment: Assignment) -> Onward:
    """Where a finished answer leads: after one of the training, to what was expected."""
    if assignment.item.purpose == Item.Purpose.TRAINING:
        return reverse("annotation:feedback", args=[assignment.pk]), None
    return onward_in(assignment.item.campaign, assignment.annotator)
