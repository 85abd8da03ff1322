"""How annotators did before they judged, and under which guidelines they judged."""

from collections import Counter
from typing import Any

from django.db.models import Count, Max, Min

from annotation.models import Campaign, Item, Participation
from metrics.analyses.control_answers import control_answers
from metrics.analyses.frame import counted
from metrics.analyses.settings import Settings
from metrics.statistics import proportion_interval

PASSED, FAILED, OPEN, NOT_TESTED = "passed", "failed", "not finished", "not tested"


def lesson_table(campaign: Campaign, settings: Settings) -> list[dict[str, Any]]:
    """A row per annotator who was trained or tested; the last attempt counts. Four queries."""
    trained = _training(campaign, settings)
    standings = campaign.participations.select_related("annotator").order_by("annotator__code")
    if not settings.with_excluded:
        standings = standings.exclude(state=Participation.State.EXCLUDED)
    rows = []
    for standing in standings:
        code = standing.annotator.code
        if standing.qualification or standing.trained_at or code in trained:
            rows.append(_lesson(standing, trained.get(code, Counter()), settings))
    return rows


def _training(campaign: Campaign, settings: Settings) -> dict[str, Counter[bool]]:
    """By code, how many training items with a known answer were right and wrong."""
    found: dict[str, Counter[bool]] = {}
    kinds = (Item.Purpose.TRAINING,)
    for answered in control_answers(campaign, kinds, with_excluded=settings.with_excluded):
        right = answered.is_right
        counts = found.setdefault(answered.code, Counter())
        if right is not None:
            counts[right] += 1
    return found


def _lesson(standing: Participation, training: Counter[bool], settings: Settings) -> dict[str, Any]:
    attempts = standing.qualification.get("attempts", [])
    last = attempts[-1] if attempts else {"right": 0, "n": 0}
    tested = bool(last["n"])
    share = (
        proportion_interval(last["right"], last["n"], level=settings.coverage)
        if tested
        else (None, None, None)
    )
    return {
        "annotator": standing.annotator.code,
        "n_training": training.total(),
        "n_training_right": training[True],
        "trained": standing.trained_at is not None,
        "attempts": len(attempts),
        "n": last["n"],
        "n_right": last["right"],
        "share": share[0],
        "low": share[1],
        "high": share[2],
        "threshold": standing.qualification.get("threshold"),
        "result": _result(standing, bool(attempts)),
        "reason": None if tested else "no finished attempt at a qualification",
    }


def _result(standing: Participation, tested: bool) -> str:
    if standing.qualified_at is not None:
        return PASSED
    if standing.qualification.get("is_open"):
        return OPEN
    return FAILED if tested else NOT_TESTED


def guideline_table(campaign: Campaign, settings: Settings) -> list[dict[str, Any]]:
    """A row per guideline under which counted ratings were made, "" where none was kept with them.

    [] where no rating names one. One query.
    """
    rows = list(
        counted(campaign, with_excluded=settings.with_excluded)
        .order_by("guideline")
        .values("guideline")
        .annotate(
            n_ratings=Count("pk"),
            n_annotators=Count("annotator", distinct=True),
            first=Min("updated_at"),
            last=Max("updated_at"),
        )
    )
    if not any(row["guideline"] for row in rows):
        return []
    return [
        {**row, "first": row["first"].date().isoformat(), "last": row["last"].date().isoformat()}
        for row in rows
    ]
