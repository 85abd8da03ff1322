"""Our own format: a campaign leaves with all it has and comes back the same, byte for byte."""

import json
import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Model
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.formats.nikash import FIELDS, Nikash
from annotation.models import (
    Annotator,
    Assignment,
    Campaign,
    ErrorSpan,
    Guess,
    Guideline,
    Item,
    ItemOutput,
    Participation,
    Place,
    Rating,
    RatingEvent,
    RatingScore,
    Remark,
    SecondThought,
)
from annotation.protocols import PROTOCOLS
from annotation.services import next_assignment, open_campaign, submit_rating
from annotation.simulation import ANSWERS, Seen, SimulatedRater, simulate
from common.errors import NikashError
from models_app.models import Dataset, Output, Segment, System
from tests import files, people
from tests.annotation import exchange

pytestmark = pytest.mark.django_db
STORED: tuple[type[Model], ...] = (
    RatingScore,
    ErrorSpan,
    Guess,
    SecondThought,
    Remark,
    Participation,
    Rating,
    RatingEvent,
    Assignment,
    Place,
    ItemOutput,
    Item,
    Campaign,
    Annotator,
    Guideline,
    Output,
    Segment,
    Dataset,
    System,
)


def text_of(campaign: Campaign) -> bytes:
    return b"".join(Nikash.export(campaign).files["campaign.jsonl"])


def restore(data: bytes | str, **options: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        options = {"dataset": None, "campaign": None} | options
        return exchange.loaded(path, "nikash", **options)


def n_stored() -> list[int]:
    return [model._default_manager.count() for model in STORED]


def empty() -> None:
    for model in STORED:
        model._default_manager.all().delete()
    assert not any(n_stored())


@pytest.mark.parametrize("protocol", ["mqm", "esa", "sqm", "da"])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_any_answers_come_back_the_same(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol, more_texts=("a\tb\r\nc\u2028d",)))
    with exchange.forgotten():
        written = text_of(exchange.store(study))
        n_before = n_stored()
        if data.draw(st.booleans()):
            empty()
            assert restore(written).n_new == len(study["ratings"])
        else:
            loaded = restore(written)
            assert (loaded.n_new, loaded.n_unchanged) == (0, len(study["ratings"]))
        assert text_of(Campaign.objects.get()) == written
        assert n_stored() == n_before


def annotated(protocol: str) -> Campaign:
    """Three raters, one of them a person with drafts, second thoughts, notes and flags."""
    Guideline.objects.create(name="g", version=2, language="mr", text="नियम\n1. वाचा")
    campaign = people.small_campaign(
        "study", protocol, n_segments=3, raters_per_item=3, guideline="g", guideline_version=2
    )
    open_campaign(campaign)
    campaign.refresh_from_db()
    simulate(campaign, [SimulatedRater(f"sim-{n}", n) for n in range(2)])
    rater, asked = SimulatedRater("x", 7), campaign.protocol_object
    for n in range(3):
        assignment = next_assignment(people.bob().annotator, campaign)
        item = assignment.item
        texts = [slot.output.text for slot in item.slots.order_by("slot")]
        for sequence in (1, 2):
            submit_rating(
                assignment=assignment,
                key=uuid.uuid5(uuid.NAMESPACE_DNS, f"{n}/{sequence}"),
                sequence=sequence,
                answer=ANSWERS[protocol](Seen(rater, asked, texts, item.segment)),
                note=f"टीप {n} 😀",
                flagged=n == 1,
                finish=sequence == 2 and n != 2,
                active_seconds=1.5 + n,
                guideline="g v2 mr",
            )
    return campaign


@pytest.mark.parametrize("protocol", sorted(ANSWERS))
def test_a_campaign_annotated_here_comes_back_the_same(protocol: str) -> None:
    campaign = annotated(protocol)
    written, before = text_of(campaign), n_stored()
    assert restore(written).n_new == 0
    assert n_stored() == before
    empty()
    loaded = restore(written)
    assert text_of(Campaign.objects.get()) == written
    assert n_stored() == before
    assert loaded.n_new == Rating.objects.count() > 6
    assert loaded.notes == ["Its name is study, its dataset's data of study"]
    assert Rating.objects.filter(is_complete=False).count() == 1


def test_controls_standings_and_afterthoughts_come_back() -> None:
    campaign = annotated("sidebyside")
    first = campaign.items.first()
    control = Item.objects.create(
        campaign=campaign,
        segment=first.segment,
        position=campaign.items.count(),
        block=99,
        purpose=Item.Purpose.DAMAGED,
        origin=first,
        expected={"better": 1},
    )
    for slot in first.slots.all():
        text = "तुटलेला मजकूर" if slot.slot == 0 else None
        control.slots.create(output=slot.output, slot=slot.slot, changed_text=text)
    rating = Rating.objects.filter(item=first).first()
    SecondThought.objects.create(rating=rating, answer={"better": "tie"}, reason="चर्चेनंतर")
    Remark.objects.create(item=first, text="पहिली ओळ\nदुसरी", author=people.alice())
    standing, _ = Participation.objects.get_or_create(
        campaign=campaign, annotator=people.bob().annotator
    )
    standing.state, standing.reason = "excluded", "too fast"
    standing.save()
    written, before = text_of(campaign), n_stored()
    assert "1 author of a remark is not in a file of Nikash" in Nikash.export(campaign).losses
    empty()
    restore(written)
    assert text_of(Campaign.objects.get()) == written
    assert n_stored() == before
    back = Item.objects.get(purpose=Item.Purpose.DAMAGED)
    assert back.origin.position == first.position
    assert back.slots.get(slot=0).text == "तुटलेला मजकूर"
    lines = [json.loads(line) for line in written.splitlines()]
    empty()
    for kind, field, value, reason in (
        ("participation", "annotator", "nope", "the file has no annotator 'nope' before"),
        ("participation", "state", "lost", "write one of active, paused, excluded"),
        ("second_thought", "answer", {"better": 7}, "names no output of this item"),
        ("second_thought", "annotator", "sim-9", "the file has no annotator 'sim-9' before"),
        ("remark", "of_item", 99, "the file has no item 99 before"),
        ("remark", "text", 5, "5 is not a text"),
        ("item", "changed_texts", ["x"], "is no list of 2 texts"),
        ("item", "control_of", 99, "the file has no other item 99"),
    ):
        with pytest.raises(NikashError, match=re.escape(reason)):
            restore(changed(lines, kind, field, value))
        assert not any(n_stored())


def test_it_comes_in_beside_what_is_there_under_another_name() -> None:
    campaign = annotated("sidebyside")
    written = text_of(campaign)
    before = n_stored()
    restore(written, campaign="copy")
    restore(written, campaign="copy")
    copy = Campaign.objects.get(name="copy")
    assert copy.dataset == campaign.dataset
    assert Rating.objects.filter(item__campaign=copy).count() == before[STORED.index(Rating)]
    assert Output.objects.count() == before[STORED.index(Output)]
    restore(written, campaign="third", dataset="moved")
    assert Campaign.objects.get(name="third").dataset.name == "moved"
    assert Segment.objects.count() == 2 * before[STORED.index(Segment)]


def test_what_belongs_to_an_instance_is_told() -> None:
    campaign = annotated("sqm")
    Annotator.objects.create(code=people.bob().annotator.code, scope="study")
    assert Nikash.export(campaign).losses == [
        "1 link of a rater to an account is not in a file of Nikash",
        "2 persons' access are not in a file of Nikash",
    ]


def test_every_model_of_a_campaign_is_in_the_file_or_left_out_by_name() -> None:
    left_out = {
        "Membership",  # accounts belong to an instance
        "Invitation",  # so do they who are let in
        "ItemOutput",  # written with the item
        "RatingScore",  # written with the rating
        "ErrorSpan",  # follows from the answer
        "Guess",  # follows from the log
        "Summary",  # counted anew
        "Due",  # planned anew
        "Erasure",  # what is gone is gone
        "ErasureRequest",  # of an account
    }
    ours = {model.__name__ for model in apps.get_app_config("annotation").get_models()}
    written = {field.model.__name__ for fields in FIELDS.values() for field in fields}
    assert ours - written - left_out == set()


LEADS_ELSEWHERE = {
    "Campaign": {"dataset", "created_by"},
    "Guideline": set(),
    "Annotator": {"user"},
    "Place": {"campaign", "annotator"},
    "Item": {"campaign", "segment", "origin"},
    "Participation": {"campaign", "annotator", "changed_by"},
    "SecondThought": {"rating"},
    "Remark": {"item", "author"},
    "Assignment": {"item", "annotator"},
    "RatingEvent": {"item", "annotator"},
    "Rating": {"item", "annotator"},
}


@pytest.mark.parametrize("name", sorted(LEADS_ELSEWHERE))
def test_a_field_that_leads_to_another_row_is_known_to_the_format(name: str) -> None:
    model = apps.get_model("annotation", name)
    found = {field.name for field in model._meta.concrete_fields if field.is_relation}
    assert found == LEADS_ELSEWHERE[name]


_file: list[dict[str, Any]] = []


@pytest.fixture
def written() -> list[dict[str, Any]]:
    """The lines of a campaign's file, made once; nothing is stored."""
    if not _file:
        _file.extend(map(json.loads, text_of(annotated("sidebyside")).splitlines()))
        empty()
    return _file


def changed(lines: list[dict[str, Any]], kind: str, field: str, value: Any) -> str:
    """The file with one field of the first line of a kind replaced."""
    copies = [dict(line) for line in lines]
    row = next(n for n, line in enumerate(copies) if line["record"] == kind)
    copies[row][field] = value
    return "\n".join(json.dumps(line) for line in copies)


BAD_FIELDS = [
    ("campaign", "schema", "nikash-ratings/9", "must be the campaign's, of the schema"),
    ("campaign", "name", "a/b", "Write 1 to 100 characters"),
    ("campaign", "protocol", "nope", "No protocol 'nope'"),
    ("campaign", "options", [1], "is not an object"),
    ("campaign", "dataset", 5, "5 is no object with fields"),
    ("campaign", "seed", "1", "'1' is not a whole number"),
    ("campaign", "state", "ajar", "write one of draft, open, closed"),
    ("campaign", "opened_at", "soon", "'soon' cannot be taken"),
    ("campaign", "unheard", 1, "is not known here"),
    ("campaign", "systems", [["x"]], "are not all described in the file"),
    ("guideline", "text", None, "is null; write a value"),
    ("system", "name", "a<b", "without angle brackets"),
    ("segment", "position", True, "True is not a whole number"),
    ("segment", "position", -1, "cannot be taken"),
    ("segment", "key", "x" * 300, "cannot be taken"),
    ("output", "system", "nope", "the file names no system 'nope' before"),
    ("output", "key", "nope", "the file names no segment 'nope' before"),
    ("output", "text", ["a"], "is not a text"),
    ("annotator", "code", 5, "5 is not a text"),
    ("item", "outputs", [], "is no list of systems"),
    ("item", "outputs", [{}], "are not systems with an output"),
    ("item", "position", 2, "2 stands twice in the file"),
    ("assignment", "order", [7], "[7] is no order of 2 outputs"),
    ("assignment", "lease_until", "2026-07-06T06:06:25", "has no time zone"),
    ("event", "key", "x", "cannot be taken"),
    ("event", "answer", 5, "is no object"),
    ("rating", "answer", {"better": "both"}, "names no output of this item"),
    ("rating", "answer", {"better": "1"}, "is no answer of Side by side"),
    ("rating", "answer", None, "is null; write a value"),
    ("rating", "annotator", "nope", "the file has no annotator 'nope' before"),
    ("rating", "of_item", "0", "the file has no item '0' before"),
    ("rating", "active_seconds", "1", "'1' is not a number"),
    ("rating", "record", "nope", "no line is a 'nope'"),
]


@pytest.mark.parametrize(("kind", "field", "value", "reason"), BAD_FIELDS)
def test_a_bad_field_is_named_and_nothing_is_stored(
    kind: str, field: str, value: Any, reason: str, written: list[dict[str, Any]]
) -> None:
    with pytest.raises(NikashError) as caught:
        restore(changed(written, kind, field, value))
    assert reason in caught.value.message
    assert "a.jsonl, row " in caught.value.message
    assert not any(n_stored())


def test_a_file_that_ends_early_is_a_campaign_with_fewer_lines(
    written: list[dict[str, Any]],
) -> None:
    whole = "\n".join(json.dumps(line) for line in written)
    with pytest.raises(NikashError, match="not a JSON object"):
        restore(whole[:-20])
    assert not any(n_stored())
    restore(whole)
    with pytest.raises(NikashError, match="is stored and differs from here on"):
        restore("\n".join(whole.splitlines()[:-1]))
    with pytest.raises(NikashError, match="is stored and differs from here on"):
        restore(changed(written, "rating", "note", "another"))


@pytest.mark.parametrize(
    ("kind", "field"), [("segment", "source"), ("output", "text"), ("guideline", "text")]
)
def test_a_text_that_is_stored_otherwise_is_never_overwritten(
    kind: str, field: str, written: list[dict[str, Any]]
) -> None:
    restore("\n".join(json.dumps(line) for line in written))
    before = n_stored()
    with pytest.raises(NikashError, match="stored"):
        restore(changed(written, kind, field, "another"), campaign="copy")
    assert n_stored() == before


@pytest.mark.parametrize("case", files.BAD)
def test_a_bad_file_is_refused_by_the_command(case: str, tmp_path: Path) -> None:
    path = files.write_bad(tmp_path, case)
    with pytest.raises(CommandError) as caught:
        call_command("load_ratings", str(path), "--format=nikash")
    assert path.name in str(caught.value)
    assert not any(n_stored())


ERROR = {
    "side": "target",
    "start": 0,
    "end": 1,
    "quoted": "a",
    "category": "",
    "severity": "minor",
    "note": "",
}


@pytest.mark.parametrize(
    "part",
    [
        {"errors": [ERROR]},
        {"errors": [ERROR], "score": True},
        {"errors": [ERROR], "score": "50"},
        {"errors": [ERROR], "score": 101},
        {"errors": [ERROR | {"severity": "huge"}], "score": 1},
        {"errors": [ERROR | {"start": 2}], "score": 1},
        {"errors": [ERROR | {"end": 10**30}], "score": 1},
        {"errors": [ERROR | {"start": None}], "score": 1},
        {"errors": [ERROR | {"side": "left"}], "score": 1},
        {"errors": [ERROR | {"note": 5}], "score": 1},
        {"errors": [ERROR | {"more": 5}], "score": 1},
        {"errors": [5], "score": 1},
        {"errors": {}, "score": 1},
        {"errors": [], "score": 1, "more": 2},
        [],
    ],
)
def test_answers_of_marked_errors_are_looked_at_closely(part: Any) -> None:
    study = {
        "protocol": "esa",
        "sources": ["a"],
        "outputs": {("base", 0): "abc"},
        "ratings": [
            (
                "r",
                "base",
                0,
                {"errors": [], "score": 1},
                {"note": "", "flagged": False, "active_seconds": None},
            )
        ],
    }
    lines = [json.loads(line) for line in text_of(exchange.store(study)).splitlines()]
    empty()
    with pytest.raises(NikashError, match=r"a\.jsonl, row 8, column answer"):
        restore(changed(lines, "rating", "answer", {"outputs": {"0": part}}))
    assert not any(n_stored())


def test_no_protocol_is_left_out() -> None:
    for name in PROTOCOLS.names():
        Nikash.check_protocol(PROTOCOLS.get(name))
