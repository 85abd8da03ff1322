"""Campaigns: opened, rated by simulated raters where the study says so, and reported."""

from collections.abc import Mapping
from typing import Any

from annotation.accounts import add_member
from annotation.models import Campaign, Rating
from annotation.services import close_campaign, open_campaign
from annotation.simulation import SimulatedRater, simulate
from metrics.reporting import fresh_report, open_report
from models_app.models import Dataset, System
from studies.work import Work

SEVERITIES, NOISES = (0.0, 0.08, -0.05, 0.03, -0.02), (0.08, 0.12, 0.1, 0.09, 0.11)


def hold_campaigns(work: Work) -> None:
    """Simulated raters rate at once; for people, a draft is left to open, and reported later."""
    for entry in work.configuration.get("campaigns", ()):
        campaign = _campaign(work, entry)
        if entry.get("simulated"):
            _simulate(work, campaign, entry)
        rated = Rating.objects.filter(item__campaign=campaign, is_complete=True)
        if rated.exists() and not fresh_report(campaign):
            work.say(f"reporting {entry['name']}")
            work.do(open_report(campaign)[0])


def _simulate(work: Work, campaign: Campaign, entry: Mapping[str, Any]) -> None:
    if campaign.state == Campaign.State.CLOSED:
        return
    work.say(f"simulating ratings: {entry['name']}")
    if campaign.state == Campaign.State.DRAFT:
        open_campaign(campaign, despite_leaks_by=work.study.created_by)
        campaign.refresh_from_db()
    simulate(campaign, _raters(work.seed, entry["raters"]))
    close_campaign(campaign)
    campaign.refresh_from_db()


def _campaign(work: Work, entry: Mapping[str, Any]) -> Campaign:
    origin = Campaign.Origin.SIMULATED if entry.get("simulated") else Campaign.Origin.ANNOTATED
    campaign, is_new = Campaign.objects.get_or_create(
        name=work.name(entry["name"]),
        defaults={
            "dataset": Dataset.objects.get(name=work.name(entry["dataset"])),
            "protocol": entry["protocol"],
            "options": entry.get("options", {}),
            "raters_per_item": entry["raters"],
            "origin": origin,
            "seed": work.seed,
        },
    )
    if is_new:
        campaign.systems.set(System.objects.filter(name__in=work.systems(entry["systems"])))
    if user := work.study.created_by:
        add_member(campaign=campaign, user=user, role="admin")
    return campaign


def _raters(seed: int, n: int) -> list[SimulatedRater]:
    return [
        SimulatedRater(
            f"S{number + 1}",
            1000 * seed + number,
            SEVERITIES[number % len(SEVERITIES)],
            NOISES[number % len(NOISES)],
        )
        for number in range(n)
    ]
