"""Every address of the API for every kind of person: who is let in, who finds nothing."""

import re

import pytest
from django.test import Client

from api.resources import RESOURCES
from api.tokens import make_token
from tests import people
from tests.doors import PEOPLE, small_worlds

pytestmark = pytest.mark.django_db
# anonymous, annotator, stranger, auditor, site auditor, researcher, campaign admin, admin
PERSON = (401, *[200] * 7)
SITE = (401, 403, 200, 403, 200, 200, 403, 200)
ADMIN = (401, *[403] * 6, 200)
READS = (401, 404, 404, 200, 200, 200, 200, 200)
MANAGES = (401, 404, 404, 404, 404, 200, 200, 200)
ANNOTATES = (401, 200, *[404] * 6)
NOBODY = (401, *[404] * 7)
CAMPAIGN = "campaigns/{campaign}/"
READ = {
    "me/": PERSON,
    "me/tokens/": PERSON,
    "me/profile/": PERSON,
    "work/": PERSON,
    "work/{campaign}/ratings/": ANNOTATES,
    "work/{campaign}/guideline/": ANNOTATES,
    "work/items/{assignment}/": ANNOTATES,
    "work/items/{assignment}/feedback/": NOBODY,
    "campaigns/": PERSON,
    CAMPAIGN: READS,
    **{
        f"{CAMPAIGN}{part}": READS
        for part in (
            "leaks/",
            "coverage/",
            "standings/",
            "ratings/",
            "ratings.ndjson/",
            "exports/",
            "exports/nikash/",
            "live/",
            "report/",
            "report/json/",
            "report/html/",
            "report/packages/",
            "slices/",
            "slice.csv/",
            "segments/{segment}/",
            "invitations/",
        )
    },
    f"{CAMPAIGN}members/": MANAGES,
    **dict.fromkeys(
        (
            "datasets/",
            "checkpoints/",
            "adapters/",
            "systems/",
            "generation-runs/",
            "corpora/",
            "corpus-reports/",
            "corpus-translations/",
            "trainings/",
            "sweeps/",
            "benchmark-runs/",
            "energy-records/",
            "metric-scores/",
            "guidelines/",
            "studies/",
        ),
        SITE,
    ),
    "scoring-runs/": PERSON,
    "judge-runs/": PERSON,
    "audit-log/": PERSON,
    "accounts/": ADMIN,
    "jobs/generation/": PERSON,
    "jobs/upload/": PERSON,
    "uploads/{upload}/": (401, 404, 404, 404, 404, 200, 404, 200),
    "jobs/nothing/": NOBODY,
    "jobs/nothing/1/": NOBODY,
}
# With an empty body: 422 is as far as one gets who may.
CHANGE = {
    "campaigns/": (401, 403, 422, 403, 403, 422, 403, 422),
    f"{CAMPAIGN}open/": MANAGES,
    f"{CAMPAIGN}members/": (401, 404, 404, 404, 404, 422, 422, 422),
    f"{CAMPAIGN}report/claims/": (401, 404, 404, 404, 404, 422, 422, 422),
    f"{CAMPAIGN}slices/": (401, 404, 404, 404, 404, 422, 422, 422),
    f"{CAMPAIGN}rate-again/": (401, 404, 404, 404, 404, 422, 422, 422),
    "work/{campaign}/next/": ANNOTATES,
    "work/{campaign}/give-back/": ANNOTATES,
    **{
        name: (401, *[403] * 6, 422)
        for name in (
            "checkpoints/",
            "adapters/",
            "systems/",
            "generation-runs/",
            "corpora/mix/",
            "corpora/{corpus}/translate/",
            "trainings/",
            "sweeps/",
            "benchmark-runs/",
            "studies/",
            "judge-runs/",
            "accounts/",
        )
    },
    "guidelines/": (401, 403, 422, 403, 403, 422, 403, 422),
    "scoring-runs/": (401, 403, 422, 403, 403, 422, 403, 422),
}


@pytest.fixture
def ask(client):
    own, _other = small_worlds()
    names = {
        "campaign": own.campaign.pk,
        "assignment": own.assignment.pk,
        "segment": own.campaign.dataset.segments.first().pk,
        "corpus": own.corpus.pk,
        "upload": own.upload.pk,
    }
    headers = []
    for person in PEOPLE.values():
        made = {}
        if person:
            secret = make_token(user=person(), name="t", scope="write", days=None)[1]
            made = {"Authorization": f"Bearer {secret}"}
        headers.append(made)

    def codes(method: str, where: str) -> tuple[int, ...]:
        address = f"/api/v1/{where.format(**names)}"
        given = {"data": {}, "content_type": "application/json"} if method == "post" else {}
        call = getattr(client, method)
        return tuple(call(address, headers=one, **given).status_code for one in headers)

    return codes


def test_everybody_reads_what_is_theirs(ask, settings):
    settings.API_RATE = settings.API_ANONYMOUS_RATE = 0
    assert {where: ask("get", where) for where in READ} == READ


def test_everybody_changes_what_is_theirs(ask, settings):
    settings.API_RATE = settings.API_ANONYMOUS_RATE = 0
    assert {where: ask("post", where) for where in CHANGE} == CHANGE


def test_a_session_changes_nothing_from_a_page_of_another_site(db):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.ada())
    operations = [one for room in RESOURCES for one in room.operations if one.method != "GET"]
    assert len(operations) > 50
    for operation in operations:
        where = re.sub(r"<\w+:\w+>", "1", operation.path)
        answer = client.generic(operation.method, f"/api/v1/{where}", b"{}", "application/json")
        assert (operation.name, answer.status_code) == (operation.name, 403)


def test_nothing_is_open_to_anybody():
    assert {o.who.name for room in RESOURCES for o in room.operations} == {
        "PERSON",
        "SITE_READER",
        "RESEARCHER",
        "ADMIN",
    }
