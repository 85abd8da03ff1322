"""Every POST of the table that succeeds leaves an entry in the audit log, or says why not."""

import pytest
from django.db import transaction

from accounts.models import AuditEntry
from tests.doors import ADDRESSES, Crowd, World, small_worlds
from tests.test_permissions import EXPECTED, line_of

pytestmark = pytest.mark.django_db
DONE = (200, 201, 204, 302)

# What a POST that succeeds leaves no entry for, and why.
SAYS_WHY_NOT = "it is not the time for it, so nothing is done; the service's own test has the act"
OWN_DOOR = "an own matter of whoever is signed in"
EXEMPT = {
    "set_language": OWN_DOOR,
    "logout": OWN_DOOR,
    "login": OWN_DOOR,
    "login_code": OWN_DOOR,
    "annotation:profile": OWN_DOOR,
    "models_app:corpus_split": SAYS_WHY_NOT,
    "models_app:upload_confirm": SAYS_WHY_NOT,
    "models_app:upload_resume": SAYS_WHY_NOT,
    "models_app:corpus_measure": SAYS_WHY_NOT,
    "models_app:checkpoint_code": SAYS_WHY_NOT,
    "annotation:join": "an annotator of the campaign already uses nothing up",
    "annotation:campaign_open": SAYS_WHY_NOT,
    "annotation:quality_upload": SAYS_WHY_NOT,
    "annotation:quality_clear": SAYS_WHY_NOT,
    "metrics:package_start": SAYS_WHY_NOT,
    "metrics:package_resume": SAYS_WHY_NOT,
    "metrics:claim_pin": SAYS_WHY_NOT,
    "metrics:claim_again": SAYS_WHY_NOT,
    "metrics:slice_save": SAYS_WHY_NOT,
    "metrics:slice_rerate": SAYS_WHY_NOT,
    "metrics:scoring_resume": SAYS_WHY_NOT,
    "metrics:judge_resume": SAYS_WHY_NOT,
    "models_app:training_try": SAYS_WHY_NOT,
    "models_app:training_publish": SAYS_WHY_NOT,
    "models_app:sweep_drop": SAYS_WHY_NOT,
    "models_app:corpus_draw": SAYS_WHY_NOT,
    "studies:again": SAYS_WHY_NOT,
    **{
        f"models_app:{name}_resume": SAYS_WHY_NOT
        for name in ("benchmark", "run", "training", "sweep", "corpus_report", "corpus_translation")
    },
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> World:
    with django_db_blocker.unblock(), transaction.atomic():
        own, _other = small_worlds()
        own.crowd = Crowd()
        yield own
        transaction.set_rollback(True)


def acts() -> list[str]:
    return sorted(name for name in ADDRESSES if name in EXPECTED and name.startswith(ROOMS))


ROOMS = ("annotation:", "models_app:", "metrics:", "studies:", "login", "logout", "set_language")


def test_every_act_that_succeeds_is_in_the_log(world):
    missing = []
    for name in acts():
        if not any(code in DONE for code in line_of(name)["post"][-1:]):
            continue
        with transaction.atomic():
            before = AuditEntry.objects.count()
            code = world.crowd.client("admin").post(world.address(name)).status_code
            is_told = AuditEntry.objects.count() > before
            transaction.set_rollback(True)
        if code in DONE and not is_told and name not in EXEMPT:
            missing.append(name)
    assert missing == []
