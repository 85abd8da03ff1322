"""Where an annotator goes next: an item, feedback, a result, or the end."""

from typing import Any

from django.urls import reverse

from annotation.accounts import annotator_of
from annotation.control_settings import needs_qualification
from annotation.lessons import settle_attempt, standing_of
from annotation.models import Assignment, Campaign, Item
from annotation.services import next_assignment


def next_address(campaign: Campaign, user: Any) -> str:
    """The next item's address; before it, once, the result of a qualification just ended."""
    annotator = annotator_of(user)
    result = reverse("annotation:qualification", args=[campaign.pk])
    if settle_attempt(campaign, annotator):
        return result
    if assignment := next_assignment(annotator, campaign):
        return reverse("annotation:annotate", args=[assignment.pk])
    is_open = campaign.state == Campaign.State.OPEN
    if is_open and needs_qualification(campaign) and not standing_of(campaign, annotator).passed:
        return result
    return reverse("annotation:done", args=[campaign.pk])


def address_after(assignment: Assignment, user: Any) -> str:
    """Where a finished answer leads: after one of the training, to what was expected."""
    if assignment.item.purpose == Item.Purpose.TRAINING:
        return reverse("annotation:feedback", args=[assignment.pk])
    return next_address(assignment.item.campaign, user)
