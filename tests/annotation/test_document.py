"""What stands around an item: its document, in the voice of the same system."""

import pytest

from annotation.document import context_of
from annotation.models import Assignment
from annotation.services import next_assignment, open_campaign
from tests.people import bob, small_campaign

pytestmark = pytest.mark.django_db


def assignment_of(key, **fields):
    """Bob's assignment on the segment `key`; documents are d0 (s0-s2) and d1 (s3-s5)."""
    campaign = small_campaign(**fields)
    open_campaign(campaign)
    campaign.refresh_from_db()
    next_assignment(bob().annotator, campaign)
    return Assignment.objects.filter(item__segment__key=key).first()


def test_before_and_after_are_of_the_same_document_and_system():
    assignment = assignment_of("s1")
    context = context_of(assignment, compares=False)
    assert [row.source for row in context.before] == ["The dog ran 0 times."]
    assert [row.source for row in context.after] == ["The dog ran 2 times."]
    system = assignment.item.slots.get().output.system
    wrote = dict(system.outputs.values_list("segment__key", "text"))
    assert context.before[0].output == wrote["s0"]
    assert context.after[0].output == wrote["s2"]


def test_a_comparison_shows_only_the_source_around_it():
    context = context_of(assignment_of("s1", protocol="sidebyside"), compares=True)
    assert [row.output for row in [*context.before, *context.after]] == [None, None]


def test_stepwise_shows_nothing_that_comes_after():
    context = context_of(assignment_of("s1", options={"reveal": "stepwise"}), compares=False)
    assert len(context.before) == 1 and context.after == []


def test_the_page_shows_it_without_a_name(client):
    assignment = assignment_of("s1")
    client.force_login(bob())
    page = client.get(f"/work/item/{assignment.pk}/").content.decode()
    assert "The dog ran 0 times." in page and "The dog ran 2 times." in page
    assert "secret" not in page
