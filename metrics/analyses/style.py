"""How two compared outputs differ in length and format, and strengths with that controlled.

A longer or a more decorated answer can please whatever it says.  A system that always writes so
cannot be told from its style, and the model says so.
"""

from typing import Any

import numpy as np
import regex

from annotation.models import Campaign
from metrics.analyses.frame import FloatArray, Frame
from metrics.analyses.settings import Settings
from metrics.analyses.strengths import Compared, comparisons
from metrics.causes.base import n_seen
from metrics.statistics import BradleyTerry, bradley_terry
from models_app.models import Output

LENGTH = "length"
MARKS = {
    "lists": regex.compile(r"^[ \t]*(?:[-*+•]|\p{Nd}{1,3}[.)])[ \t]+\S", regex.MULTILINE),
    "headings": regex.compile(r"^ {0,3}#{1,6}[ \t]+\S", regex.MULTILINE),
    "bold": regex.compile(r"(\*\*|__)(?=\S)[^\n]{1,200}?(?<=\S)\1"),
}


def style(text: str) -> list[int]:
    """Characters a reader sees, without blanks, then how many of each of `MARKS`, as Markdown."""
    return [n_seen(text), *(len(mark.findall(text)) for mark in MARKS.values())]


def differences(
    campaign: Campaign, frame: Frame, found: Compared
) -> tuple[tuple[str, ...], FloatArray]:
    """Names, and a column each: first less second of every comparison; one query.

    Length is the log ratio of characters, an empty output counted as one character.  Marks are
    (a - b) / (a + b) of their numbers, 0 where neither has any; those that no compared output has
    are left out.
    """
    pairs = [frame.outputs[found.segment, side] for side in (found.first, found.second)]
    wanted = set(np.concatenate(pairs).tolist())
    rows = Output.objects.filter(system__campaigns=campaign, segment__dataset=campaign.dataset)
    counts = {
        pk: style(text) for pk, text in rows.values_list("pk", "text").iterator() if pk in wanted
    }
    shape = (-1, 1 + len(MARKS))
    one, other = (
        np.array([counts[pk] for pk in side.tolist()], dtype=np.float64).reshape(shape)
        for side in pairs
    )
    log_ratio = np.log(np.maximum(one[:, 0], 1)) - np.log(np.maximum(other[:, 0], 1))
    total = one + other
    shares = np.divide(one - other, total, out=np.zeros_like(total), where=total > 0)
    used = [place for place, _ in enumerate(MARKS, start=1) if total[:, place].any()]
    names = [*MARKS]
    return (
        (LENGTH, *(names[place - 1] for place in used)),
        np.column_stack([log_ratio, shares[:, used]]),
    )


def controlled_strengths(
    campaign: Campaign, frame: Frame, settings: Settings
) -> BradleyTerry | None:
    """Strengths of outputs equal in length and format; None where nobody compared two."""
    found = comparisons(frame)
    if not len(found.outcome):
        return None
    names, covariates = differences(campaign, frame, found)
    systems = np.array(frame.systems)
    return bradley_terry(
        systems[found.first],
        systems[found.second],
        found.outcome,
        found.segment,
        covariates=covariates,
        names=names,
        level=settings.coverage,
    )


def covariate_table(model: BradleyTerry | None) -> list[dict[str, Any]]:
    """A row for each difference that is controlled for."""
    return [
        {
            "covariate": row.covariate,
            "coefficient": row.effect.estimate,
            "low": row.effect.low,
            "high": row.effect.high,
            "p": row.p,
            "scale": row.scale,
            "n": model.n,
            "reason": row.reason or None,
        }
        for row in (model.coefficients if model else ())
    ]
