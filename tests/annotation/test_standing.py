"""Pausing, excluding and taking back annotators, as researchers and annotators meet it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Annotator, Assignment, Participation, Rating
from annotation.participation import participation_of, set_standing
from annotation.services import claim_work, expire_leases, next_assignment, open_campaign
from annotation.standing import workers_of
from annotation.tallying import tally_of
from common.errors import BadInput
from tests.annotation.handing_out import answered
from tests.people import ada, alice, bob, charlie, person, small_campaign

pytestmark = pytest.mark.django_db
OUT = ("paused", "excluded")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def campaign() -> Any:
    made = small_campaign(batch_size=2)
    open_campaign(made)
    made.refresh_from_db()
    claim_work(bob().annotator, made)
    return made


def page_of(campaign: Any) -> str:
    return reverse("annotation:standing", args=[campaign.pk, bob().annotator.pk])


def detail(campaign: Any, user: Any = None) -> str:
    client = signed_in(user or alice())
    return client.get(reverse("annotation:campaign_detail", args=[campaign.pk])).content.decode()


def put(campaign: Any, state: str, reason: str = "too fast") -> Participation:
    standing = participation_of(campaign, bob().annotator)
    set_standing(standing, state, reason=reason, user=alice())
    return standing


def work(campaign: Any, name: str = "annotate_next", **kwargs: Any) -> Any:
    return signed_in(bob()).get(reverse(f"annotation:{name}", args=[campaign.pk]), **kwargs)


@pytest.mark.parametrize("state", OUT)
def test_a_researcher_sets_the_standing_and_the_campaign_shows_it(
    state: str, campaign: Any
) -> None:
    client = signed_in(alice())
    answer = client.post(page_of(campaign), {"state": state, "reason": " told me they guessed "})
    assert answer.url == reverse("annotation:campaign_detail", args=[campaign.pk])
    standing = Participation.objects.get()
    assert (standing.state, standing.reason) == (state, "told me they guessed")
    assert standing.changed_by == alice() and standing.changed_at is not None
    text = detail(campaign)
    assert f">{state}</span>" in text and 'told me they guessed <span class="soft">(alice, ' in text
    assert "told me they guessed" in client.get(page_of(campaign)).content.decode()


def test_taking_back_needs_no_reason(campaign: Any) -> None:
    put(campaign, "excluded")
    signed_in(alice()).post(page_of(campaign), {"state": "active", "reason": ""})
    standing = Participation.objects.get()
    assert (standing.state, standing.reason) == ("active", "")
    assert "Pause or exclude" in detail(campaign)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"state": "paused", "reason": ""}, "Say why"),
        ({"state": "excluded", "reason": " \n "}, "Say why"),
        ({"state": "excluded", "reason": "x" * 501}, "at most 500 characters"),
        ({"state": "paused", "reason": "a\0b"}, "Null characters are not allowed"),
        ({"state": "gone", "reason": "why"}, "is not one of the available choices"),
        ({"state": "", "reason": "why"}, "This field is required"),
        ({}, "This field is required"),
    ],
)
def test_a_standing_that_cannot_be_is_refused_with_a_sentence(
    data: dict[str, str], why: str, campaign: Any
) -> None:
    answer = signed_in(alice()).post(page_of(campaign), data)
    assert answer.status_code == 422 and why in answer.content.decode()
    assert Participation.objects.get().state == "active"


@pytest.mark.parametrize(
    ("state", "reason"), [("gone", "x"), ("paused", " "), ("paused", "x" * 501)]
)
def test_the_service_refuses_what_the_form_would(state: str, reason: str, campaign: Any) -> None:
    with pytest.raises(BadInput):
        put(campaign, state, reason)


@pytest.mark.parametrize("state", OUT)
def test_who_is_halted_gets_nothing_new_and_is_told(state: str, campaign: Any) -> None:
    answered_all(campaign)
    put(campaign, state)
    assert next_assignment(bob().annotator, campaign) is None
    answer = work(campaign, follow=True)
    assert "The researchers have paused your work here" in answer.content.decode()
    assert "too fast" not in answer.content.decode()
    listed = signed_in(bob()).get(reverse("annotation:my_work")).content.decode()
    assert "The researchers have paused your work here" in listed
    assert reverse("annotation:annotate_next", args=[campaign.pk]) not in listed


def answered_all(campaign: Any) -> None:
    """Everything that Bob holds, and nothing new."""
    from annotation.services import submit_rating

    for assignment in Assignment.objects.filter(state="open"):
        submit_rating(assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": 3})


@pytest.mark.parametrize("state", OUT)
def test_what_one_holds_can_still_be_answered(state: str, campaign: Any) -> None:
    put(campaign, state)
    listed = signed_in(bob()).get(reverse("annotation:my_work")).content.decode()
    assert "You can still finish the items you hold." in listed
    assert reverse("annotation:annotate_next", args=[campaign.pk]) in listed
    n_held = Assignment.objects.filter(state="open").count()
    for _ in range(n_held):
        address = work(campaign).url
        sent = {"key": str(uuid.uuid4()), "sequence": 1, "score": 4}
        assert signed_in(bob()).post(address, sent).status_code == 302
    assert Rating.objects.filter(is_complete=True).count() == n_held
    assert work(campaign).url == reverse("annotation:done", args=[campaign.pk])


@pytest.mark.parametrize("state", OUT)
def test_work_that_lapsed_is_not_lent_again_to_who_is_halted(state: str, campaign: Any) -> None:
    put(campaign, state)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    expire_leases()
    assert next_assignment(bob().annotator, campaign) is None
    put(campaign, "active", "")
    assert next_assignment(bob().annotator, campaign) is not None


def test_who_is_taken_back_goes_on(campaign: Any) -> None:
    answered_all(campaign)
    put(campaign, "paused")
    put(campaign, "active", "")
    assert "/work/item/" in work(campaign).url
    assert "paused your work" not in work(campaign, follow=True).content.decode()


def test_other_campaigns_are_not_concerned(campaign: Any) -> None:
    put(campaign, "excluded")
    other = small_campaign("other")
    open_campaign(other)
    other.refresh_from_db()
    assert next_assignment(bob().annotator, other) is not None
    page = signed_in(bob()).get(reverse("annotation:my_work")).content.decode()
    assert page.count("paused your work") == 1


def test_only_the_campaign_s_researchers_set_standings(campaign: Any) -> None:
    for user, status in ((bob(), 404), (charlie(), 404), (ada(), 302)):
        data = {"state": "paused", "reason": "why"}
        assert signed_in(user).post(page_of(campaign), data).status_code == status


def test_somebody_who_never_began_has_no_standing(campaign: Any) -> None:
    stranger = Annotator.objects.create(code="A-ZZZZ")
    address = reverse("annotation:standing", args=[campaign.pk, stranger.pk])
    assert signed_in(alice()).get(address).status_code == 404


def test_a_rater_of_an_imported_study_can_be_excluded(campaign: Any) -> None:
    rater = Annotator.objects.create(code="r1", scope=campaign.name, origin="imported")
    Rating.objects.create(item=campaign.items.first(), annotator=rater, is_complete=True)
    address = reverse("annotation:standing", args=[campaign.pk, rater.pk])
    data = {"state": "excluded", "reason": "random answers"}
    assert signed_in(alice()).post(address, data).status_code == 302
    found = {worker.annotator.code: worker.state for worker in workers_of(campaign)}
    assert found == {"r1": "excluded", bob().annotator.code: "active"}


def test_a_reason_is_shown_as_text(campaign: Any) -> None:
    put(campaign, "paused", "<script>alert(1)</script>")
    assert "<script>alert(1)" not in detail(campaign)


def test_a_consent_that_was_taken_back_is_shown(campaign: Any) -> None:
    assert "consent withdrawn" not in detail(campaign)
    Participation.objects.update(profile={"consented": True})
    assert "consent withdrawn" in detail(campaign)
    Annotator.objects.update(consented_at=timezone.now())
    assert "consent withdrawn" not in detail(campaign)


def test_ratings_are_counted_once_for_each_annotator(campaign: Any) -> None:
    answered(campaign, bob().annotator, lambda item: 3)
    put(campaign, "excluded")
    (worker,) = workers_of(campaign)
    assert worker.n_complete == 12 and worker.state == "excluded"


def test_many_annotators_take_as_many_queries_as_one(
    campaign: Any, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        user = person(f"p{number}", "annotator")
        rater = Annotator.objects.create(code=f"r{number}", user=user)
        set_standing(participation_of(campaign, rater), "paused", reason="x", user=alice())
    tally = tally_of(campaign)
    with django_assert_num_queries(2):
        assert len(workers_of(campaign, tally)) == 13
