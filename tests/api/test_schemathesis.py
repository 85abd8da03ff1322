"""The whole API with generated requests of every kind of person: no 500, nothing off the schema.

NIKASH_API_EXAMPLES says how many requests an operation gets from each (2 where it is not set).
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.tokens import make_token
from config.wsgi import application
from tests import people
from tests.answers import connection_kept
from tests.doors import PEOPLE, World, small_worlds

EXAMPLES = int(os.environ.get("NIKASH_API_EXAMPLES", "2"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ASKING = ("anonymous", "annotator", "auditor", "researcher", "admin")


def known_ids(world: World) -> dict[str, list[int]]:
    """Ids that exist, by the name they have in addresses and bodies."""
    campaign = world.campaign
    segments = list(campaign.dataset.segments.values_list("pk", flat=True))
    systems = list(campaign.systems.values_list("pk", flat=True))
    rows: dict[str, list[int]] = {
        "campaign": [campaign.pk],
        "item": [world.assignment.pk, world.assignment.item_id],
        "member": list(campaign.memberships.values_list("pk", flat=True)),
        "invitation": list(campaign.invitations.values_list("pk", flat=True)),
        "annotator": [world.assignment.annotator_id],
        "dataset": [campaign.dataset_id],
        "segment": segments,
        "system": systems,
        "systems": systems,
        "system_a": systems,
        "system_b": systems,
        "judge": systems,
        "corpus": [world.corpus.pk],
        "corpus_1": [world.corpus.pk],
    }
    for name in ("claim", "slice", "package"):
        rows[name] = list(getattr(campaign, f"{name}s").values_list("pk", flat=True))
    for name in ("run", "job", "report", "training", "sweep", "study", "checkpoint", "token"):
        rows[name] = [1, 2]
    return rows


WORDS = {
    "kind": [
        "generation",
        "training",
        "sweep",
        "benchmark",
        "scoring",
        "judge",
        "report",
        "package",
        "study",
        "corpus-report",
        "archive",
        "csv",
    ],
    "format": ["nikash", "ratings"],
    "purpose": ["training", "known"],
    "protocol": ["sqm", "esa"],
    "username": ["bob"],
    "answer": [{"score": "3"}, {"errors": "[]", "score": "70"}],
    "target_lang": ["mr"],
}


def likely(given: Any, known: dict[str, list[Any]], draw: random.Random) -> Any:
    """Three in four values that could name a row do."""
    if not isinstance(given, dict):
        return given
    found = dict(given)
    for name in found:
        if name in known and known[name] and draw.random() < 0.75:
            value = draw.choice(known[name])
            found[name] = [value] if isinstance(found[name], list) else value
    return found


@pytest.fixture
def asking(db: None) -> Iterator[tuple[dict[str, dict[str, str]], dict[str, list[Any]]]]:
    world, _other = small_worlds()
    people.person("dora", "annotator")
    headers = {}
    for name in ASKING:
        headers[name] = {}
        if person := PEOPLE[name]:
            _made, secret = make_token(user=person(), name="fuzz", scope="write", days=None)
            headers[name] = {"Authorization": f"Bearer {secret}"}
    with connection_kept():
        yield headers, {**known_ids(world), **WORDS}


class Undone(Exception):
    """Nothing that a generated request did is kept for the next."""


def called(case: Any, headers: dict[str, str]) -> Any:
    try:
        with transaction.atomic():
            response = case.call(headers=headers)
            raise Undone
    except Undone:
        return response


def test_no_500_and_nothing_off_the_schema(asking, settings):
    settings.API_RATE = settings.API_ANONYMOUS_RATE = 0
    cache.clear()
    headers, known = asking
    problems: dict[str, str] = {}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
    for result in schema.get_all_operations():
        fuzz(result.ok(), headers, known, problems)
    lines = [f"{where}\n{problem}" for where, problem in problems.items()]
    assert not lines, f"{len(lines)} problems\n" + "\n\n".join(lines[:40])


def told(problem: Any) -> str:
    """Every failure of a response, on a few lines."""
    return "\n".join(str(one)[:700] for one in getattr(problem, "exceptions", [problem]))


def fuzz(operation: Any, headers: Any, known: Any, problems: dict[str, str]) -> None:
    @seed(1)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        draw = random.Random(repr((case.path_parameters, case.body)))
        case.path_parameters = likely(case.path_parameters, known, draw)
        case.body = likely(case.body, known, draw)
        for name in ASKING:
            response = called(case, headers[name])
            try:
                case.validate_response(response, checks=CHECKS)
            except (Failure, FailureGroup) as problem:
                key = f"{operation.label} as {name}: {response.status_code}"
                problems.setdefault(key, told(problem))

    ask()
