"""Items with known answers, loaded into a draft: for training, for qualification, as controls."""

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction
from django.db.models import Count, Max

from accounts.audit import record
from annotation.models import Campaign, Item, ItemOutput
from annotation.quality_rows import OPTIONAL, REQUIRED, QualityRow, RowReader
from common.errors import BadInput
from common.problems import Problems
from common.tables import Table
from common.text import text_hash
from models_app.loading.common import Loaded, all_or_nothing
from models_app.models import Output, Segment, System
from models_app.models.system import CARRIER

PURPOSES = (Item.Purpose.TRAINING, Item.Purpose.QUALIFICATION, Item.Purpose.KNOWN)
FIRST = 10**9  # their positions and blocks, far from those of items to be judged


def load_quality(
    table: Table,
    *,
    campaign: Campaign,
    purpose: str,
    replace: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n_rows: None,
) -> Loaded:
    """Store a table's items in a draft; the same file again changes nothing.

    replace : leave out what was loaded for this purpose before

    Raises BadInput or BadTable, with row, column and reason, and then nothing is stored.
    """
    if purpose not in PURPOSES:
        raise BadInput(f"no purpose {purpose!r}; write {', '.join(PURPOSES)}")
    problems = Problems(table.name)
    loaded = Loaded()
    with all_or_nothing(problems, dry_run=dry_run):
        _check_draft(Campaign.objects.select_for_update().get(pk=campaign.pk))
        reader = RowReader(campaign, purpose, problems)
        if replace:
            clear_quality(campaign, purpose)
        stored = _stored(campaign, purpose)
        new: list[QualityRow] = []
        for row in table.rows(REQUIRED, OPTIONAL, problems):
            loaded.see(row)
            progress(loaded.n_rows)
            found = reader.read(row)
            if found is None:
                continue
            before = stored.get((found.key, found.texts))
            if before is None:
                new.append(found)
            elif before == found.expected:
                loaded.n_unchanged += 1
            else:
                problems.add(
                    "this item is loaded with other expectations; remove what was loaded first",
                    found.number,
                    "key",
                )
        if not problems.n:
            _store(campaign, purpose, new)
            loaded.n_new = len(new)
            record(None, "known_answers.load", campaign, campaign_id=campaign.pk, purpose=purpose)
    return loaded


def loaded_items(campaign: Campaign) -> list[tuple[str, str, int]]:
    """Purpose, its label and the number of items, of what was loaded; one query."""
    loaded = campaign.items.filter(position__gte=FIRST).order_by()
    counts = dict(loaded.values_list("purpose").annotate(n=Count("pk")))
    return [(p.value, str(p.label), counts[p]) for p in PURPOSES if p in counts]


@transaction.atomic
def clear_quality(campaign: Campaign, purpose: str) -> int:
    """Remove what was loaded for a purpose; how many items. BadInput once the campaign was open."""
    _check_draft(campaign)
    items = campaign.items.filter(purpose=purpose, purpose__in=PURPOSES)
    n = items.count()
    items.delete()
    record(None, "known_answers.remove", campaign, campaign_id=campaign.pk, purpose=purpose)
    return n


def _check_draft(campaign: Campaign) -> None:
    if campaign.state != Campaign.State.DRAFT:
        raise BadInput(
            f"{campaign} is {campaign.get_state_display()}; "
            "such items are loaded and removed while a campaign is a draft"
        )


def _stored(campaign: Campaign, purpose: str) -> Mapping[tuple[str, tuple[str, ...]], dict]:
    """What is expected of the items that are there, by key and texts."""
    items = campaign.items.filter(purpose=purpose).select_related("segment")
    return {
        (item.segment.key, tuple(slot.text for slot in item.slots.all())): item.expected
        for item in items.with_texts()
    }


def _store(campaign: Campaign, purpose: str, rows: Sequence[QualityRow]) -> None:
    keys = {row.key for row in rows}
    segments = {s.key: s for s in campaign.dataset.segments.filter(key__in=keys)}
    carriers = _carriers(
        campaign, segments.values(), n=max((len(r.texts) for r in rows), default=0)
    )
    last = campaign.items.filter(position__gte=FIRST).aggregate(last=Max("position"))["last"]
    first = FIRST if last is None else last + 1
    items = [
        Item(
            campaign=campaign,
            segment=segments[row.key],
            position=first + place,
            block=first + place,
            purpose=purpose,
            expected=row.expected,
        )
        for place, row in enumerate(rows)
    ]
    Item.objects.bulk_create(items)
    ItemOutput.objects.bulk_create(
        ItemOutput(item=item, output_id=output, slot=slot, changed_text=text)
        for item, row in zip(items, rows, strict=True)
        for slot, (output, text) in enumerate(
            zip(carriers[item.segment_id], row.texts, strict=False)
        )
    )


def _carriers(campaign: Campaign, segments: Sequence[Segment], n: int) -> dict[int, list[int]]:
    """For each segment, `n` outputs in whose place the items' texts are shown: those of the
    campaign's systems, and where there are too few, empty ones of systems that carry nothing else.
    """
    found: dict[int, list[int]] = {segment.pk: [] for segment in segments}
    outputs = Output.objects.filter(segment__in=found, system__campaigns=campaign)
    for segment, output in outputs.order_by("system").values_list("segment", "pk"):
        found[segment].append(output)
    for number in range(n):
        lacking = [
            segment for segment, outputs_there in found.items() if len(outputs_there) <= number
        ]
        if lacking:
            for segment, output in _empty_outputs(campaign, number, lacking).items():
                found[segment].append(output)
    return found


def _empty_outputs(campaign: Campaign, number: int, segments: Sequence[int]) -> dict[int, int]:
    ending = f" ({number + 1})" if number else ""
    name = f"quality of {campaign.name}"[: 100 - len(ending)].rstrip() + ending
    system, _ = System.objects.get_or_create(
        name=name, defaults={"kind": System.Kind.IMPORTED, "note": CARRIER}
    )
    Output.objects.bulk_create(
        (Output(system=system, segment_id=pk, text="", text_hash=text_hash("")) for pk in segments),
        ignore_conflicts=True,
    )
    made = Output.objects.filter(system=system, segment__in=segments)
    return dict(made.values_list("segment", "pk"))
