"""A metric with the options it needs here: NLI finds its checkpoint, macro F1 its labels."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import BadInput
from metrics.automatic import METRICS, Metric
from metrics.options import typed
from models_app.checkpoints import place_of
from models_app.models import Checkpoint, Segment

MOST_CLASSES = 200


def build_metric(
    name: str, options: Mapping[str, Any], *, segments: Sequence[Segment] = ()
) -> Metric:
    """The metric called `name`; BadInput where an option is not one of its own."""
    kind = METRICS.get(name)
    chosen = typed(kind, options)
    if name == "nli":
        chosen.update(_checkpoint(chosen))
    if name == "f1_macro" and not chosen.get("labels"):
        chosen["labels"] = _labels(segments)
    try:
        return kind(**chosen)
    except TypeError:
        raise BadInput(
            f"the metric {name} does not take the options {', '.join(sorted(chosen))}; "
            "see docs/metrics.md for what it takes"
        ) from None


def _checkpoint(options: Mapping[str, Any]) -> dict[str, str]:
    """Where the NLI classifier is: the option, the environment, or a registered checkpoint."""
    wanted = str(options.get("checkpoint", ""))
    registered = Checkpoint.objects.filter(architecture=Checkpoint.Architecture.CLASSIFIER)
    row = registered.filter(name=wanted).first() if wanted else None
    if wanted and row is None:
        return {"checkpoint": wanted}
    if row is None and (folder := os.environ.get("NIKASH_NLI_CHECKPOINT")):
        return {"checkpoint": folder}
    row = row or registered.order_by("pk").first()
    if row is None:
        raise BadInput(
            "the metric nli needs a classifier and none is known; register a checkpoint of "
            "architecture classifier, or set NIKASH_NLI_CHECKPOINT to a folder or hub id"
        )
    return {"checkpoint": place_of(row.location), "revision": row.revision}


def _labels(segments: Sequence[Segment]) -> list[str]:
    """The gold classes of the whole data set, so that every chunk counts the same ones."""
    gold = {
        str(segment.extra.get("label") or next(iter(segment.references), "")).strip()
        for segment in segments
    } - {""}
    if len(gold) > MOST_CLASSES:
        raise BadInput(
            f"the metric f1_macro compares class labels, but the references hold {len(gold)} "
            "different texts; give the segments a column `label`"
        )
    return sorted(gold)
