"""Nobody is given what they wrote themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.authorship import names_of, own_blocks, written_by
from annotation.coverage import coverage_of
from annotation.models import Assignment, Item, Participation
from annotation.participation import participation_of, set_standing
from annotation.profiles import profile_saved
from annotation.services import claim_work, expire_leases, next_assignment, take_back
from models_app.models import Segment
from tests.annotation.handing_out import answered, members, opened, raters, work_through

pytestmark = pytest.mark.django_db


def written(campaign, author, *positions):
    """The segments at these positions are said to be by this author."""
    for segment in Segment.objects.filter(dataset=campaign.dataset, position__in=positions):
        segment.extra = {**segment.extra, "author": author}
        segment.save()


def had(annotator):
    mine = Assignment.objects.filter(annotator=annotator)
    return set(mine.values_list("item__segment__position", flat=True))


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Asha Kulkarni", "  asha   KULKARNI "),
        ("Ashá", "Asha\u0301"),
        ("आशा", "आशा"),
        ("ÉIRE", "éire"),
        ("Asha", ["Ravi", "asha"]),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(name, author):
    (rater,) = raters(1)
    rater.author_name = name
    assert names_of(rater) & written_by(author)


@pytest.mark.parametrize("author", [None, "", "  ", 7, {"a": 1}, [], [None, 3], True])
def test_what_is_no_name_is_nobody(author):
    assert written_by(author) == frozenset()


def test_an_empty_name_wrote_nothing(django_assert_num_queries):
    campaign = opened()
    written(campaign, "", 0, 1)
    (rater,) = raters(1)
    with django_assert_num_queries(0):
        assert own_blocks(campaign, rater) == []


@pytest.mark.parametrize("design", ["uniform", "overlap", "latin"])
def test_an_author_is_not_given_their_own(design):
    campaign = opened(design, raters_per_item=2, n_segments=8)
    written(campaign, "Asha", 1, 4)
    author, other = raters(2)
    author.author_name = " ASHA "
    author.save()
    work_through(campaign, [author, other])
    assert had(author).isdisjoint({1, 4})
    assert had(author) | {1, 4} >= had(other)


def test_the_user_name_counts_like_the_name_that_was_told():
    campaign = opened(n_segments=4)
    (member,) = members(campaign, 1)
    written(campaign, member.user.username.upper(), 0)
    work_through(campaign, [member])
    assert had(member) == {1, 2, 3}


def test_a_document_with_a_segment_of_ones_own_is_skipped_whole():
    campaign = opened("documents", n_segments=6)
    written(campaign, "Asha", 1)
    (author,) = raters(1)
    author.author_name = "Asha"
    work_through(campaign, [author])
    assert had(author) == {3, 4, 5}


def test_with_balanced_pairs_others_judge_what_an_author_may_not():
    options = {"places": 3}
    campaign = opened("bibd", design_options=options, raters_per_item=2, n_segments=12)
    people = members(campaign, 3)
    people[0].author_name = "Asha"
    people[0].save()
    written(campaign, "Asha", *range(6))
    work_through(campaign, people)
    assert had(people[0]).isdisjoint(range(6))
    assert not campaign.items.wanting().exists()
    assert set(campaign.items.values_list("n_taken", flat=True)) == {2}


def test_lapsed_work_is_not_lent_again_to_who_turns_out_to_have_written_it():
    campaign = opened(n_segments=4)
    (member,) = members(campaign, 1)
    claim_work(member, campaign)
    Assignment.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    expire_leases()
    written(campaign, member.user.username, 0, 1)
    assert take_back(member, campaign) == 4


def test_telling_the_name_gives_back_what_one_holds_of_ones_own():
    campaign = opened(n_segments=4)
    (member,) = members(campaign, 1)
    written(campaign, "Asha", 0, 1)
    claim_work(member, campaign)
    member.author_name = "asha"
    member.save()
    profile_saved(member)
    held = Assignment.objects.filter(annotator=member, state=Assignment.State.OPEN)
    assert set(held.values_list("item__segment__position", flat=True)) == {2, 3}
    assert Item.objects.filter(segment__position__lt=2, n_taken=0).count() == 4
    answered(campaign, member, lambda item: 3)
    assert next_assignment(member, campaign) is None


def alarms(campaign):
    return [str(alarm) for alarm in coverage_of(campaign).alarms]


def test_items_that_only_their_author_could_take_are_counted():
    campaign = opened(n_segments=4)
    (author,) = members(campaign, 1)
    written(campaign, author.user.username, 0)
    assert alarms(campaign) == [
        "2 items can be taken by nobody: who has not had them wrote them, or is paused or "
        "excluded; add somebody."
    ]
    members(campaign, 2)
    assert alarms(campaign) == []


def test_items_for_which_only_paused_people_are_left_are_counted():
    campaign = opened(raters_per_item=2, n_segments=2)
    first, second = members(campaign, 2)
    answered(campaign, first, lambda item: 3)
    standing = participation_of(campaign, second)
    set_standing(standing, Participation.State.PAUSED, reason="ill", user=None)
    assert [text[:35] for text in alarms(campaign)] == ["4 items can be taken by nobody: who"]


def test_coverage_with_authors_asks_the_database_little(django_assert_max_num_queries):
    campaign = opened(raters_per_item=3, n_segments=40, batch_size=40)
    written(campaign, "Asha", *range(20))
    for rater in members(campaign, 3):
        claim_work(rater, campaign)
    with django_assert_max_num_queries(12):
        coverage_of(campaign)


def test_a_profile_first_told_after_the_start_is_kept_and_later_changes_are_not():
    campaign = opened()
    (member,) = members(campaign, 1)
    participation_of(campaign, member)
    member.region = "Pune"
    member.consented_at = timezone.now()
    member.save()
    profile_saved(member)
    assert participation_of(campaign, member).profile["region"] == "Pune"
    member.region, member.consented_at = "Nagpur", None
    member.save()
    profile_saved(member)
    frozen = participation_of(campaign, member).profile
    assert frozen["region"] == "Pune" and frozen["consented"] is True
