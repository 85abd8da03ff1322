"""Python code that comes with weights: never run, unless twice allowed.

Whoever runs the machine sets NIKASH_ALLOW_REMOTE_CODE=1, and an admin switches it on for one
checkpoint. Both acts are needed, at every load; switching is written to the audit log.
"""

from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.access import is_admin
from common.errors import BadInput
from models_app.models import Checkpoint


def trusts(checkpoint: Checkpoint | None) -> bool:
    """Whether code that comes with the checkpoint may run, in this process, now."""
    return bool(settings.REMOTE_CODE_ALLOWED and checkpoint and checkpoint.trust_remote_code)


@transaction.atomic
def set_trust(checkpoint: Checkpoint, *, trusted: bool, user: Any) -> None:
    """Switch a checkpoint's own code on or off. Raises BadInput where it cannot be switched on."""
    if not is_admin(user):
        raise BadInput("only an admin decides whether a model's own code may run")
    if trusted and not settings.REMOTE_CODE_ALLOWED:
        raise BadInput(
            "this site runs no code that comes with models; whoever runs it must first set "
            "NIKASH_ALLOW_REMOTE_CODE=1"
        )
    found = Checkpoint.objects.select_for_update().get(pk=checkpoint.pk)
    if found.trust_remote_code == trusted:
        return
    found.trust_remote_code = checkpoint.trust_remote_code = trusted
    found.save(update_fields=["trust_remote_code"])
    act = "checkpoint.trust_code" if trusted else "checkpoint.distrust_code"
    audit.record(user, act, found, location=found.location, sha256=found.content_hash)
