"""Controls: made at opening, mixed in by seed, never beside their segment, not to be told apart."""

import itertools
import re
from html import escape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation.accounts import add_member
from annotation.controls import SPARE, STRENGTHS
from annotation.coverage import coverage_of
from annotation.interchange.judged import judged
from annotation.models import Assignment, Campaign, Item, Rating, RatingScore
from annotation.planner import plan_of
from annotation.services import claim_work, expire_leases, open_campaign, take_back
from annotation.work import campaigns_of
from common.errors import BadInput
from metrics.analyses.frame import counted, load_frame
from tests import people
from tests.annotation.handing_out import answered, raters, work_through

pytestmark = pytest.mark.django_db
ALL = {"percent_known": 10, "percent_repeats": 10, "percent_damaged": 10}
LONG = "कुत्रा {number} वेळा बागेत धावला आणि मग थकून झाडाखाली शांतपणे झोपला."


def watched(
    protocol: str = "sqm", *, n_segments: int = 30, name: str = "watched", **quality: object
) -> Campaign:
    campaign = people.small_campaign(
        name, protocol, n_segments=n_segments, options={"quality": quality}, seed=7
    )
    for number, system in enumerate(campaign.systems.order_by("name")):
        for output in system.outputs.all():
            output.text = f"{LONG.format(number=output.segment.position)} {number}."
            output.save()
    return campaign


def opened(*args, **kwargs) -> Campaign:
    campaign = watched(*args, **kwargs)
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def sequence(annotator, campaign) -> list[Item]:
    mine = Assignment.objects.filter(annotator=annotator, item__campaign=campaign)
    return [a.item for a in mine.select_related("item").order_by("position")]


def judged_by(campaign, n=1):
    """Annotators who did everything there was for them."""
    found = raters(n)
    for annotator in found:
        answered(campaign, annotator, lambda item: 3)
    return found


def test_a_campaign_that_asks_for_none_has_none():
    campaign = opened()
    (annotator,) = judged_by(campaign)
    assert campaign.plan["controls"] == {}
    assert len(sequence(annotator, campaign)) == 60


def test_controls_are_made_when_the_campaign_opens_and_counted_in_its_plan():
    campaign = opened(**ALL)
    n = SPARE * 6  # 10 % of 60 items
    assert campaign.plan["controls"] == {"known": n, "repeat": n, "damaged": n}
    assert campaign.plan["n_items"] == 60
    controls = campaign.items.exclude(purpose="judge")
    assert all(control.origin.purpose == "judge" for control in controls)
    assert all(control.segment_id == control.origin.segment_id for control in controls)


def test_the_shares_are_kept():
    campaign = opened(**ALL)
    (annotator,) = judged_by(campaign)
    purposes = [item.purpose for item in sequence(annotator, campaign)]
    assert purposes.count("judge") == 60
    for kind in ("known", "repeat", "damaged"):
        assert purposes.count(kind) in (6, 7)


def test_a_damaged_output_says_what_was_done_to_it():
    campaign = opened(percent_damaged=20)
    damaged = list(campaign.items.filter(purpose="damaged"))
    assert {control.expected["strength"] for control in damaged} == set(STRENGTHS)
    assert {control.expected["severity"] for control in damaged} == {"minor", "major", "critical"}
    for control in damaged:
        (slot,) = control.slots.all()
        sound = control.origin.slots.get().text
        assert slot.text != sound == slot.output.text
        assert control.expected["kind"]
        assert all(0 <= start <= end <= len(slot.text) for start, end in control.expected["spans"])


def test_known_answers_are_references_and_copies_of_the_source():
    campaign = opened(percent_known=20)
    known = list(campaign.items.filter(purpose="known").select_related("segment"))
    by_kind = {"reference": [], "copy of the source": []}
    for control in known:
        by_kind[control.expected["from"]].append((control.slots.get().text, control))
    assert all(by_kind.values())
    for text, control in by_kind["reference"]:
        assert text == control.segment.references[0] and control.expected["score_min"] == 4
    for text, control in by_kind["copy of the source"]:
        assert text == control.segment.source and control.expected["score_max"] == 2


def test_in_a_comparison_the_sound_output_is_to_be_preferred():
    campaign = opened("sidebyside", percent_damaged=20, percent_known=20)
    for control in campaign.items.filter(purpose="damaged"):
        slots = list(control.slots.order_by("slot"))
        sound = control.expected["preference"]
        assert slots[sound].changed_text is None
        assert slots[1 - sound].text not in {slot.output.text for slot in slots}
    for control in campaign.items.filter(purpose="known").select_related("segment"):
        texts = [slot.text for slot in control.slots.order_by("slot")]
        better = control.expected["preference"]
        assert texts[better] == control.segment.references[0]
        assert texts[1 - better] == control.segment.source


@pytest.mark.parametrize("design", ["uniform", "latin", "overlap"])
def test_a_control_never_stands_beside_its_segment(design):
    campaign = watched(n_segments=40, **ALL, repeat_after=15)
    Campaign.objects.filter(pk=campaign.pk).update(
        design=design, raters_per_item=2, batch_size=7, seed=11
    )
    campaign.refresh_from_db()
    open_campaign(campaign)
    campaign.refresh_from_db()
    for annotator in judged_by(campaign, 2):
        items = sequence(annotator, campaign)
        places = {item.pk: place for place, item in enumerate(items)}
        for place, item in enumerate(items):
            if item.purpose == "judge":
                continue
            beside = items[max(0, place - 1) : place] + items[place + 1 : place + 2]
            assert item.segment_id not in {other.segment_id for other in beside}
            assert item.origin_id in places
            if item.purpose == "repeat":
                assert place - places[item.origin_id] >= 15


def test_documents_are_not_broken_by_a_control():
    campaign = watched(n_segments=30, percent_known=20, percent_damaged=20)
    Campaign.objects.filter(pk=campaign.pk).update(design="documents", batch_size=12)
    campaign.refresh_from_db()
    open_campaign(campaign)
    (annotator,) = judged_by(campaign)
    items = sequence(annotator, campaign)
    controls = [n for n, item in enumerate(items) if item.purpose != "judge"]
    assert controls
    judged_only = [item for item in items if item.purpose == "judge"]
    for place in controls:
        before = next((i for i in reversed(items[:place]) if i.purpose == "judge"), None)
        after = next((i for i in items[place:] if i.purpose == "judge"), None)
        if before and after and before.block == after.block:
            readings = judged_only.index(before), judged_only.index(after)
            assert judged_only[readings[0]].slots.get().output.system_id != (
                judged_only[readings[1]].slots.get().output.system_id
            )


def test_the_same_seed_gives_the_same_places():
    campaign = opened(**ALL)
    (annotator,) = raters(1)
    claim_work(annotator, campaign)
    first = [item.pk for item in sequence(annotator, campaign)]
    Assignment.objects.all().delete()
    Item.objects.update(n_taken=0)
    claim_work(annotator, campaign)
    assert [item.pk for item in sequence(annotator, campaign)] == first
    (other,) = raters(1)
    Item.objects.update(n_taken=0)
    claim_work(other, campaign)
    assert [item.pk for item in sequence(other, campaign)] != first


def test_an_annotator_s_own_segments_are_not_shown_as_controls_either():
    campaign = watched(**ALL)
    user = people.bob()
    user.annotator.author_name = "Bob the author"
    user.annotator.save()
    for segment in campaign.dataset.segments.filter(position__lt=15):
        segment.extra = {"author": "Bob the author"}
        segment.save()
    open_campaign(campaign)
    campaign.refresh_from_db()
    answered(campaign, user.annotator, lambda item: 3)
    items = sequence(user.annotator, campaign)
    assert {item.purpose for item in items} == {"judge", "known", "repeat", "damaged"}
    assert min(item.segment.position for item in items) == 15


# What an annotator could notice.


def page(client, assignment) -> str:
    response = client.get(reverse("annotation:annotate", args=[assignment.pk]))
    html = response.content.decode()
    html = re.sub(r'name="(csrfmiddlewaretoken|key)" value="[^"]*"', r'name="\1"', html)
    html = re.sub(r"/work/item/\d+/", "/work/item/N/", html)
    html = re.sub(r"%2Fitem%2F\d+%2F", "%2Fitem%2FN%2F", html)
    html = re.sub(r"<progress.*?</progress>|\d+ of \d+ done|Item \d+", "", html)
    return re.sub(r' data-previous="[^"]*"|<a class="button quiet" data-back.*?</a>', "", html)


def test_the_page_of_a_repeat_is_that_of_its_origin_to_the_letter(client):
    campaign = opened(percent_repeats=20)
    user = people.bob()
    client.force_login(user)
    claim_work(user.annotator, campaign)
    mine = Assignment.objects.filter(annotator=user.annotator)
    repeats = list(mine.filter(item__purpose="repeat").select_related("item"))
    assert repeats
    for repeat in repeats:
        assert page(client, repeat) == page(client, mine.get(item=repeat.item.origin_id))


def test_a_damaged_page_differs_from_its_origin_in_the_text_alone(client):
    campaign = opened(percent_damaged=20)
    user = people.bob()
    client.force_login(user)
    claim_work(user.annotator, campaign)
    mine = Assignment.objects.filter(annotator=user.annotator)
    for control in mine.filter(item__purpose="damaged").select_related("item__origin"):
        shown, sound = control.item.slots.get().text, control.item.origin.slots.get().text
        origin = mine.get(item=control.item.origin_id)
        assert page(client, control).replace(f">{escape(shown)}<", f">{sound}<") == page(
            client, origin
        )


def test_addresses_times_and_queries_tell_nothing(client):
    campaign = opened(**ALL)
    user = people.bob()
    client.force_login(user)
    claim_work(user.annotator, campaign)
    held = Assignment.objects.filter(annotator=user.annotator).order_by("position")
    assert [a.pk for a in held] == sorted(a.pk for a in held)
    assert [a.position for a in held] == list(range(len(held)))
    assert len({a.lease_until for a in held}) == 1
    listed = client.get(reverse("annotation:batch", args=[campaign.pk])).json()["items"]
    assert len(listed) == len(held)
    assert {tuple(sorted(row)) for row in listed} == {("address", "done", "sequence")}
    queries: dict[str, set[int]] = {}
    for assignment in held.select_related("item")[1:]:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse("annotation:annotate", args=[assignment.pk]))
        queries.setdefault(assignment.item.purpose, set()).add(len(seen))
    assert len(queries) > 1
    assert len(set.union(*queries.values())) == 1


def test_saving_a_control_answers_like_any_other(client):
    campaign = opened(**ALL)
    user = people.bob()
    client.force_login(user)
    claim_work(user.annotator, campaign)
    shapes = set()
    for number, assignment in enumerate(
        Assignment.objects.filter(annotator=user.annotator).order_by("position")
    ):
        response = client.post(
            reverse("annotation:annotate", args=[assignment.pk]),
            {"score": "3", "sequence": "1", "key": f"00000000-0000-4000-8000-{number:012d}"},
            headers={"Accept": "application/json"},
        )
        shapes.add((response.status_code, *sorted(response.json())))
        assert response.json()["next"]
    assert shapes == {(200, "html", "next", "saved", "sequence")}
    (mine,) = campaigns_of(user)
    assert mine.n_done <= mine.n_items


# What researchers count.


def test_controls_are_held_and_given_back_like_other_items():
    campaign = opened(**ALL)
    (annotator,) = raters(1)
    n = claim_work(annotator, campaign)
    held = campaign.items.filter(assignments__annotator=annotator)
    assert held.count() == n > 20
    assert set(held.values_list("n_taken", flat=True)) == {1}
    Assignment.objects.update(lease_until=campaign.opened_at)
    assert expire_leases(campaign) == n
    assert not campaign.items.filter(n_taken__gt=0).exists()
    assert take_back(annotator, campaign) == n
    assert set(held.values_list("n_taken", flat=True)) == {1}


def test_controls_whose_neighbours_went_to_others_stay_away_from_their_segment():
    campaign = opened(**ALL)
    first, second = raters(2)
    claim_work(first, campaign)
    Assignment.objects.update(lease_until=campaign.opened_at)
    expire_leases(campaign)
    kept = campaign.items.filter(assignments__annotator=first, purpose="judge")[:6]
    others = campaign.items.judged().exclude(pk__in=[item.pk for item in kept])
    others.update(n_taken=1)
    take_back(first, campaign)
    mine = Assignment.objects.filter(annotator=first, state="open").order_by("position")
    segments = list(mine.values_list("item__segment", "item__purpose"))
    for here, there in itertools.pairwise(segments):
        assert here[0] != there[0] or {here[1], there[1]} == {"judge"}
    campaign.items.judged().update(n_taken=1)
    Assignment.objects.filter(annotator=first).update(state="expired")
    assert take_back(first, campaign) == 0
    assert second


def test_no_result_counts_a_control(client):
    campaign = opened(**ALL)
    people_at_work = judged_by(campaign)
    n_ratings = Rating.objects.filter(item__campaign=campaign).count()
    assert n_ratings > 60
    assert counted(campaign).count() == 60
    assert len(load_frame(campaign).value) == 60
    assert len(list(judged(campaign))) == 60
    assert RatingScore.objects.filter(rating__item__purpose="damaged").exists()
    (row,) = coverage_of(campaign).matrix.rows
    assert sum(int(cell.text) for cell in row.cells) == 60
    client.force_login(people.alice())
    shown = client.get(reverse("annotation:campaign_detail", args=[campaign.pk])).context
    assert (shown["n_items"], shown["n_wanted"], shown["n_complete"]) == (60, 60, 60)
    assert people_at_work


def test_two_who_differ_on_a_control_call_nobody():
    campaign = watched(**ALL)
    campaign.options["adjudicate"] = {"differ_by": 1}
    campaign.raters_per_item = 2
    campaign.save()
    open_campaign(campaign)
    for annotator, score in zip(raters(2), (1, 5), strict=True):
        answered(campaign, annotator, lambda item, score=score: score)
    assert campaign.items.judged().filter(n_wanted=3).count() == 60
    assert not campaign.items.exclude(purpose="judge").filter(n_wanted__isnull=False).exists()


def test_the_work_ends_although_controls_are_left():
    campaign = opened(**ALL, n_segments=20)
    campaign.raters_per_item = 2
    campaign.save()
    work_through(campaign, raters(3))
    assert not campaign.items.wanting().exists()


# What cannot be asked for.


@pytest.mark.parametrize(
    ("protocol", "quality", "reason"),
    [
        ("sqm", {"percent_known": 80}, "percent_known is 80; write a whole number from 0 to 50"),
        ("sqm", {"repeat_after": 1}, "repeat_after is 1; write a whole number from 2 to 500"),
        ("sqm", {"needs_qualification": "yes"}, "write true or false"),
        ("sqm", {"needs_qualification": True}, "no item for it is loaded"),
        ("questionnaire", {"percent_damaged": 5}, "no answer that damage must change"),
        ("questionnaire", {"percent_known": 5}, "the right answers must be loaded"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_plan(protocol, quality, reason):
    campaign = watched(protocol, **quality)
    with pytest.raises(BadInput, match=reason):
        plan_of(campaign)
    with pytest.raises(BadInput, match=reason):
        open_campaign(campaign)


def test_quality_that_is_no_object_is_refused():
    campaign = people.small_campaign("odd", options={"quality": [1]})
    with pytest.raises(BadInput, match="write an object with its settings"):
        open_campaign(campaign)


def test_a_comparison_without_references_has_no_known_answers():
    campaign = watched("sidebyside", percent_known=10)
    campaign.dataset.segments.update(references=[])
    with pytest.raises(BadInput, match="have no references to take known answers from"):
        open_campaign(campaign)
    assert not campaign.items.exists()


def test_outputs_that_cannot_be_damaged_are_told():
    campaign = watched(percent_damaged=10)
    for system in campaign.systems.all():
        system.outputs.update(text="")
    with pytest.raises(BadInput, match="no output could be damaged"):
        open_campaign(campaign, despite_leaks_by=people.alice())


def test_the_people_of_a_campaign_may_join_late():
    campaign = opened(**ALL)
    user = people.person("late", "annotator")
    add_member(campaign=campaign, user=user, role="annotator")
    assert claim_work(user.annotator, campaign) > 20
