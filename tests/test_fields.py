"""Ids in fields, of pages and of the API: another campaign's is as good as none.

Who may open which address is in tests/test_permissions.py and tests/api/test_permissions.py.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from annotation.models import Campaign
from api.bodies import FormBody
from api.endpoints import Operation
from api.models import Webhook
from api.resources import RESOURCES
from api.tokens import make_token
from metrics.models import JudgeRun, ScoringRun
from models_app.models import Adapter, Checkpoint, Corpus, Dataset, Subset, System
from tests import people
from tests.doors import World, small_worlds

pytestmark = pytest.mark.django_db
ROOMS = ("accounts", "annotation", "api", "config", "metrics", "models_app", "studies")
# What belongs to no campaign: whoever may send the form may read all of it.
SHARED = {Adapter, Checkpoint, Corpus, Dataset, Subset, System}
NOBODYS = 10**9
# Form and field; how it is sent, and what else it takes to get so far.
PAGES = {
    ("WebhookForm", "campaign"): ("post", "/webhooks/", {"events": "job.done"}),
    ("ScoringForm", "campaign"): ("post", "/scoring/start/", {"metrics": "chrf"}),
    ("ChoosePilot", "pilot"): ("get", "/planner/", {"question": "difference"}),
}
ADMINS_ONLY = {("JudgeForm", "campaign")}  # they read every campaign
IN_PATH = re.compile(r"<\w+:(\w+)>")
WORDS = {"format": "nikash", "purpose": "training", "kind": "archive"}


def forms_of_the_site() -> set[type[forms.BaseForm]]:
    get_resolver().url_patterns  # noqa: B018 - imports every view
    found, left = set(), [forms.BaseForm]
    while left:
        left += (kinds := left.pop().__subclasses__())
        found |= {kind for kind in kinds if kind.__module__.split(".")[0] in ROOMS}
    return found


def of_campaigns(fields: dict[str, Any]) -> list[str]:
    """Fields that name rows of campaigns by their ids."""
    return [
        name
        for name, field in fields.items()
        if isinstance(field, forms.ModelChoiceField) and field.queryset.model not in SHARED
    ]


def operations() -> Iterator[Operation]:
    return (operation for room in RESOURCES for operation in room.operations)


@pytest.fixture
def worlds(settings: Any) -> tuple[World, World]:
    settings.API_RATE = 0
    return small_worlds()


def told(client: Client, method: str, address: str, data: Any, known: list[int], **more: Any):
    """Status and text of an answer, without what differs from one request to the next."""
    with transaction.atomic():
        answer = getattr(client, method)(address, data, **more)
        transaction.set_rollback(True)
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]+|"request_id": ?"[^"]*', "", answer.text)
    for one in known:
        text = re.sub(rf"\b{one}\b", "ID", text)
    return answer.status_code, text


def through_the_api(operation: Operation, where: str, data: Any, known: list[int], secret: str):
    headers = {"Authorization": f"Bearer {secret}"}
    given = {"content_type": "application/json", "headers": headers}
    method = operation.method.lower()
    data = data if method != "get" else None
    return told(Client(), method, f"/api/v1/{where}", data, known, **given)


def n_rows() -> list[int]:
    return [kind.objects.count() for kind in (Campaign, Webhook, JudgeRun, ScoringRun)]


def test_every_field_with_ids_of_campaigns_is_tried():
    found = {
        (kind.__name__, name)
        for kind in forms_of_the_site()
        for name in of_campaigns(getattr(kind, "base_fields", {}))
    }
    assert found == set(PAGES) | ADMINS_ONLY


@pytest.mark.parametrize("form", sorted(PAGES))
def test_a_page_takes_no_other_campaign_and_does_not_tell_that_it_is_there(form, worlds):
    method, address, more = PAGES[form]
    client, known, before = Client(), [worlds[1].campaign.pk, NOBODYS], n_rows()
    client.force_login(people.alice())
    found = [told(client, method, address, {**more, form[1]: pk}, known) for pk in known]
    assert found[0] == found[1] and found[0][0] == 422
    assert f">{worlds[1].campaign.name}<" not in found[0][1]
    assert n_rows() == before


def test_no_body_of_the_api_takes_another_campaign(worlds):
    secret = make_token(user=people.alice(), name="t", scope="write", days=None)[1]
    known, before, tried = [worlds[1].campaign.pk, NOBODYS], n_rows(), {}
    for operation in operations():
        if not isinstance(operation.takes, FormBody) or "<" in operation.path:
            continue
        for name in of_campaigns(operation.takes.make(None, None, None).fields):
            found = [
                through_the_api(operation, operation.path, {name: pk}, known, secret)
                for pk in known
            ]
            assert (operation.name, found[0]) == (operation.name, found[1])
            tried[operation.name] = found[0][0]
    assert tried == {"make_a_webhook": 422, "make_scoring_run": 422, "make_judge_run": 403}
    assert n_rows() == before


def ids_of(world: World) -> dict[str, int]:
    """Rows of a campaign, by their names in the API's addresses."""
    campaign = world.campaign
    found = {name: getattr(campaign, f"{name}s").first().pk
             for name in ("claim", "slice", "package", "invitation", "webhook")}  # fmt: skip
    return found | {
        "campaign": campaign.pk,
        "item": world.assignment.item_id,
        "member": world.member.pk,
        "annotator": world.assignment.annotator_id,
        "study": world.arguments["studies:detail"][0],
        "upload": world.upload.pk,
    }


def test_no_address_of_the_api_leads_to_a_row_of_another_campaign(worlds):
    secret = make_token(user=people.alice(), name="t", scope="write", days=None)[1]
    mine, theirs = map(ids_of, worlds)
    tried = 0
    for operation in operations():
        names = [name for name in IN_PATH.findall(operation.path) if name in theirs]
        if not names:
            continue
        child, found = names[-1], []
        for pk in (theirs[child], NOBODYS):
            ids = {**mine, **WORDS, child: pk}
            where = IN_PATH.sub(lambda one, ids=ids: str(ids.get(one[1], 1)), operation.path)
            known = [theirs[child], NOBODYS]
            found.append(through_the_api(operation, where, {}, known, secret))
        assert (operation.name, found[0]) == (operation.name, found[1])
        assert found[0][0] in (403, 404, 422), operation.name
        tried += 1
    assert tried > 60
