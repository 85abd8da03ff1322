"""Counts that are kept are what is counted, and are mended where they are not."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from annotation import summaries
from annotation.models import Annotator, Assignment, Item, Summary
from annotation.recounting import recount
from annotation.services import expire_leases, next_assignment
from annotation.tallying import tally_of
from benchmarks.scale_site import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(monkeypatch):
    monkeypatch.setattr(summaries, "BIG", 100)
    campaign = build(60, 240, annotators=6, protocol="mqm", opened=True)
    next_assignment(Annotator.objects.first(), campaign)
    tally_of(campaign)
    return campaign


def test_nothing_is_wrong_where_work_was_handed_out_and_given_back(campaign):
    assert recount(campaign) == (0, 0)
    Assignment.objects.filter(state="open").update(lease_until="2026-01-01T00:00:00Z")
    assert expire_leases(campaign)
    assert recount(campaign) == (0, 0)
    assert not AuditEntry.objects.filter(action="counts.mend").exists()


def test_what_is_wrong_is_mended_and_told(campaign, capsys):
    right = dict(Item.objects.values_list("pk", "n_taken"))
    Item.objects.filter(pk__in=list(right)[:3]).update(n_taken=9)
    Item.objects.filter(pk__in=list(right)[-2:]).update(n_taken=7)
    Summary.objects.update(n_answers=1)
    call_command("recount", campaign=campaign.name)
    assert "5 items and 1 kept summaries had wrong counts; they are mended" in (
        capsys.readouterr().err
    )
    assert dict(Item.objects.values_list("pk", "n_taken")) == right
    assert Summary.objects.get().n_answers == 240
    assert AuditEntry.objects.filter(action="counts.mend").count() == 1
    call_command("recount")
    assert "0 items and 0 kept summaries had wrong counts." in capsys.readouterr().err


def test_an_unknown_campaign_is_said(campaign):
    with pytest.raises(CommandError, match="no campaign called 'other'"):
        call_command("recount", campaign="other")
