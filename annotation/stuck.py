"""Items that still want an annotator and find none in the campaign."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Count
from django.utils.translation import ngettext

from annotation.authorship import authors_by_block, names_of
from annotation.models import Annotator, Assignment, Campaign, Participation


class Nobody(NamedTuple):
    """Items that every member has had, and items that those who have not may not take."""

    had: int
    barred: int


def stuck(n: Nobody) -> list[str]:
    """As sentences."""
    sentences = []
    if n.had:
        sentences.append(
            ngettext(
                "%(n)s item wants one more annotator, but everybody has had it; add somebody.",
                "%(n)s items want more annotators, but everybody has had them; add somebody.",
                n.had,
            )
            % {"n": n.had}
        )
    if n.barred:
        sentences.append(
            ngettext(
                "%(n)s item can be taken by nobody: who has not had it wrote it, or is paused or "
                "excluded; add somebody.",
                "%(n)s items can be taken by nobody: who has not had them wrote them, or is paused "
                "or excluded; add somebody.",
                n.barred,
            )
            % {"n": n.barred}
        )
    return sentences


def nobody_of(campaign: Campaign) -> Nobody:
    """None while a campaign is not open or has no annotator."""
    if campaign.state != Campaign.State.OPEN:
        return Nobody(0, 0)
    members = {
        annotator.pk: annotator
        for annotator in Annotator.objects.filter(
            user__memberships__campaign=campaign, user__memberships__role="annotator"
        ).select_related("user")
    }
    if not members:
        return Nobody(0, 0)
    return _nobody(campaign, members)


def _nobody(campaign: Campaign, members: Mapping[int, Annotator]) -> Nobody:
    wanting = campaign.items.wanting()
    items = wanting.order_by().values("block").annotate(n=Count("pk"))
    held = Assignment.objects.filter(
        item__campaign=campaign,
        item__block__in=wanting.values("block"),
        annotator__in=members,
        state__in=(Assignment.State.OPEN, Assignment.State.DONE),
    )
    had: dict[int, set[int]] = {}
    for block, annotator in held.values_list("item__block", "annotator").distinct():
        had.setdefault(block, set()).add(annotator)
    halted = campaign.participations.exclude(state=Participation.State.ACTIVE)
    out = set(halted.values_list("annotator", flat=True))
    names = {pk: names_of(annotator) for pk, annotator in members.items()}
    authors = authors_by_block(campaign)
    n_had = n_barred = 0
    for block, n in items.values_list("block", "n"):
        left = members.keys() - had.get(block, set())
        wrote = authors.get(block, frozenset())
        if not left:
            n_had += n
        elif all(pk in out or names[pk] & wrote for pk in left):
            n_barred += n
    return Nobody(n_had, n_barred)
