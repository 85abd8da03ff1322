"""What the page of MQM and ESA asks the database, with everything a campaign can show on it."""

import pytest
from django.urls import reverse

from annotation.models import Guideline
from annotation.services import open_campaign
from tests import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("n_segments", [6, 60])
@pytest.mark.parametrize("protocol", ["mqm", "esa"])
def test_a_page_with_a_guideline_asks_the_database_little(
    client, protocol, n_segments, django_assert_max_num_queries
):
    Guideline.objects.create(name="rules", version=1, language="en", text="# Rules")
    campaign = people.small_campaign(
        "study", protocol, n_segments=n_segments, guideline="rules", batch_size=n_segments
    )
    open_campaign(campaign)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    with django_assert_max_num_queries(12):
        html = client.get(page).content.decode()
    assert "Rules</h" in html


def test_the_page_is_packed_for_the_way(client):
    campaign = people.small_campaign("study", "mqm")
    open_campaign(campaign)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    plain = client.get(page)
    packed = client.get(page, headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
