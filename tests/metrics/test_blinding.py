"""James's and Bang's indices of what annotators guessed, worked by hand."""

import uuid

import pytest

from annotation.models import Annotator, Assignment, Item, Rating
from annotation.participation import participation_of, set_standing
from annotation.services import claim_work, open_campaign, submit_rating
from metrics.analyses.blinding import blinding_table
from metrics.analyses.settings import Settings
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.blinding import Blinding
from metrics.reports.tables import tables_csv
from models_app.models import Adapter, Checkpoint, Output, System
from tests import people
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)
BETTER = {"sidebyside": {"better": "tie"}, "sqm": {"score": 4}}


def asking(protocol="sidebyside", n_segments=8, tuned=("secret-lora of study",)):
    quality = {"ask_guess": True, "tuned": list(tuned)}
    campaign = people.small_campaign(
        "study",
        protocol,
        n_segments=n_segments,
        options={"quality": quality},
        raters_per_item=3,
        batch_size=50,
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def guess_all(campaign, code, guess_of):
    """One annotator answers everything; guess_of(number, assignment) is the slot or the word."""
    annotator = Annotator.objects.get_or_create(code=code)[0]
    claim_work(annotator, campaign)
    mine = Assignment.objects.filter(annotator=annotator).order_by("item__position")
    for number, assignment in enumerate(mine):
        submit_rating(
            assignment=assignment,
            key=uuid.uuid4(),
            sequence=1,
            answer=BETTER[campaign.protocol],
            guess=guess_of(number, assignment),
        )


def shown_as_a(assignment):
    """Whether the tuned output, slot 1, stood on the left."""
    return assignment.order[0] == 1


def rows_of(campaign):
    rows = plain(blinding_table(campaign, FAST))
    return {(row["annotator"], row["statistic"], row["source"]): row for row in rows}


def test_all_right_is_zero_for_james_and_one_for_bang():
    campaign = asking(n_segments=40)
    guess_all(campaign, "r1", lambda number, assignment: 1)
    rows = rows_of(campaign)
    james = rows[None, "james", None]
    assert (james["value"], james["n"], james["n_right"], james["n_wrong"]) == (0, 40, 40, 0)
    for source in ("shown as A", "shown as B"):
        assert rows["r1", "bang", source]["value"] == 1
    n_left = sum(map(shown_as_a, Assignment.objects.all()))
    assert rows[None, "bang", "shown as A"]["n"] == n_left


def test_bang_counts_right_minus_wrong_among_those_shown_on_one_side():
    campaign = asking(n_segments=40)
    guess_all(campaign, "r1", lambda number, a: [1, 0, 1, "cannot_tell"][number % 4])
    rows = rows_of(campaign)
    left = [n for n, a in enumerate(Assignment.objects.order_by("item__position")) if shown_as_a(a)]
    right, wrong = sum(n % 2 == 0 for n in left), sum(n % 4 == 1 for n in left)
    bang = rows[None, "bang", "shown as A"]
    assert bang["value"] == pytest.approx((right - wrong) / len(left))
    assert (bang["n_right"], bang["n_wrong"]) == (right, wrong)
    assert bang["n_cannot_tell"] == len(left) - right - wrong
    assert bang["low"] < bang["value"] < bang["high"]
    assert rows[None, "james", None]["n_cannot_tell"] == 10


def test_nobody_can_tell_is_one_for_james():
    campaign = asking()
    guess_all(campaign, "r1", lambda *_: "cannot_tell")
    james = rows_of(campaign)[None, "james", None]
    assert (james["value"], james["low"], james["n"]) == (1, None, 8)
    assert james["reason"] == "no interval: nobody guessed"


def test_each_annotator_has_rows_of_their_own():
    campaign = asking(n_segments=20)
    guess_all(campaign, "knows", lambda *_: 1)
    guess_all(campaign, "errs", lambda *_: 0)
    rows = rows_of(campaign)
    assert rows["knows", "bang", "shown as A"]["value"] == 1
    assert rows["errs", "bang", "shown as A"]["value"] == -1
    right, wrong = (rows[code, "bang", "shown as A"]["n"] for code in ("knows", "errs"))
    both = rows[None, "bang", "shown as A"]
    assert both["value"] == pytest.approx((right - wrong) / (right + wrong))
    assert [key[0] for key in rows][::3] == [None, "errs", "knows"]


def test_single_outputs_are_tuned_or_not():
    campaign = asking("sqm", n_segments=6)
    guess_all(campaign, "r1", lambda number, a: "tuned")
    rows = rows_of(campaign)
    assert rows[None, "bang", "tuned"]["value"] == 1
    assert rows[None, "bang", "not tuned"]["value"] == -1
    assert rows[None, "james", None]["value"] == pytest.approx(0.5)  # half right, as by chance
    assert rows[None, "bang", "tuned"]["n"] == 6


def test_an_adapter_makes_a_system_tuned():
    campaign = asking(tuned=())
    base = Checkpoint.objects.create(name="base", location="fixtures/models/base")
    adapter = Adapter.objects.create(name="lora", checkpoint=base, location="x")
    System.objects.filter(name="secret-lora of study").update(adapter=adapter)
    guess_all(campaign, "r1", lambda *_: 1)
    assert rows_of(campaign)[None, "james", None]["n_right"] == 8


@pytest.mark.parametrize("tuned", [(), ("secret-lora of study", "secret-base of study")])
def test_without_one_right_answer_guesses_are_left_out_and_it_says_so(tuned):
    campaign = asking(tuned=tuned)
    guess_all(campaign, "r1", lambda *_: 1)
    james = rows_of(campaign)[None, "james", None]
    assert (james["n"], james["n_left_out"], james["value"]) == (0, 8, None)
    assert "both or neither" in james["reason"]
    assert "both or neither" in Blinding().shown({"blinding": [james]})["sentence"]


def test_a_text_that_a_tuned_and_another_system_share_is_left_out():
    campaign = people.small_campaign("study", "sqm", n_segments=2)
    output = Output.objects.filter(system__name="secret-base of study").first()
    twin = Output.objects.filter(segment=output.segment).exclude(pk=output.pk)
    twin.update(text=output.text, text_hash=output.text_hash)
    campaign.options = {"quality": {"ask_guess": True, "tuned": "secret-lora of study"}}
    campaign.save()
    open_campaign(campaign)
    campaign.refresh_from_db()
    guess_all(campaign, "r1", lambda *_: "tuned")
    james = rows_of(campaign)[None, "james", None]
    assert (james["n"], james["n_left_out"]) == (2, 1)


def test_drafts_controls_and_the_excluded_do_not_count():
    campaign = asking()
    guess_all(campaign, "r1", lambda *_: 1)
    guess_all(campaign, "bad", lambda *_: 0)
    excluded = participation_of(campaign, Annotator.objects.get(code="bad"))
    set_standing(excluded, "excluded", reason="a machine", user=people.alice())
    Item.objects.filter(pk=campaign.items.first().pk).update(purpose="damaged")
    Rating.objects.filter(item=campaign.items.last()).update(is_complete=False)
    assert rows_of(campaign)[None, "james", None]["n"] == 6


def test_the_report_has_the_table_only_where_somebody_guessed():
    assert "blinding" not in build_payload(study(), settings=FAST)
    campaign = asking()
    guess_all(campaign, "<b>r1</b>", lambda *_: 1)
    payload = build_payload(campaign, settings=FAST)
    assert list(payload["blinding"][0]) == columns("blinding")
    assert tables_csv(payload)["blinding.csv"].count("\n") == 1 + 6
    page = report_files(payload)["report.html"]
    assert "Did the blinding hold?" in page and "8 were right and 0 wrong" in page
    assert "<b>r1" not in page


def test_the_queries_do_not_grow(django_assert_num_queries):
    campaign = asking()
    with django_assert_num_queries(1):
        assert blinding_table(campaign, FAST) == []
    guess_all(campaign, "r1", lambda *_: 1)
    guess_all(campaign, "r2", lambda *_: 0)
    with django_assert_num_queries(4):
        blinding_table(campaign, FAST)
