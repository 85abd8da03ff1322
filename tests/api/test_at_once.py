"""Two requests with one key at the same moment make one thing."""

import threading
import time

import pytest
from django.db import connection
from django.test import Client

from annotation.models import Campaign
from api.models import KeptAnswer
from api.tokens import make_token
from tests import people


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one():
    campaign = people.small_campaign()
    secret = make_token(user=people.alice(), name="t", scope="write", days=None)[1]
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "same"}
    body = {
        "name": "once",
        "dataset": campaign.dataset_id,
        "protocol": "sqm",
        "systems": list(campaign.systems.values_list("pk", flat=True)),
    }
    start, codes = threading.Barrier(4), []

    def ask():
        start.wait()
        client = Client()
        # The tests' database in memory waits for no lock: 503, or 409 of a key in progress.
        for _try in range(1000):
            response = client.post(
                "/api/v1/campaigns/", body, content_type="application/json", headers=headers
            )
            if response.status_code not in (409, 503):
                break
            time.sleep(0.05)
        codes.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [201] * 4
    assert Campaign.objects.filter(name="once").count() == 1
    assert KeptAnswer.objects.count() == 1
