"""A campaign over again, on some of its segments: a draft with everything else the same."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from annotation.accounts import add_member
from annotation.models import Campaign, Membership
from annotation.protocols import PROTOCOLS
from common.errors import BadInput, Conflict
from models_app.models import Segment, System

PLAIN_DESIGN = "uniform"
_NOT_AGAIN = ("design", "quality")  # options that speak of the campaign they were written for


@transaction.atomic
def campaign_again(
    campaign: Campaign,
    *,
    name: str,
    segments: Collection[int],
    systems: Collection[int],
    protocol: str = "",
    by: Any,
) -> Campaign:
    """A draft over some segments and systems of a campaign, for whoever asked for it.

    Parameters
    ----------
    segments, systems : ids in the database; all of the campaign's own
    protocol : another one than the campaign's; the campaign's options are then left behind

    Raises BadInput where nothing is chosen or the protocol has no page, Conflict where the name is
    taken.
    """
    chosen = System.objects.filter(campaigns=campaign, pk__in=systems)
    keys = Segment.objects.filter(dataset=campaign.dataset, pk__in=segments)
    keys = list(keys.order_by("position").values_list("key", flat=True))
    protocol = protocol or campaign.protocol
    _check(campaign, name, protocol, len(keys), chosen.count())
    same = protocol == campaign.protocol
    options = {k: v for k, v in campaign.options.items() if same and k not in _NOT_AGAIN}
    again = Campaign(
        name=name,
        dataset=campaign.dataset,
        protocol=protocol,
        options={**options, "segments": keys},
        design=PLAIN_DESIGN,
        raters_per_item=campaign.raters_per_item,
        batch_size=campaign.batch_size,
        lease_minutes=campaign.lease_minutes,
        seed=campaign.seed + 1,
        guideline=campaign.guideline,
        guideline_version=campaign.guideline_version,
        created_by=by,
    )
    again.full_clean(exclude=["plan"])  # made when the campaign opens
    again.save()
    again.systems.set(chosen)
    add_member(campaign=again, user=by, role=Membership.Role.ADMIN)
    return again


def _check(campaign: Campaign, name: str, protocol: str, n_segments: int, n_systems: int) -> None:
    if not n_segments or not n_systems:
        raise BadInput("nothing is chosen to be rated again; choose outputs first")
    if protocol not in PROTOCOLS:
        raise BadInput(f"no protocol called {protocol!r}; known: {', '.join(PROTOCOLS)}")
    part = PROTOCOLS.get(protocol)
    if not part.annotatable:
        raise BadInput(f"{part.label} has no page here; choose another protocol")
    if part.compares and n_systems < 2:
        raise BadInput(f"{part.label} compares systems; choose outputs of two at least")
    if Campaign.objects.filter(name=name).exists():
        raise Conflict(f"there is a campaign called {name!r} already; choose another name")
