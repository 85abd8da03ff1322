"""People with a role in campaigns, and a webhook that was given up, in a running site."""

import subprocess
import sys
from pathlib import Path

PASSWORD = "correct-horse-battery"
ROOT = Path(__file__).resolve().parents[2]
NAMES = {"campaign-auditor": "auditor", "campaign-admin": "admin"}


def prepare(environment: dict[str, str]) -> dict[str, str]:
    """Have the database of this site hold them; the passwords by user name."""
    code = "from tests.browser.roles import make; make()"
    command = [sys.executable, "manage.py", "shell", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return dict.fromkeys(NAMES, PASSWORD)


def make() -> None:
    """Run inside the site's Django."""
    from annotation.accounts import add_member, create_account
    from annotation.models import Campaign
    from api.webhooks.models import Delivery, Webhook

    campaigns = [Campaign.objects.filter(origin=o).latest("pk") for o in ("annotated", "simulated")]
    for name, role in NAMES.items():
        person = create_account(username=name, role="annotator", password=PASSWORD)
        for campaign in campaigns:
            add_member(campaign=campaign, user=person, role=role)
    webhook = Webhook.objects.create(
        campaign=campaigns[0],
        url=f"https://example.org/{'a-very-long-address/' * 8}",
        events=["job.done", "campaign.complete"],
        salt="salt",
        is_active=False,
        stopped_why="20 events in a row could not be delivered",
    )
    for state, error in (("failed", "the address did not answer in 10 seconds"), ("delivered", "")):
        Delivery.objects.create(
            webhook=webhook, event="job.done", payload={}, state=state, error=error
        )
