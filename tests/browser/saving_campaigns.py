"""Campaigns and annotators for the tests of saving, made inside a server's own Django."""

import json
from typing import Any

from tests.browser.marking_campaigns import PASSWORD, SOURCE, TARGET

N_ITEMS = 4
CAMPAIGNS: dict[str, tuple[str, dict[str, Any], int]] = {
    "mqm": ("mqm", {"tree": "core", "leaves": "mr"}, 100),
    "esa": ("esa", {}, 100),
    "mine": ("esa", {}, 1),
    "ours": ("esa", {}, 1),
}
ITEMS_KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("nikash-items-"));
  const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return kept.flat().length;
}"""


def make(n_people: int) -> None:
    """Print {"campaigns": {name: key}, "sessions": {user name: session}}."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.test import Client

    from annotation.accounts import add_member
    from annotation.models import Campaign, Guideline
    from annotation.services import open_campaign
    from common.text import text_hash
    from models_app.models import Dataset, Output, Segment, System

    dataset = Dataset.objects.create(name="kept", source_lang="en", target_lang="mr")
    system = System.objects.create(name="kept")
    for n in range(1, N_ITEMS + 1):
        segment = Segment.objects.create(
            dataset=dataset, key=f"k{n}", position=n, source=SOURCE.format(n=n)
        )
        text = TARGET.format(n=n)
        Output.objects.create(system=system, segment=segment, text=text, text_hash=text_hash(text))
    for path in sorted((settings.FIXTURES / "guidelines").glob("*.md")):
        protocol, language = path.stem.split(".")
        text = path.read_text(encoding="utf-8")
        Guideline.objects.create(name=protocol, version=1, language=language, text=text)
    password = make_password(PASSWORD)  # slow on purpose: once for all
    accounts = get_user_model().objects
    people = [accounts.create(username=f"p{n}", password=password) for n in range(n_people)]
    campaigns, sessions = {}, {}
    for name, (protocol, options, raters) in CAMPAIGNS.items():
        campaign = Campaign.objects.create(
            name=name, dataset=dataset, protocol=protocol, guideline=protocol, options=options,
            raters_per_item=raters,
        )  # fmt: skip
        campaign.systems.add(system)
        open_campaign(campaign)
        campaigns[name] = campaign.pk
        for person in people:
            add_member(campaign=campaign, user=person, role="annotator")
    for person in people:
        client = Client()
        client.force_login(person)
        sessions[person.username] = client.cookies["sessionid"].value
    print(json.dumps({"campaigns": campaigns, "sessions": sessions}))
