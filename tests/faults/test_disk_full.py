"""No space for the database: saving says so, stores nothing in part, and goes on afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from annotation.models import Assignment, Rating, RatingEvent, RatingScore
from annotation.services import open_campaign
from tests import people

pytestmark = pytest.mark.django_db(transaction=True)
TRIGGER = """CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER no_space BEFORE INSERT ON annotation_ratingscore
    FOR EACH ROW EXECUTE FUNCTION no_space();"""


@contextmanager
def no_space() -> Iterator[None]:
    """SQLite is allowed no further page; PostgreSQL says what it says on a full disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")  # tests before this one left pages free to be filled
            cursor.execute("PRAGMA max_page_count = 1")  # no fewer than there are
        else:
            cursor.execute(TRIGGER)
        try:
            yield
        finally:
            cursor.execute(
                "PRAGMA max_page_count = 4294967294"
                if connection.vendor == "sqlite"
                else "DROP FUNCTION no_space CASCADE"
            )


def test_an_answer_that_finds_no_space_is_refused_whole_and_taken_later():
    campaign = people.small_campaign("full", "sqm")
    open_campaign(campaign)
    client = Client(raise_request_exception=False)
    client.force_login(people.bob())
    page = client.get(reverse("annotation:annotate_next", args=[campaign.pk])).headers["Location"]
    filled = "ज" * 1900  # more than the pages that are there have room for
    data = {"key": str(uuid.uuid4()), "sequence": "1", "score": "4", "note": filled}
    json = {"headers": {"Accept": "application/json"}}
    with no_space():
        for _ in range(3):
            answer = client.post(page, data, **json)
        told = answer.json()["error"]
        assert (answer.status_code, told["code"]) == (507, "disk_full")
        assert "disk is full" in told["message"] and int(answer.headers["Retry-After"]) > 0
        assert client.get(page).status_code == 200
    assert [model.objects.count() for model in (RatingEvent, Rating, RatingScore)] == [0, 0, 0]
    assert not Assignment.objects.filter(state="done").exists()
    assert client.post(page, data, **json).json()["saved"] is True
    assert [model.objects.count() for model in (RatingEvent, Rating, RatingScore)] == [1, 1, 1]
