"""MQM and ESA: what an answer may be, what is only a draft, what is refused."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import Texts
from common.errors import BadInput
from tests.annotation.marked_errors import SOURCE, TARGET, answer, error, placed, target

MQM, ESA = PROTOCOLS.get("mqm"), PROTOCOLS.get("esa")
BOTH = pytest.mark.parametrize("protocol", [MQM(), ESA()], ids=["mqm", "esa"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["outputs", "0", "errors", "score", "side", "start", "end", "note"])
            | st.sampled_from(["severity", "category", "quoted"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@BOTH
def test_an_error_not_described_yet_is_kept_as_a_draft(protocol):
    given = target("कुत्रा", category="", severity="")
    checked = protocol.check_answer(answer(given, score="50"), 1)
    assert not checked.is_complete
    assert checked.answer["outputs"]["0"]["errors"] == [given]


@BOTH
def test_described_errors_are_complete_and_come_back_as_they_were(protocol):
    posted = {"errors": json.dumps([error(), target("धावला", note="शंका")]), "score": "40"}
    checked = protocol.check_answer(protocol.read_form(posted, [0]), 1)
    assert checked.is_complete
    shown = protocol.fill_form(checked.answer, [0])
    again = {**shown, "errors": json.dumps(shown["marked"])}
    assert protocol.check_answer(protocol.read_form(again, [0]), 1) == checked


@BOTH
def test_no_error_at_all_is_an_answer(protocol):
    assert protocol.check_answer(answer(score=100), 1).is_complete


@BOTH
@pytest.mark.parametrize(
    "bad, sentence",
    [
        ({"severity": "awful"}, "no severity 'awful'; write .*minor, major"),
        ({"severity": 3}, "severity is text"),
        ({"side": "margin"}, "lies in the source or the target, not in 'margin'"),
        ({"side": ["source"]}, "side is text"),
        ({"start": True}, "two whole numbers"),
        ({"start": "4"}, "two whole numbers"),
        ({"start": 4.0}, "two whole numbers"),
        ({"start": float("nan")}, "two whole numbers"),
        ({"start": -1}, "two whole numbers"),
        ({"start": 8}, "start before end"),
        ({"end": None}, "two whole numbers"),
        ({"start": None, "end": None}, "needs a place"),
        ({"quoted": "cat"}, "holds “dog”, not “cat”"),
        ({"quoted": "dog\ud800\0"}, None),
        ({"end": 500}, "does not lie in the text"),
        ({"end": 10**30}, "does not lie in the text"),
        ({"note": "x" * 501}, "a note has 501 characters; 500 is the most"),
        ({"note": {"text": "x"}}, "note is text"),
        ({"category": ["Style"]}, "category is text"),
    ],
)
def test_what_cannot_be_an_error_is_refused_with_a_sentence(protocol, bad, sentence):
    if sentence is None:
        assert placed(protocol, {**error(), **bad})[0]["quoted"] == "dog"
        return
    with pytest.raises(BadInput, match=sentence):
        placed(protocol, {**error(), **bad})


@BOTH
@pytest.mark.parametrize(
    "outputs", [[], "no", 5, {"0": [1]}, {"0": {"errors": "no"}}, {"0": {"errors": {}}},
                {"0": {"errors": [5]}}, {"0": {"errors": [None]}}, {"0": {"errors": None}}],
)  # fmt: skip
def test_what_is_no_answer_is_refused(protocol, outputs):
    if outputs == []:
        assert protocol.check_answer({"outputs": outputs}, 1).answer["outputs"]["0"]["errors"] == []
        return
    with pytest.raises(BadInput):
        protocol.check_answer({"outputs": outputs}, 1)


@BOTH
@pytest.mark.parametrize("text", ["", "[", "no", "{'a': 1}", "[" * 100_000, "9" * 5000])
def test_a_form_that_is_no_json_is_refused(protocol, text):
    with pytest.raises(BadInput, match="the marked errors cannot be read; load the page again"):
        protocol.read_form({"errors": text}, [0])


@BOTH
def test_a_form_that_is_no_list_is_refused(protocol):
    with pytest.raises(BadInput, match="are a list"):
        protocol.check_answer(protocol.read_form({"errors": '{"a": NaN}'}, [0]), 1)


def test_a_category_of_another_tree_is_refused():
    with pytest.raises(BadInput, match="no category 'Linguistic conventions' in this campaign"):
        placed(MQM(), error(category="Linguistic conventions"))
    assert placed(ESA(), error())[0]["category"] == ""


@BOTH
def test_a_hundred_errors_are_the_most(protocol):
    assert len(placed(protocol, *[error()] * 100)) == 100
    with pytest.raises(BadInput, match="101 errors are marked; 100 is the most"):
        placed(protocol, *[error()] * 101)


def test_a_campaign_may_allow_fewer_errors():
    protocol = MQM({"max_errors": 5})
    whole = {"category": "Non-translation!"}
    assert len(placed(protocol, *[error()] * 5, whole)) == 6
    with pytest.raises(BadInput, match="6 errors are marked; 5 is the most"):
        placed(protocol, *[error()] * 6)


@BOTH
@pytest.mark.parametrize("most", [0, 101, "5", 2.5, True, [5]])
def test_max_errors_is_a_number_up_to_a_hundred(protocol, most):
    with pytest.raises(BadInput, match="max_errors is a whole number from 1 to 100"):
        type(protocol)({"max_errors": most})


def test_other_needs_a_note():
    for note, complete in [("", False), (" \n", False), ("odd", True)]:
        given = error(category="Other", note=note)
        assert MQM().check_answer(answer(given), 1).is_complete is complete


def test_esa_gives_the_score_and_the_penalty_apart():
    errors = [error(), error(severity="major")]
    checked = ESA().check_answer(answer(*errors, score="71"), 1)
    assert [(s.criterion, s.value) for s in ESA().scores(checked.answer, 1)] == [
        ("score", 71.0), ("penalty", 6.0),
    ]  # fmt: skip


@pytest.mark.parametrize("score", ["", None])
def test_an_esa_answer_without_a_score_is_a_draft(score):
    checked = ESA().check_answer(answer(score=score), 1)
    assert not checked.is_complete and "score" not in checked.answer["outputs"]["0"]


@pytest.mark.parametrize(
    "score, value",
    [("0", 0), ("100", 100), (7, 7), (50.0, 50), ("५०", 50), ("٣", 3), (" 5 ", 5)],
)
def test_an_esa_score_is_a_whole_number_in_any_digits(score, value):
    stored = ESA().check_answer(answer(score=score), 1).answer["outputs"]["0"]["score"]
    assert stored == value and type(stored) is int


@pytest.mark.parametrize(
    "score",
    ["abc", "100.5", 100.5, 101, -1, math.nan, "NaN", "inf", "1e400", True, "1_0", [5], {}, "½"],
)
def test_what_is_no_esa_score_is_refused(score):
    with pytest.raises(BadInput, match="is no score; write a whole number from 0 to 100"):
        ESA().check_answer(answer(score=score), 1)


def only_bad_input(protocol: Any, given: Any) -> None:
    try:
        checked = protocol.check_answer(given, 2)
        protocol.check_places(checked.answer, Texts(SOURCE, [TARGET, TARGET]))
    except BadInput as problem:
        str(problem).encode()


@BOTH
@settings(max_examples=200, deadline=None)
@given(anything=JSON)
@example(anything={"outputs": {"0": {"errors": [{"side": "\ud800", "start": 0, "end": 0}]}}})
@example(anything={"outputs": {"0": {"errors": [{"start": 0, "end": 0, "quoted": "\ud800"}]}}})
def test_anything_is_checked_or_refused_and_never_crashes(protocol, anything):
    only_bad_input(protocol, anything)
    only_bad_input(protocol, {"outputs": anything})
    only_bad_input(protocol, answer(anything, anything))
    only_bad_input(protocol, answer(score=anything))


@BOTH
@settings(max_examples=100, deadline=None)
@given(anything=JSON, text=st.text())
def test_any_form_is_read_or_refused(protocol, anything, text):
    for errors in (json.dumps(anything), text):
        try:
            read = protocol.read_form({"errors": errors, "score": text}, [1, 0])
        except BadInput:
            continue
        only_bad_input(protocol, read)
