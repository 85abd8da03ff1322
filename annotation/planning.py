"""From dataset and systems to items: what is shown at once, and the frozen plan."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import combinations

from annotation.models import Campaign, Item, ItemOutput
from annotation.ordering import draw
from common.errors import BadInput
from models_app.models import Output, Segment, System

Group = tuple[Segment, list[Output], bool]  # a segment, its outputs shown at once, to be rated?


def make_items(campaign: Campaign) -> int:
    """Store the campaign's items in seeded order; how many. Raises BadInput when there are none."""
    systems = list(campaign.systems.all())
    outputs = _outputs(campaign, systems)
    segments = [s for s in campaign.dataset.segments.order_by("position") if s.pk in outputs]
    _check(campaign, systems, segments, outputs)
    draw(campaign.seed, "items", campaign.dataset.name).shuffle(segments)
    protocol = campaign.protocol_object
    groups = [
        (block, group)
        for block, segment in enumerate(segments)
        for group in (_compared if protocol.compares else _single)(segment, outputs[segment.pk])
    ]
    items = [
        Item(
            campaign=campaign,
            segment=segment,
            position=position,
            block=block,
            needs_rating=needs_rating,
        )
        for position, (block, (segment, _, needs_rating)) in enumerate(groups)
    ]
    Item.objects.bulk_create(items)
    ItemOutput.objects.bulk_create(
        ItemOutput(item=item, output=output, slot=slot)
        for item, (_, (_, members, _)) in zip(items, groups, strict=True)
        for slot, output in enumerate(members)
    )
    return len(items)


def _outputs(campaign: Campaign, systems: Sequence[System]) -> dict[int, list[Output]]:
    outputs: dict[int, list[Output]] = {}
    rows = Output.objects.filter(system__in=systems, segment__dataset=campaign.dataset)
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
    n_segments = campaign.dataset.segments.count()
    for system in systems:
        n = sum(o.system_id == system.pk for rows in outputs.values() for o in rows)
        if n < n_segments:
            raise BadInput(
                f"the system {system.name!r} lacks {n_segments - n} of {n_segments} outputs on "
                f"{campaign.dataset}; every system must answer the same segments"
            )


def _single(segment: Segment, outputs: Sequence[Output]) -> Iterator[Group]:
    """One item per text: outputs that read the same are judged once and credited to each."""
    same: dict[str, list[Output]] = {}
    for output in outputs:
        same.setdefault(output.text_hash, []).append(output)
    for members in same.values():
        yield segment, members, True


def _compared(segment: Segment, outputs: Sequence[Output]) -> Iterator[Group]:
    """One item per pair; two outputs that read the same need nobody, they are a tie."""
    for pair in combinations(outputs, 2):
        yield segment, list(pair), pair[0].text_hash != pair[1].text_hash


def freeze_plan(campaign: Campaign, n_items: int) -> None:
    """Write what was decided onto the campaign, and its hash."""
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
    }
    text = json.dumps(campaign.plan, sort_keys=True, ensure_ascii=False)
    campaign.plan_hash = hashlib.sha256(text.encode()).hexdigest()
