"""The text around an item: the document's segments before and after it, as this item's system
wrote them, so that one reads on in one voice."""

from typing import NamedTuple

from annotation.models import Assignment
from models_app.models import Output, Segment

N_BEFORE, N_AFTER = 3, 2


class Neighbour(NamedTuple):
    source: str
    output: str | None  # none where several systems are compared, or the system wrote none


class Context(NamedTuple):
    before: list[Neighbour]
    after: list[Neighbour]


def context_of(assignment: Assignment, *, compares: bool) -> Context:
    """At most three queries; nothing that comes after where the campaign reveals stepwise."""
    item = assignment.item
    segment = item.segment
    if not segment.document:
        return Context([], [])
    others = Segment.objects.filter(dataset=segment.dataset_id, document=segment.document)
    earlier = others.filter(position__lt=segment.position).order_by("-position")[:N_BEFORE]
    before = list(reversed(earlier))
    after: list[Segment] = []
    if item.campaign.options.get("reveal") != "stepwise":
        after = list(others.filter(position__gt=segment.position).order_by("position")[:N_AFTER])
    texts = {} if compares else _texts(assignment, [*before, *after])
    rows = [Neighbour(other.source, texts.get(other.pk)) for other in [*before, *after]]
    return Context(rows[: len(before)], rows[len(before) :])


def _texts(assignment: Assignment, segments: list[Segment]) -> dict[int, str]:
    """The outputs of the system whose output is shown; of several that read the same, the first."""
    if not segments:
        return {}
    shown = assignment.item.slots.order_by("slot").values("output__system")[:1]
    outputs = Output.objects.filter(system__in=shown, segment__in=segments)
    return dict(outputs.values_list("segment", "text"))
