"""A page of 30 rows asks the database as often as one of 3."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Assignment
from annotation.services import open_campaign, submit_rating
from api.tokens import make_token
from models_app.models import GenerationRun
from tests import people

FEW, MANY = 3, 30


@pytest.fixture
def filled(db, settings):
    settings.API_RATE = 0
    campaign = people.small_campaign(n_segments=20, batch_size=200)
    open_campaign(campaign)
    campaign.refresh_from_db()
    system = campaign.systems.first()
    for number in range(MANY + 1):
        people.small_dataset(f"d{number}", 1)
        made = people.small_system(f"x{number}", campaign.dataset)
        GenerationRun.objects.create(system=made, dataset=campaign.dataset, state="done")
        make_token(user=people.ada(), name=f"t{number}", scope="read", days=None)
    assert system is not None
    return campaign


@pytest.fixture
def rated(filled, caller):
    bob = caller("bob")
    bob.post(f"work/{filled.pk}/next/")
    for one in Assignment.objects.filter(annotator__user=people.bob())[: MANY + 2]:
        submit_rating(assignment=one, key=uuid.uuid4(), sequence=1, answer={"score": 3})
    return filled


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("ada", "me/tokens/"),
        ("ada", "datasets/"),
        ("ada", "systems/"),
        ("ada", "generation-runs/"),
        ("ada", "jobs/generation/"),
        ("ada", "audit-log/"),
        ("ada", "datasets/{dataset}/outputs/"),
        ("ada", "campaigns/{campaign}/ratings/"),
        ("bob", "work/{campaign}/ratings/"),
    ],
)
def test_lists_ask_as_often_however_long_they_are(rated, caller, who, where):
    ask = caller(who)
    address = where.format(campaign=rated.pk, dataset=rated.dataset_id)
    counts, rows = [], []
    for limit in (FEW, FEW, MANY):
        with CaptureQueriesContext(connection) as queries:
            response = ask.get(f"{address}?limit={limit}")
        counts.append(len(queries))
        rows.append(len(response.json()["results"]))
    assert rows == [FEW, FEW, MANY]
    assert counts[1] == counts[2]


def test_streaming_asks_once_for_each_five_hundred(rated, caller):
    alice = caller("alice")
    with CaptureQueriesContext(connection) as queries:
        response = alice.get(f"campaigns/{rated.pk}/ratings.ndjson/")
        lines = b"".join(response.streaming_content).splitlines()
    assert len(lines) == MANY + 2 and len(queries) < 25
