"""The campaign under load, made inside a site's own Django."""

from __future__ import annotations

import json

from benchmarks.load.platform import SOURCE, TARGET


def make(n_items: int, n_people: int, raters: int) -> None:
    """Print {"campaign": key, "sessions": [one for each annotator]}."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.db import transaction
    from django.test import Client

    from annotation.accounts import add_member
    from annotation.models import Campaign, Guideline
    from annotation.services import open_campaign
    from common.text import text_hash
    from models_app.models import Dataset, Output, Segment, System

    dataset = Dataset.objects.create(name="load", source_lang="en", target_lang="mr")
    system = System.objects.create(name="load")
    segments = Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"s{n}", position=n, source=SOURCE.format(n=n))
        for n in range(n_items)
    )
    Output.objects.bulk_create(
        Output(system=system, segment=segment, text=text, text_hash=text_hash(text))
        for n, segment in enumerate(segments)
        for text in [TARGET.format(n=n)]
    )
    for path in sorted((settings.FIXTURES / "guidelines").glob("sqm.*.md")):
        language = path.stem.split(".")[1]
        text = path.read_text(encoding="utf-8")
        Guideline.objects.create(name="sqm", version=1, language=language, text=text)
    campaign = Campaign.objects.create(
        name="load", dataset=dataset, protocol="sqm", guideline="sqm", raters_per_item=raters
    )
    campaign.systems.add(system)
    open_campaign(campaign)
    password = make_password("load")  # slow on purpose: once for all
    sessions = []
    with transaction.atomic():
        for n in range(n_people):
            person = get_user_model().objects.create(username=f"load-{n}", password=password)
            add_member(campaign=campaign, user=person, role="annotator")
            client = Client()
            client.force_login(person)
            sessions.append(client.cookies["sessionid"].value)
    print(json.dumps({"campaign": campaign.pk, "sessions": sessions}))


def shared() -> int:
    """Items of the campaign that more annotators hold or have judged than were asked for."""
    from django.db.models import Count, F, Q

    from annotation.models import Item

    kept = Count("assignments", filter=~Q(assignments__state="expired"))
    items = Item.objects.annotate(kept=kept)
    return items.filter(kept__gt=F("campaign__raters_per_item")).count()
