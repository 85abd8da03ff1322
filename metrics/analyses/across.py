"""Metrics against people over several campaigns, by language: verdicts and reversals."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from annotation.models import Campaign, Participation, Rating
from common.language_registry import find_language
from metrics.models import MetricScore, ReportRun
from metrics.reports.version import WITH_EXCLUDED
from metrics.statistics.pooled import pooled_share
from models_app.models import Job

GROUPINGS = ("all", "languages", "family", "script", "resource_class")
VERDICTS = ("agree", "opposite", "only people", "only metric", "neither")
FIELDS = (
    "metric",
    "by",
    "group",
    "n_campaigns",
    "signatures",
    "pairs",
    *(name.replace(" ", "_") for name in VERDICTS),
    "reversals_n",
    "reversals",
    "low",
    "high",
    "lowest",
    "highest",
    "i2",
    "reason",
)


class Told(NamedTuple):
    """What a campaign's report says of its metrics."""

    campaign: Campaign
    metrics: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    reversals: list[dict[str, Any]]

    def group(self, by: str) -> str:
        """Where the campaign belongs; "" where the registry does not know its language."""
        dataset = self.campaign.dataset
        if by == "all":
            return ""
        if by == "languages":
            return f"{dataset.source_lang}→{dataset.target_lang}"
        found = find_language(dataset.target_lang)
        value = None if found is None else getattr(found, by)
        return "" if value is None else str(value)


class Gathered(NamedTuple):
    """Campaigns with a report of the data as they are, and those left out by why."""

    told: list[Told]
    stale: list[Campaign]
    without: list[Campaign]
    simulated: list[Campaign]


def gather(campaigns: QuerySet[Campaign]) -> Gathered:
    """The newest reports without excluded annotators; seven queries, however many campaigns.

    A report counts as one of the data as they are when no rating, no standing of an annotator and
    no score of a metric is newer.
    """
    known = {c.pk: c for c in campaigns.select_related("dataset").order_by("name").distinct()}
    real = {pk: c for pk, c in known.items() if c.origin != Campaign.Origin.SIMULATED}
    runs = ReportRun.objects.filter(campaign__in=list(real), state=Job.State.DONE)
    runs = runs.exclude(data_version__endswith=WITH_EXCLUDED).exclude(payload=None)
    made = dict(
        runs.order_by("pk")
        .annotate(since=Coalesce("started_at", "queued_at"))
        .values_list("campaign", "since")
    )
    changed = _changed(real)
    fresh = [pk for pk, since in made.items() if all(at <= since for at in changed.get(pk, []))]
    return Gathered(
        [Told(real[pk], *parts) for pk, parts in _parts(runs, fresh)],
        [real[pk] for pk in real if pk in made and pk not in fresh],
        [real[pk] for pk in real if pk not in made],
        [c for c in known.values() if c.pk not in real],
    )


def _changed(campaigns: dict[int, Campaign]) -> dict[int, list[Any]]:
    """When the data of each campaign last changed."""
    ratings = Rating.objects.filter(item__campaign__in=campaigns)
    standings = Participation.objects.filter(campaign__in=campaigns)
    found: dict[int, list[Any]] = {}
    for rows in (
        ratings.values_list("item__campaign").annotate(at=Max("updated_at")),
        standings.values_list("campaign").annotate(at=Max("changed_at")),
    ):
        for pk, at in rows.order_by():
            found.setdefault(pk, []).extend([at] if at else [])
    datasets = {campaign.dataset_id for campaign in campaigns.values()}
    scores = MetricScore.objects.filter(dataset__in=datasets)
    scored = dict(scores.values_list("dataset").annotate(at=Max("computed_at")).order_by())
    for pk, campaign in campaigns.items():
        if at := scored.get(campaign.dataset_id):
            found.setdefault(pk, []).append(at)
    return found


def _parts(
    runs: QuerySet[ReportRun], campaigns: Sequence[int]
) -> Iterator[tuple[int, tuple[Any, Any, Any]]]:
    names = ("payload__metrics", "payload__pairs", "payload__reversals")
    rows = runs.filter(campaign__in=campaigns).order_by("campaign__name", "pk")
    newest = {pk: parts for pk, *parts in rows.values_list("campaign", *names)}
    for pk, parts in newest.items():
        metrics, pairs, reversals = (part or [] for part in parts)
        yield pk, (metrics, pairs, reversals)


def across_rows(told: Sequence[Told], *, level: float = 0.95) -> list[dict[str, Any]]:
    """A row for each metric and group of campaigns, with `FIELDS`."""
    names = sorted({metric["metric"] for one in told for metric in one.metrics})
    rows = []
    for name in names:
        mine = [one for one in told if any(m["metric"] == name for m in one.metrics)]
        for by in GROUPINGS:
            for group in sorted({one.group(by) for one in mine}):
                chosen = [one for one in mine if one.group(by) == group]
                rows.append({"metric": name, "by": by, "group": group, **_row(name, chosen, level)})
    return rows


def _row(metric: str, told: Sequence[Told], level: float) -> dict[str, Any]:
    verdicts = [row["verdict"] for one in told for row in _of(metric, one.pairs)]
    shares = [row for one in told for row in _of(metric, one.reversals) if row["by"] == "all"]
    columns = [[row[name] for row in shares] for name in ("share", "low", "high", "n")]
    pooled = pooled_share(*columns, level=level)
    return {
        "n_campaigns": len(told),
        "signatures": sorted({m["signature"] for one in told for m in _of(metric, one.metrics)}),
        "pairs": len(verdicts),
        **{name.replace(" ", "_"): verdicts.count(name) for name in VERDICTS},
        "reversals_n": pooled.n,
        "reversals": pooled.share,
        "low": pooled.low,
        "high": pooled.high,
        "lowest": pooled.lowest,
        "highest": pooled.highest,
        "i2": pooled.i2,
        "reason": pooled.reason,
    }


def _of(metric: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["metric"] == metric]
