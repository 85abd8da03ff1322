"""Campaigns and annotators for the tests of marking, made in a running site's own database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "The dog ran home at once, white {n}."
TARGET = "कुत्रा क्षणात 👩🏽\u200d🔬 घराकडे धावला, ba\u0301n {n}."
HIDDEN = "The \u202edog\u200b ran."
HIDDEN_TARGET = "कुत्रा \u202eघराकडे\u202c धा\u200bवला, क्\u200dष अ\u200cब \u2067{n}."
PASSWORD = "correct-horse-battery"
N_ITEMS = 3
CAMPAIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "Marking with categories": ("mqm", {"tree": "core", "leaves": "mr"}),
    "Marking two at most": ("mqm", {"max_errors": 2}),
    "Marking with a score": ("esa", {}),
    "Marking what nobody sees": ("mqm", {}),
}


def prepare(environment: dict[str, str], names: list[str]) -> None:
    """Have the database of this site hold the campaigns, and these annotators."""
    code = f"from tests.browser.marking_campaigns import make; make({json.dumps(names)})"
    command = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def make(names: list[str]) -> None:
    """Run inside the site's Django."""
    from annotation.accounts import add_member, create_account
    from annotation.models import Campaign
    from annotation.services import open_campaign
    from common.text import text_hash
    from models_app.models import Dataset, Output, Segment, System

    system = System.objects.create(name="marked")

    def texts(name: str, source: str, target: str) -> Dataset:
        dataset = Dataset.objects.create(name=name, source_lang="en", target_lang="mr")
        for n in range(1, N_ITEMS + 1):
            segment = Segment.objects.create(
                dataset=dataset, key=f"m{n}", position=n, source=source.format(n=n)
            )
            text = target.format(n=n)
            Output.objects.create(
                system=system, segment=segment, text=text, text_hash=text_hash(text)
            )
        return dataset

    plain = texts("marking", SOURCE, TARGET)
    hidden = texts("marking, hidden", HIDDEN, HIDDEN_TARGET)
    people = [create_account(username=n, role="annotator", password=PASSWORD) for n in names]
    for name, (protocol, options) in CAMPAIGNS.items():
        campaign = Campaign.objects.create(
            name=name,
            dataset=hidden if name == "Marking what nobody sees" else plain,
            protocol=protocol,
            options=options,
            raters_per_item=40,
        )
        campaign.systems.add(system)
        open_campaign(campaign)
        for person in people:
            add_member(campaign=campaign, user=person, role="annotator")
