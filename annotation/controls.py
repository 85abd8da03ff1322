"""Items that watch the annotators: known answers, hidden repeats, damaged outputs.

Made when a campaign opens, each from an item to be judged (its origin), and shown only to
annotators who have the origin, too. annotation.mixing puts them into their sequences.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

from django.db.models import Count

from annotation.control_settings import check_settings, needs_qualification, setting
from annotation.damage import damage_output
from annotation.expectations import PREFERENCE
from annotation.models import Campaign, Item, ItemOutput
from annotation.ordering import draw
from common.errors import BadInput
from models_app.models import Output

PERCENT = {
    Item.Purpose.REPEAT: "percent_repeats",
    Item.Purpose.DAMAGED: "percent_damaged",
    Item.Purpose.KNOWN: "percent_known",
}
SPARE = 2  # times as many as an annotator of everything needs: not each finds a place
STRENGTHS = (0.2, 0.5, 0.85)  # minor, major, critical
READ = 5000  # origins read together
N_OTHERS = 20  # outputs of other segments that may stand in for one
# Where nobody loaded known answers: what a reference and a copy of the source must at least get.
REFERENCE, COPY = "reference", "copy of the source"
AUTOMATIC: dict[str, dict[str, dict[str, float]]] = {
    "sqm": {REFERENCE: {"score_min": 4}, COPY: {"score_max": 2}},
    "esa": {REFERENCE: {"score_min": 66}, COPY: {"score_max": 33}},
    "mqm": {REFERENCE: {"score_max": 5}, COPY: {"score_min": 5}},
}


class Draft(NamedTuple):
    """A control before it is stored: each slot is an output and the text shown instead."""

    item: Item
    slots: list[tuple[Output, str | None]]


def make_controls(campaign: Campaign) -> dict[str, int]:
    """Store the controls of a campaign whose items were just made; how many there are of each kind.

    Raises BadInput where the campaign asks for controls that no text can be made into.
    """
    judged = campaign.items.judged().order_by("position")
    rated = list(judged.filter(needs_rating=True).values_list("pk", flat=True))
    draw(campaign.seed, "controls").shuffle(rated)
    shuffled, drafts = cycle(rated), []
    for purpose in wanted_kinds(campaign):
        n = SPARE * math.ceil(len(rated) * setting(campaign, PERCENT[purpose]) / 100)
        made = list(_MAKERS[purpose](campaign, _origins(campaign, islice(shuffled, n))))
        if not made:
            raise BadInput(_NOTHING[purpose])
        drafts += made
    _store(drafts, judged.count())
    others = campaign.items.exclude(purpose=Item.Purpose.JUDGE)
    counts = others.order_by("purpose").values_list("purpose").annotate(n=Count("pk"))
    return dict(counts)


def wanted_kinds(campaign: Campaign) -> list[str]:
    """The kinds of controls to be made; known answers only where the researcher loaded none."""
    kinds = [kind for kind, name in PERCENT.items() if setting(campaign, name)]
    known = Item.Purpose.KNOWN
    if known in kinds and campaign.items.filter(purpose=known).exists():
        kinds.remove(known)
    return kinds


def check_controls(campaign: Campaign) -> None:
    """Raise BadInput where the settings cannot be used, alone or with this protocol."""
    check_settings(campaign)
    qualification = campaign.items.filter(purpose=Item.Purpose.QUALIFICATION)
    if needs_qualification(campaign) and not qualification.exists():
        raise BadInput(
            "annotators have to qualify, but no item for it is loaded; "
            "load some on the campaign's page, or leave the qualification out"
        )
    protocol = campaign.protocol_object
    kinds = wanted_kinds(campaign)
    if Item.Purpose.DAMAGED in kinds and protocol.compares and not _is_preference(campaign):
        raise BadInput(
            f"{protocol.label} has no answer that damage must change; set percent_damaged to 0"
        )
    known = campaign.protocol in AUTOMATIC or _is_preference(campaign)
    if Item.Purpose.KNOWN in kinds and not known:
        raise BadInput(
            f"for {protocol.label} the right answers must be loaded; "
            "load a table of known answers, or set percent_known to 0"
        )


def _is_preference(campaign: Campaign) -> bool:
    return campaign.protocol_object.main_criterion == PREFERENCE


def _origins(campaign: Campaign, chosen: Iterator[int]) -> list[Item]:
    """The items to make controls from, with texts, in the order drawn."""
    wanted = list(dict.fromkeys(chosen))
    rows = campaign.items.select_related("segment").with_texts()
    found: dict[int, Item] = {}
    for start in range(0, len(wanted), READ):
        found |= rows.in_bulk(wanted[start : start + READ])
    return [found[pk] for pk in wanted]


def _control(origin: Item, purpose: str, expected: dict[str, Any]) -> Item:
    return Item(
        campaign_id=origin.campaign_id,
        segment_id=origin.segment_id,
        block=origin.block,
        purpose=purpose,
        origin=origin,
        expected=expected,
    )


def _repeats(campaign: Campaign, origins: Sequence[Item]) -> Iterator[Draft]:
    for origin in origins:
        slots = [(slot.output, None) for slot in origin.slots.all()]
        yield Draft(_control(origin, Item.Purpose.REPEAT, {}), list(slots))


def _damaged(campaign: Campaign, origins: Sequence[Item]) -> Iterator[Draft]:
    """A damaged output alone, or beside the sound one, which is to be preferred."""
    language = campaign.dataset.target_lang
    texts = [(origin.segment_id, origin.slots.all()[0].output.text) for origin in origins]
    strengths = cycle(STRENGTHS)
    for origin in origins:
        slots = list(origin.slots.all())
        rng = draw(campaign.seed, "damaged", origin.position)
        sound = rng.randrange(len(slots)) if _is_preference(campaign) else 0
        other = (text for segment, text in texts if segment != origin.segment_id)
        others = list(islice(other, N_OTHERS))
        strength = next(strengths)
        source = origin.segment.source if campaign.dataset.is_translation else ""
        seed = f"{campaign.seed}/{origin.position}"
        done = damage_output(slots[sound].output.text, language, strength, seed, source, others)
        if done is None:
            continue
        expected = {
            "kind": done.kind,
            "severity": done.severity,
            "spans": [list(span) for span in done.spans],
            "strength": strength,
        }
        shown: list[tuple[Output, str | None]] = [(slots[sound].output, done.text)]
        if _is_preference(campaign):
            shown = [
                (slot.output, None if n == sound else done.text) for n, slot in enumerate(slots)
            ]
            expected[PREFERENCE] = sound
        yield Draft(_control(origin, Item.Purpose.DAMAGED, expected), shown)


def _known(campaign: Campaign, origins: Sequence[Item]) -> Iterator[Draft]:
    """References and copies of the source in turn; in a comparison, one beside the other."""
    for number, origin in enumerate(origins):
        source = origin.segment.source
        reference = next((text for text in origin.segment.references if text.strip()), "")
        slots = list(origin.slots.all())
        if _is_preference(campaign):
            if not reference or reference.split() == source.split():
                continue
            better = draw(campaign.seed, "known", origin.position).randrange(len(slots))
            texts = [reference if n == better else source for n in range(len(slots))]
            shown = [(slot.output, text) for slot, text in zip(slots, texts, strict=True)]
            expected: dict[str, Any] = {"from": REFERENCE, PREFERENCE: better}
        else:
            kind = REFERENCE if reference and number % 2 == 0 else COPY
            shown = [(slots[0].output, reference if kind == REFERENCE else source)]
            expected = {"from": kind, **AUTOMATIC[campaign.protocol][kind]}
        yield Draft(_control(origin, Item.Purpose.KNOWN, expected), list(shown))


_MAKERS = {
    Item.Purpose.REPEAT: _repeats,
    Item.Purpose.DAMAGED: _damaged,
    Item.Purpose.KNOWN: _known,
}
_NOTHING = {
    Item.Purpose.REPEAT: "there is no item to repeat; set percent_repeats to 0",
    Item.Purpose.DAMAGED: "no output could be damaged; set percent_damaged to 0",
    Item.Purpose.KNOWN: "the segments have no references to take known answers from; "
    "load a table of known answers, or set percent_known to 0",
}


def _store(drafts: Sequence[Draft], first: int) -> None:
    for place, draft in enumerate(drafts):
        draft.item.position = first + place
    Item.objects.bulk_create(draft.item for draft in drafts)
    ItemOutput.objects.bulk_create(
        ItemOutput(item=draft.item, output=output, slot=slot, changed_text=text)
        for draft in drafts
        for slot, (output, text) in enumerate(draft.slots)
    )
