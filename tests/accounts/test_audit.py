"""The audit log: nothing is changed in it, services write it, and who reads what."""

import csv
import io

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.audit import record
from accounts.models import AuditEntry
from annotation.accounts import add_member
from annotation.services import close_campaign, open_campaign
from common.errors import Conflict
from tests import people

pytestmark = pytest.mark.django_db


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def campaign():
    made = people.small_campaign()
    add_member(campaign=made, user=people.gita(), role="admin")
    add_member(campaign=made, user=people.eve(), role="auditor")
    return made


def rows(person, query="") -> list[dict[str, str]]:
    answer = signed_in(person).get(reverse("annotation:audit_csv") + query)
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_an_entry_is_never_changed_or_removed():
    entry = record(people.ada(), "campaign.open")
    with pytest.raises(Conflict, match="never changed"):
        entry.save()
    with pytest.raises(Conflict, match="never changed"):
        entry.delete()
    with pytest.raises(Conflict, match="never changed"):
        AuditEntry.objects.all().delete()
    with pytest.raises(Conflict, match="never changed"):
        AuditEntry.objects.update(action="nothing")
    with pytest.raises(Conflict, match="never changed"):
        AuditEntry.objects.bulk_update([entry], ["action"])


def test_an_entry_outlives_who_made_it():
    dora = people.person("dora", "admin")
    pk = record(dora, "campaign.open").pk
    dora.delete()
    assert AuditEntry.objects.get(pk=pk).actor_name == "dora"


def test_an_act_that_is_taken_back_leaves_no_entry(campaign):
    with pytest.raises(RuntimeError), transaction.atomic():
        open_campaign(campaign)
        raise RuntimeError
    assert not AuditEntry.objects.filter(action="campaign.open").exists()


def test_services_record_without_a_request(campaign):
    open_campaign(campaign)
    close_campaign(campaign)
    told = AuditEntry.objects.filter(campaign_id=campaign.pk).values_list("action", flat=True)
    assert {"campaign.make", "member.add", "campaign.open", "campaign.close"} <= set(told)


def test_the_page_records_who_acted_once(campaign):
    signed_in(people.gita()).post(reverse("annotation:campaign_open", args=[campaign.pk]))
    entry = AuditEntry.objects.get(action="campaign.open")
    assert (entry.actor, entry.campaign_id) == (people.gita(), campaign.pk)


def test_each_reads_what_is_theirs(campaign):
    elsewhere = people.small_campaign("elsewhere")
    elsewhere.memberships.all().delete()
    record(people.ada(), "account.make", people.bob(), role="annotator")
    for person in (people.gita(), people.eve(), people.alice()):
        found = rows(person)
        assert found and {row["campaign"] for row in found} == {"study"}
        assert rows(person, f"?campaign={elsewhere.pk}") == []
    for person in (people.ada(), people.frank()):
        found = rows(person)
        assert {"study", "elsewhere"} <= {row["campaign"] for row in found}
        assert "account.make" in {row["action"] for row in found}
    assert signed_in(people.bob()).get(reverse("annotation:audit")).status_code == 403


@pytest.mark.parametrize("auditor", [people.eve, people.frank])
def test_auditors_read_signs_for_names(auditor, campaign):
    signed_in(people.alice()).post(reverse("annotation:campaign_open", args=[campaign.pk]))
    record(people.alice(), "account.make", people.bob(), email="bob@example.org")
    found = rows(auditor())
    told = " ".join(value for row in found for value in row.values())
    assert not any(name in told for name in ("alice", "bob", "gita"))
    opened = next(row for row in found if row["action"] == "campaign.open")
    assert opened["actor"].startswith("P-")
    assert rows(auditor(), "?actor=alice") == []


def test_filters_choose(campaign):
    record(people.ada(), "campaign.close", campaign, campaign_id=campaign.pk)
    assert {row["action"] for row in rows(people.ada(), "?action=campaign.close")} == {
        "campaign.close"
    }
    assert {row["actor"] for row in rows(people.ada(), "?actor=ada")} == {"ada"}
    assert rows(people.ada(), "?day=1999-01-01") == []
    assert rows(people.ada(), "?day=2026-99-99&campaign=x") == []


def test_no_cell_of_the_file_is_a_formula(campaign):
    record(people.ada(), "file.load", file="=cmd()")
    record(people.ada(), "campaign.close", people.small_dataset("@SUM(1)"))
    cells = [row["subject"] for row in rows(people.ada(), "?action=campaign.close")]
    assert cells == ["'@SUM(1)"]


def test_the_page_asks_as_much_for_a_long_log_as_for_a_short_one(campaign):
    client = signed_in(people.ada())
    address = reverse("annotation:audit")

    def n_queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    n_queries()
    few = n_queries()
    for number in range(200):
        record(people.alice(), "campaign.close", campaign, campaign_id=campaign.pk, n=number)
    assert n_queries() == few
    assert 'aria-label="' in client.get(address + "?page=2").content.decode()
