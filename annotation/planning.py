"""From dataset and systems to items: what is shown at once, and the frozen plan."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from annotation.adjudication import rule_of
from annotation.controls import check_controls
from annotation.models import Campaign, Item, ItemOutput
from common.errors import BadInput
from models_app.models import Output, Segment, System


class Group(NamedTuple):
    """What is shown at once: a segment, its outputs, and whether anybody has to judge them."""

    segment: Segment
    outputs: list[Output]
    needs_rating: bool


class PlannedItem(NamedTuple):
    block: int
    group: Group
    wanted: int  # annotators; 0 where nobody has to judge it


def planned_items(campaign: Campaign) -> list[PlannedItem]:
    """The campaign's items in seeded order, read and not written.

    Raises BadInput where the campaign cannot work, and says what to change.
    """
    systems = list(campaign.systems.all())
    outputs = _outputs(campaign, systems)
    rows = campaign.segments.order_by("position").only("dataset", "document", "position")
    segments = [segment for segment in rows if segment.pk in outputs]
    _check(campaign, systems, segments, outputs)
    groups_of = _compared if campaign.protocol_object.compares else _single
    design = campaign.design_object
    groups = [
        (block, group)
        for block, members in enumerate(design.blocks(campaign, segments))
        for segment in members
        for group in groups_of(segment, outputs[segment.pk])
    ]
    rated = sorted({block for block, group in groups if group.needs_rating})
    wanted = dict(zip(rated, design.wanted(campaign, len(rated)).tolist(), strict=True))
    return [
        PlannedItem(block, group, wanted[block] if group.needs_rating else 0)
        for block, group in groups
    ]


def make_items(campaign: Campaign) -> int:
    """Store the campaign's items in seeded order; how many. Raises BadInput when there are none."""
    planned = planned_items(campaign)
    usual = campaign.raters_per_item
    items = [
        Item(
            campaign=campaign,
            segment=group.segment,
            position=position,
            block=block,
            n_wanted=wanted if wanted and wanted != usual else None,
            needs_rating=group.needs_rating,
        )
        for position, (block, group, wanted) in enumerate(planned)
    ]
    Item.objects.bulk_create(items)
    ItemOutput.objects.bulk_create(
        ItemOutput(item=item, output=output, slot=slot)
        for item, (_, group, _) in zip(items, planned, strict=True)
        for slot, output in enumerate(group.outputs)
    )
    return len(items)


def _outputs(campaign: Campaign, systems: Sequence[System]) -> dict[int, list[Output]]:
    outputs: dict[int, list[Output]] = {}
    rows = Output.objects.filter(system__in=systems, segment__in=campaign.segments)
    rows = rows.only("segment_id", "system_id", "text_hash")
    for output in rows.order_by("system_id"):
        outputs.setdefault(output.segment_id, []).append(output)
    return outputs


def _check(
    campaign: Campaign,
    systems: Sequence[System],
    segments: Sequence[Segment],
    outputs: dict[int, list[Output]],
) -> None:
    protocol = campaign.protocol_object
    if not protocol.annotatable:
        raise BadInput(f"{protocol.label} has no page here yet; choose another protocol")
    if not systems:
        raise BadInput("the campaign has no system; choose at least one")
    if protocol.compares and len(systems) < 2:
        raise BadInput(f"{protocol.label} compares systems; choose at least two")
    if not segments:
        raise BadInput(f"no chosen system has an output on {campaign.dataset}; load some first")
    n_segments = campaign.segments.count()
    for system in systems:
        n = sum(o.system_id == system.pk for rows in outputs.values() for o in rows)
        if n < n_segments:
            raise BadInput(
                f"the system {system.name!r} lacks {n_segments - n} of {n_segments} outputs on "
                f"{campaign.dataset}; every system must answer the same segments"
            )
    campaign.design_object.check(campaign)
    rule_of(campaign)
    check_controls(campaign)


def _single(segment: Segment, outputs: Sequence[Output]) -> Iterator[Group]:
    """One item per text: outputs that read the same are judged once and credited to each."""
    same: dict[str, list[Output]] = {}
    for output in outputs:
        same.setdefault(output.text_hash, []).append(output)
    for members in same.values():
        yield Group(segment, members, True)


def _compared(segment: Segment, outputs: Sequence[Output]) -> Iterator[Group]:
    """One item per pair; two outputs that read the same need nobody, they are a tie."""
    for pair in combinations(outputs, 2):
        yield Group(segment, list(pair), pair[0].text_hash != pair[1].text_hash)


def freeze_plan(campaign: Campaign, n_items: int, expected: Mapping[str, Any]) -> None:
    """Write what was decided and what is to be expected onto the campaign, and its hash."""
    campaign.plan = {
        "dataset": campaign.dataset.name,
        "systems": sorted(campaign.systems.values_list("name", flat=True)),
        "protocol": campaign.protocol,
        "options": campaign.options,
        "design": campaign.design,
        "raters_per_item": campaign.raters_per_item,
        "batch_size": campaign.batch_size,
        "seed": campaign.seed,
        "guideline": campaign.guideline,
        "guideline_version": campaign.guideline_version,
        "n_items": n_items,
        **expected,
    }
    text = json.dumps(campaign.plan, sort_keys=True, ensure_ascii=False)
    campaign.plan_hash = hashlib.sha256(text.encode()).hexdigest()
