"""Training with feedback, the qualification that gates the work, and loading both from a table."""

import csv
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import translation

from annotation.accounts import add_member
from annotation.expectations import Given, is_right
from annotation.lessons import standing_of
from annotation.models import Annotator, Assignment, Campaign, Item, Rating, RatingEvent
from annotation.quality_loading import load_quality
from annotation.services import (
    claim_work,
    expire_leases,
    next_assignment,
    open_campaign,
    submit_rating,
)
from annotation.simulation import SimulatedRater, simulate
from annotation.work import campaigns_of
from common.errors import BadInput
from common.problems import BadTable
from common.tables import Table
from metrics.analyses.frame import counted
from models_app.models import Output, System
from models_app.models.system import CARRIER
from tests import files, people

pytestmark = pytest.mark.django_db

TRAINING = [
    {"key": "s0", "output": "मांजर झोपले.", "score_max": 2, "explanation": "Another animal.",
     "explanation_mr": "दुसराच प्राणी."},
    {"key": "s1", "output": "कुत्रा 1 वेळा धावला.", "score": 6},
]  # fmt: skip
QUALIFICATION = [
    {"key": f"s{n}", "output": f"कुत्रा {n} वेळा धावला!", "score_min": 5} for n in range(5)
]


def table(rows: list[dict], name: str = "lessons.csv") -> Table:
    if name.endswith("jsonl"):
        data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    else:
        file = io.StringIO()
        names = list(dict.fromkeys(field for row in rows for field in row))
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
        data = file.getvalue()
    return Table(io.BytesIO(data.encode()), name)


def draft(protocol: str = "sqm", **quality) -> Campaign:
    return people.small_campaign("study", protocol, options={"quality": quality})


def load(campaign, rows, purpose="training", **options):
    return load_quality(table(rows), campaign=campaign, purpose=purpose, **options)


@pytest.fixture
def gated() -> Campaign:
    campaign = draft(needs_qualification=True, threshold=80, attempts=2)
    load(campaign, TRAINING)
    load(campaign, QUALIFICATION, "qualification")
    open_campaign(campaign)
    campaign.refresh_from_db()
    return campaign


def answer_held(annotator, campaign, score, most: int = 99) -> list[str]:
    """Answer what is handed out next, at most so many; the purposes in order."""
    purposes = []
    while (held := next_assignment(annotator, campaign)) and len(purposes) < most:
        purposes.append(held.item.purpose)
        value = score(held.item) if callable(score) else score
        submit_rating(assignment=held, key=uuid.uuid4(), sequence=1, answer={"score": value})
    return purposes


# Loading.


@pytest.mark.parametrize("name", ["lessons.csv", "lessons.jsonl"])
def test_a_table_becomes_items_with_texts_and_expectations(name):
    campaign = draft()
    loaded = load_quality(table(TRAINING, name), campaign=campaign, purpose="training")
    assert str(loaded) == "2 rows: 2 new, 0 already there."
    first, second = campaign.items.order_by("position")
    assert (first.purpose, first.segment.key) == ("training", "s0")
    assert first.slots.get().text == "मांजर झोपले."
    assert first.slots.get().output.text != first.slots.get().text
    assert first.expected == {
        "score_max": 2,
        "explanation": {"en": "Another animal.", "mr": "दुसराच प्राणी."},
    }
    assert second.expected == {"score_min": 6, "score_max": 6}


def test_json_lines_may_give_the_explanations_as_an_object():
    campaign = draft()
    rows = [{"key": "s0", "output": "अ", "explanation": {"mr": "कारण", "ga": "fáth"}}]
    load_quality(table(rows, "a.jsonl"), campaign=campaign, purpose="training")
    assert campaign.items.get().expected == {"explanation": {"mr": "कारण", "ga": "fáth"}}


def test_the_same_file_again_changes_nothing_and_another_answer_is_refused():
    campaign = draft()
    load(campaign, TRAINING)
    assert load(campaign, TRAINING).n_unchanged == 2
    with pytest.raises(BadTable, match="row 2, column key: this item is loaded with other expec"):
        load(campaign, [{**TRAINING[0], "score_max": 3}])
    assert load(campaign, [{**TRAINING[0], "score_max": 3}], replace=True).n_new == 1
    assert campaign.items.count() == 1


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"key": "nowhere"}, "row 3, column key: data of study has no segment 'nowhere'"),
        ({"output": " "}, "row 3, column output: is empty; write the text"),
        ({"score": ""}, "row 3: says not what is expected; fill in score, score_min or score_max"),
        ({"score": "7"}, "row 3, column score: 7 is outside the scale; write a number from 0 to 6"),
        ({"score": "six"}, "row 3, column score: 'six' is not a number"),
        ({"score": "", "score_min": "5", "score_max": "2"}, "column score_min: 5 is above score_m"),
        ({"errors_max": "1"}, "row 3, column errors_max: Scalar quality metric .SQM. has none"),
        ({"preference": "tie"}, "row 3, column preference: Scalar quality metric .SQM. has none"),
        ({"other_output": "b"}, "row 3, column other_output: .* shows one output at a time"),
        ({"key": "s0", "output": "sound"}, "row 3, column key: is the same item as row 2"),
        ({"explanation_mr": "क" * 2001}, "row 3, column explanation: in 'mr' is no text of at mo"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(row, where):
    campaign = draft()
    good = {"key": "s0", "output": "sound", "score": "6"}
    bad = {"key": "s1", "output": "bad", "score": "1"} | row
    with pytest.raises(BadTable, match=where):
        load(campaign, [good, bad], "qualification")
    assert not campaign.items.exists()


def test_errors_are_expected_where_errors_are_marked():
    campaign = draft("mqm")
    load(campaign, [{"key": "s0", "output": "अ", "errors_min": 1, "errors_max": 2}], "known")
    assert campaign.items.get().expected == {"errors_min": 1, "errors_max": 2}
    with pytest.raises(BadTable, match=r"1\.5 is no whole number"):
        load(campaign, [{"key": "s1", "output": "अ", "errors_min": 1.5}], "known")


def test_a_comparison_needs_two_texts_and_a_preference():
    campaign = draft("sidebyside")
    pair = {"key": "s0", "output": "चांगले", "other_output": "वाईट", "preference": "output"}
    load(campaign, [pair], "qualification")
    item = campaign.items.get()
    assert [slot.text for slot in item.slots.order_by("slot")] == ["चांगले", "वाईट"]
    assert item.expected == {"preference": 0}
    for row, reason in [
        ({"other_output": ""}, "column other_output: is empty"),
        ({"other_output": "चांगले"}, "is the same text as output"),
        ({"preference": "left"}, "'left' is no preference; write output, other_output, tie"),
        ({"score": "3"}, "column score: Side by side has none; fill in preference"),
    ]:
        with pytest.raises(BadTable, match=reason):
            load(campaign, [{**pair, "key": "s1", **row}], "qualification")


@pytest.mark.parametrize("case", sorted(files.BAD))
def test_a_hostile_file_is_a_sentence(case, tmp_path):
    campaign = draft()
    path = files.write_bad(tmp_path, case)
    with path.open("rb") as stream, pytest.raises((BadInput, BadTable)):
        load_quality(Table(stream, path.name), campaign=campaign, purpose="training")
    assert not campaign.items.exists()


def test_a_segment_without_outputs_gets_a_carrier_that_enters_no_result(client):
    campaign = draft("sidebyside")
    Output.objects.filter(segment__key="s0").delete()
    Output.objects.filter(segment__key="s1", system__name__startswith="secret-lora").delete()
    pair = {"output": "चांगले", "other_output": "वाईट", "preference": "tie"}
    load(campaign, [{"key": "s0", **pair}, {"key": "s1", **pair}], "known")
    carriers = System.objects.filter(note=CARRIER).order_by("name")
    assert [c.name for c in carriers] == ["quality of study", "quality of study (2)"]
    assert {c.kind for c in carriers} == {"imported"}
    assert not campaign.systems.filter(note=CARRIER).exists()
    for item in campaign.items.all():
        assert [slot.text for slot in item.slots.order_by("slot")] == ["चांगले", "वाईट"]
    client.force_login(people.alice())
    form = client.get(reverse("annotation:campaign_new")).content.decode()
    assert "secret-base of study" in form and "quality of study" not in form


def test_only_a_draft_takes_them():
    campaign = draft()
    open_campaign(campaign)
    with pytest.raises(BadInput, match="study is open; such items are loaded and removed while"):
        load(campaign, TRAINING)


def test_the_command_says_what_it_did(tmp_path, capsys):
    campaign = draft()
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in TRAINING), encoding="utf-8")
    call_command("load_quality", str(path), campaign="study", purpose="training")
    assert "Campaign study, training: 2 rows: 2 new, 0 already there." in capsys.readouterr().err
    with pytest.raises(CommandError, match="there is no campaign called 'nothing'; known: study"):
        call_command("load_quality", str(path), campaign="nothing", purpose="training")
    assert campaign.items.count() == 2


def test_the_page_loads_after_a_preview_and_removes(client):
    campaign = draft()
    client.force_login(people.alice())
    address = reverse("annotation:quality_upload", args=[campaign.pk])
    text = "key,output,score\ns0,अ,3\n"
    file = SimpleUploadedFile("k.csv", text.encode())
    preview = client.post(address, {"file": file, "purpose": "known"})
    assert "Nothing is stored yet." in preview.content.decode()
    assert not campaign.items.exists()
    token = preview.context["preview"]["token"]
    page = client.post(address, {"token": token}, follow=True).content.decode()
    assert "1 rows: 1 new, 0 already there." in page
    assert "control: known answer" in page
    bad = SimpleUploadedFile("k.csv", b"key,output,score\ns0,a,9\n")
    refused = client.post(address, {"file": bad, "purpose": "known"})
    assert refused.status_code == 422
    assert "9 is outside the scale" in refused.content.decode()
    clear = reverse("annotation:quality_clear", args=[campaign.pk, "known"])
    assert "1 item was removed." in client.post(clear, follow=True).content.decode()
    assert not campaign.items.exists()
    assert client.post(clear.replace("known/", "judge/", 1)).status_code == 404


def test_what_is_loaded_as_known_is_mixed_in_instead_of_references():
    campaign = people.small_campaign(
        "many", n_segments=30, options={"quality": {"percent_known": 20}}
    )
    rows = [{"key": f"s{n}", "output": f"वेगळे {n}.", "score_max": 1} for n in range(12)]
    load(campaign, rows, "known")
    open_campaign(campaign)
    campaign.refresh_from_db()
    assert campaign.plan["controls"] == {"known": 12}
    annotator = people.bob().annotator
    purposes = answer_held(annotator, campaign, 3)
    assert purposes.count("known") in (11, 12)
    assert purposes.count("judge") == 60
    assert counted(campaign).count() == 60


# The gate.


def test_training_comes_first_then_the_qualification_then_the_work(gated):
    purposes = answer_held(people.bob().annotator, gated, 6)
    assert purposes == ["training"] * 2 + ["qualification"] * 5 + ["judge"] * 12
    participation = gated.participations.get()
    assert participation.trained_at and participation.qualified_at
    (attempt,) = participation.qualification["attempts"]
    assert (attempt["right"], attempt["n"]) == (5, 5)
    assert participation.qualification["threshold"] == 80
    assert counted(gated).count() == 12


def test_nothing_is_handed_out_to_who_did_not_pass(gated):
    annotator = people.bob().annotator
    purposes = answer_held(annotator, gated, 1)
    assert purposes == ["training"] * 2 + ["qualification"] * 10  # two attempts
    assert claim_work(annotator, gated) == 0
    assert not Assignment.objects.filter(item__purpose="judge").exists()
    standing = standing_of(gated, annotator)
    assert (standing.passed, standing.n_attempts, standing.n_left) == (False, 2, 0)


@pytest.mark.parametrize(("n_right", "passes"), [(3, False), (4, True), (5, True)])
def test_the_threshold_is_a_share_of_the_items(gated, n_right, passes):
    annotator = people.bob().annotator
    order = iter([6] * 2 + [6] * n_right + [0] * (5 - n_right))
    answer_held(annotator, gated, lambda item: next(order), most=7)
    next_assignment(annotator, gated)
    assert standing_of(gated, annotator).passed is passes


def test_a_second_attempt_begins_empty_and_the_log_keeps_the_first(gated):
    annotator = people.bob().annotator
    answer_held(annotator, gated, 1, most=7)
    first = next_assignment(annotator, gated)
    assert first.item.purpose == "qualification"
    assert not Rating.objects.filter(item__purpose="qualification").exists()
    assert RatingEvent.objects.filter(item__purpose="qualification").count() == 5
    assert set(gated.items.exclude(purpose="judge").values_list("n_taken", flat=True)) == {1}
    assert answer_held(annotator, gated, 6)[-1] == "judge"
    attempts = gated.participations.get().qualification["attempts"]
    assert [attempt["right"] for attempt in attempts] == [0, 5]
    positions = Assignment.objects.filter(annotator=annotator).values_list("position", flat=True)
    assert sorted(positions) == list(range(len(positions)))


def test_lessons_that_lapsed_come_back(gated):
    annotator = people.bob().annotator
    answer_held(annotator, gated, 6, most=1)
    Assignment.objects.filter(state="open").update(lease_until=gated.opened_at)
    assert expire_leases(gated) == 1
    assert next_assignment(annotator, gated).item.purpose == "training"
    assert answer_held(annotator, gated, 6).count("qualification") == 5


def test_a_campaign_that_does_not_ask_only_trains():
    campaign = draft()
    load(campaign, TRAINING)
    load(campaign, QUALIFICATION, "qualification")
    open_campaign(campaign)
    campaign.refresh_from_db()
    purposes = answer_held(people.bob().annotator, campaign, 1)
    assert purposes == ["training"] * 2 + ["judge"] * 12
    (mine,) = campaigns_of(people.bob())
    assert (mine.n_done, mine.n_items) == (14, 14)


def test_simulated_raters_need_no_lesson(gated):
    assert simulate(gated, [SimulatedRater("S1", 1)]) == 12
    assert Annotator.objects.get(code="S1").origin == "simulated"


def test_each_annotator_qualifies_alone(gated):
    answer_held(people.bob().annotator, gated, 6)
    other = people.person("eve", "annotator")
    add_member(campaign=gated, user=other, role="annotator")
    Item.objects.filter(purpose="judge").update(n_taken=0)
    assert answer_held(other.annotator, gated, 1).count("judge") == 0


# The pages.


def post(client, assignment, score):
    return client.post(
        reverse("annotation:annotate", args=[assignment.pk]),
        {"score": score, "sequence": "1", "key": str(uuid.uuid4())},
        follow=True,
    )


def test_feedback_follows_each_training_answer_in_the_annotator_s_language(gated, client):
    client.force_login(people.bob())
    client.post(reverse("set_language"), {"language": "mr", "next": "/"})
    first = next_assignment(people.bob().annotator, gated)
    page = client.get(reverse("annotation:annotate", args=[first.pk])).content.decode()
    assert "दुसराच प्राणी." not in page
    page = post(client, first, "5").content.decode()
    assert "दुसराच प्राणी." in page and "Another animal." not in page
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    page = client.get(reverse("annotation:feedback", args=[first.pk])).content.decode()
    assert "Not as expected." in page and "Another animal." in page
    assert "Score: 5" in page and "Score: 2 or less" in page
    second = next_assignment(people.bob().annotator, gated)
    page = post(client, second, "6").content.decode()
    assert "As expected." in page and "Score: 6" in page


def test_feedback_names_the_outputs_as_they_were_shown(client):
    campaign = draft("sidebyside")
    pair = {"key": "s0", "output": "चांगले", "other_output": "वाईट", "preference": "output"}
    load(campaign, [pair])
    open_campaign(campaign)
    campaign.refresh_from_db()
    client.force_login(people.bob())
    held = next_assignment(people.bob().annotator, campaign)
    letter = "AB"[held.order.index(0)]
    address = reverse("annotation:annotate", args=[held.pk])
    posted = {"preference": f"{held.order.index(0)}:much", "sequence": "1", "key": uuid.uuid4()}
    page = client.post(address, posted, follow=True).content.decode()
    assert page.count(f"Answer {letter} is better") == 2
    assert "As expected." in page


def test_feedback_is_for_training_alone_and_after_an_answer(gated, client):
    client.force_login(people.bob())
    annotator = people.bob().annotator
    first = next_assignment(annotator, gated)
    assert client.get(reverse("annotation:feedback", args=[first.pk])).status_code == 404
    answer_held(annotator, gated, 6, most=2)
    test = next_assignment(annotator, gated)
    page = post(client, test, "6")
    assert page.redirect_chain[-1][0] != reverse("annotation:feedback", args=[test.pk])
    assert client.get(reverse("annotation:feedback", args=[test.pk])).status_code == 404
    client.force_login(people.charlie())
    assert client.get(reverse("annotation:feedback", args=[first.pk])).status_code == 404


def test_training_is_not_fetched_ahead_and_the_qualification_is(gated, client):
    client.force_login(people.bob())
    annotator = people.bob().annotator
    address = reverse("annotation:batch", args=[gated.pk])
    next_assignment(annotator, gated)
    assert client.get(address).json()["items"] == []
    answer_held(annotator, gated, 6, most=2)
    next_assignment(annotator, gated)
    assert len(client.get(address).json()["items"]) == 5


def qualify(client, campaign, score):
    annotator = people.bob().annotator
    while True:
        page = post(client, next_assignment(annotator, campaign), score)
        if page.request["PATH_INFO"] == reverse("annotation:qualification", args=[campaign.pk]):
            return page.content.decode()


def test_the_result_is_shown_once_at_the_end(gated, client):
    client.force_login(people.bob())
    page = qualify(client, gated, "1")
    assert "Not passed" in page
    assert "0 of 5 answers were as expected; 80 % are needed." in page
    assert "You have 1 attempt left." in page and "Try again" in page
    page = qualify(client, gated, "1")
    assert "No attempt is left" in page and "Try again" not in page
    onward = client.get(reverse("annotation:annotate_next", args=[gated.pk]))
    assert onward.url == reverse("annotation:qualification", args=[gated.pk])


def test_who_passes_goes_on_to_the_items(gated, client):
    client.force_login(people.bob())
    page = qualify(client, gated, "6")
    assert "Passed" in page and "5 of 5 answers were as expected" in page
    page = client.get(reverse("annotation:annotate_next", args=[gated.pk]), follow=True)
    assert page.context["assignment"].item.purpose == "judge"


def test_the_pages_say_what_an_item_is_for(gated, client):
    client.force_login(people.bob())
    annotator = people.bob().annotator

    def shown() -> str:
        held = next_assignment(annotator, gated)
        return client.get(reverse("annotation:annotate", args=[held.pk])).content.decode()

    assert "Training: when you have saved" in shown()
    answer_held(annotator, gated, 6, most=2)
    assert "Qualification: these answers decide" in shown()
    answer_held(annotator, gated, 6, most=5)
    assert "Training:" not in shown() and "Qualification:" not in shown()


# What counts as right.


@pytest.mark.parametrize(
    ("expected", "given", "right"),
    [
        ({"score_min": 4}, Given(4.0, 0, None), True),
        ({"score_min": 4}, Given(3.9, 0, None), False),
        ({"score_max": 2}, Given(0.0, 0, None), True),
        ({"score_max": 2}, Given(None, 0, None), False),  # cannot judge
        ({"errors_min": 1, "errors_max": 2}, Given(7.0, 2, None), True),
        ({"errors_min": 1}, Given(0.0, 0, None), False),
        ({"score_min": 4, "errors_max": 0}, Given(6.0, 1, None), False),
        ({"preference": "tie"}, Given(None, 0, "tie"), True),
        ({"preference": 0}, Given(None, 0, 1), False),
        ({"preference": 0}, Given(None, 0, None), False),
    ],
)
def test_an_answer_is_right_where_it_meets_everything_expected(expected, given, right):
    assert is_right(expected, given) is right


def test_numbers_in_feedback_are_written_as_the_reader_does():
    from annotation.lesson_words import expected_words

    protocol = draft().protocol_object
    with translation.override("mr"):
        (line,) = expected_words(protocol, {"score_min": 4, "score_max": 6}, [0])
        assert "४" in line and "६" in line
