"""What a report was made from: a hash that changes when an answer, a score or our code does."""

import hashlib
import json
import tomllib
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum

from annotation.models import Campaign, Rating, RatingEvent, RatingScore, SecondThought
from metrics.models import MetricScore, ScoringRun

_OURS = (
    "statistics/*.py",
    "automatic/*.py",
    "causes/*.py",
    "analyses/*.py",
    "reports/payload.py",
    "reports/sections/*.py",
    "reports/columns/*.json",
)
WITH_EXCLUDED = "+x"


@cache
def code_version() -> str:
    """The release and a hash of the code that computes, say "0.1.0+3f2a9c01d4"."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        release = tomllib.load(file)["project"]["version"]
    digest = hashlib.sha256()
    for pattern in _OURS:
        for path in sorted((settings.BASE_DIR / "metrics").glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return f"{release}+{digest.hexdigest()[:10]}"


def data_version(campaign: Campaign, *, code: str = "", with_excluded: bool = False) -> str:
    """ "CODE-DATA", 59 characters: the end of the code's version and a hash. Nine small queries.

    `code` stands for our own; whoever makes a report that somebody else asked for names theirs.
    with_excluded : the version of a report with excluded annotators, which ends in WITH_EXCLUDED
    """
    facts: list[Any] = [campaign.name, campaign.protocol, campaign.options]
    facts.append(list(campaign.systems.order_by("pk").values_list("pk", "name", "kind")))
    facts.append(campaign.items.aggregate(n=Count("pk"), last=Max("pk")))
    facts.append(RatingEvent.objects.filter(item__campaign=campaign).aggregate(last=Max("pk")))
    ratings = Rating.objects.filter(item__campaign=campaign, is_complete=True)
    facts.append(ratings.aggregate(n=Count("pk"), last=Max("updated_at")))
    scores = RatingScore.objects.filter(rating__item__campaign=campaign)
    facts.append(scores.aggregate(n=Count("pk"), last=Max("pk"), total=Sum("value")))
    changed = SecondThought.objects.filter(rating__item__campaign=campaign)
    facts.append(changed.aggregate(n=Count("pk")))
    standings = campaign.participations.order_by("pk")
    fields = (
        "annotator",
        "state",
        "reason",
        "profile",
        "annotator__consented_at",
        "annotator__withholds_answers",
        "annotator__withholds_notes",
        "annotator__withholds_profile",
    )
    fields += ("trained_at", "qualified_at", "qualification")
    facts.append(list(standings.values_list(*fields)))
    measured = MetricScore.objects.filter(dataset=campaign.dataset_id)
    facts.append(measured.aggregate(n=Count("pk"), last=Max("computed_at")))
    facts += _findings(campaign)
    text = json.dumps(facts, sort_keys=True, default=str)
    data = hashlib.sha256(text.encode()).hexdigest()[:48]
    kind = WITH_EXCLUDED if with_excluded else ""
    return f"{code or code_version()[-10:]}-{data}{kind}"


def _findings(campaign: Campaign) -> list[Any]:
    """What the newest runs found of metrics and labels; one query."""
    doctor: dict[str, Any] = {}
    labels: list[Any] = []
    runs = ScoringRun.objects.filter(dataset=campaign.dataset_id).order_by("pk")
    for environment in runs.values_list("environment", flat=True):
        doctor |= environment.get("doctor", {})
        labels = environment.get("labels") or labels
    return [doctor, labels]
