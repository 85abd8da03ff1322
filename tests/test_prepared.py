"""Queries worded once: the same rows as the query itself, each time with other values."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.prepared import Prepared
from accounts.session_store import SessionStore
from annotation.models import ItemOutput
from annotation.services import open_campaign
from annotation.turns import writing
from models_app.models import Segment
from tests import people

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_query_with_what_it_selects_beside_them():
    campaign = people.small_campaign("study", "sidebyside")
    open_campaign(campaign)

    def slots(item):
        return ItemOutput.objects.filter(item=item).select_related("output").order_by("slot")

    prepared = Prepared(slots, 1)
    for item in campaign.items.all():
        with CaptureQueriesContext(connection) as asked:
            found = prepared.all(item.pk)
            texts = [slot.output.text for slot in found]
        assert len(asked) == 1
        assert found == list(slots(item.pk))
        assert texts == [slot.output.text for slot in slots(item.pk)]
    assert prepared.first(0) is None


def test_values_of_each_column_are_read_as_the_query_reads_them():
    dataset = people.small_dataset()
    prepared = Prepared(lambda dataset, key: Segment.objects.filter(dataset=dataset, key=key), 2)
    for segment in dataset.segments.all():
        found = prepared.first(dataset.pk, segment.key)
        assert found == segment and found.references == segment.references
        assert found.extra == segment.extra


def test_a_session_is_read_until_it_expires():
    store = SessionStore()
    store["seen"] = 1
    store.save()
    assert SessionStore(store.session_key)["seen"] == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    late = SessionStore(store.session_key)
    assert "seen" not in late and late.session_key is None
    assert "seen" not in SessionStore("of nobody")


def test_a_session_from_before_our_own_backend_goes_on(client):
    person = people.alice()
    client.force_login(person)
    session = client.session
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    assert client.get("/").wsgi_request.user == person
    person.is_active = False
    person.save()
    assert not client.get("/").wsgi_request.user.is_authenticated


@pytest.mark.django_db(transaction=True)
def test_who_writes_in_turn_keeps_all_or_nothing():
    with writing():
        dataset = people.small_dataset()
        with writing():
            pass
    with pytest.raises(ZeroDivisionError), writing():
        dataset.segments.all().delete()
        _ = 1 / 0
    assert dataset.segments.count() == 6
