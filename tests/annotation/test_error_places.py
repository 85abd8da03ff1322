"""Where the errors of MQM and ESA lie, which outputs they are of, and what they cost."""

import json

import pytest

from annotation.protocols import PROTOCOLS
from annotation.protocols.base import Texts
from annotation.spans import is_on_bounds
from tests.annotation.marked_errors import SOURCE, TARGET, answer, caret, error, placed, target

MQM, ESA = PROTOCOLS.get("mqm"), PROTOCOLS.get("esa")
BOTH = pytest.mark.parametrize("protocol", [MQM(), ESA()], ids=["mqm", "esa"])
ZWJ = "👩🏽‍🔬"


def test_a_non_translation_overrides_the_rest():
    whole = {"side": "source", "start": 1, "end": 2, "quoted": "x", "category": "Non-translation!"}
    checked = MQM().check_answer(answer(error(severity="major"), whole), 1)
    assert checked.is_complete
    assert [score.value for score in MQM().scores(checked.answer, 1)] == [25.0]
    span = MQM().spans(checked.answer, 1)[1]
    assert (span.side, span.start, span.end, span.quoted) == ("target", None, None, "")
    assert span.severity == "major"


def test_several_places_where_something_is_missing_are_kept_apart():
    carets = [caret(0), caret(6), caret(6, severity="major"), caret(len(TARGET))]
    stored = placed(MQM(), *carets, caret(3, "source"))
    assert [(e["side"], e["start"]) for e in stored] == [
        ("target", 0), ("target", 6), ("target", 6), ("target", len(TARGET)), ("source", 3),
    ]  # fmt: skip
    assert all(e["start"] == e["end"] and e["quoted"] == "" for e in stored)
    checked = MQM().check_answer(answer(*carets), 1).answer
    assert MQM().scores(checked, 1)[0].value == 8.0


@BOTH
def test_spans_lie_on_the_source_and_over_one_another(protocol):
    marked = [error("dog ran"), error("ran, twice"), target("धावला"), target("क्षणात धावला")]
    checked = protocol.check_answer(answer(*marked, score=20), 1)
    spans = protocol.spans(checked.answer, 1)
    assert [(span.side, span.quoted) for span in spans] == [
        ("source", "dog ran"), ("source", "ran, twice"),
        ("target", "धावला"), ("target", "क्षणात धावला"),
    ]  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    "part, whole",
    [("क", "क"), ("क्", "क्ष"), ("\u094dष", "क्ष"), ("त्र", "त्रा"),
     ("a", "a"), ("ba", "ba\u0301"), ("\u0301n", "a\u0301n"), ("👩", ZWJ), ("\u200d🔬", ZWJ)],
)  # fmt: skip
def test_spans_are_widened_to_whole_characters(protocol, part, whole):
    (stored,) = placed(protocol, target(part))
    assert stored["quoted"] == TARGET[stored["start"] : stored["end"]]
    assert is_on_bounds(TARGET, stored["start"], stored["end"])
    assert whole in stored["quoted"]


@BOTH
def test_a_caret_within_a_character_goes_before_it(protocol):
    at = TARGET.index("क्ष")
    assert [e["start"] for e in placed(protocol, caret(at + 1), caret(at + 2))] == [at, at]


@BOTH
def test_what_is_marked_holds_for_every_output_that_reads_the_same(protocol):
    posted = {"errors": json.dumps([error(), target("धावला", severity="major")]), "score": "30"}
    checked = protocol.check_answer(protocol.read_form(posted, [1, 0]), 2)
    stored = protocol.check_places(checked.answer, Texts(SOURCE, [TARGET, TARGET]))
    first, second = (stored["outputs"][slot] for slot in "01")
    assert first == second and first["errors"] is not second["errors"]
    penalties = [s for s in protocol.scores(stored, 2) if s.criterion == "penalty"]
    assert [(s.slot, s.value) for s in penalties] == [(0, 6.0), (1, 6.0)]
    assert [span.slot for span in protocol.spans(stored, 2)] == [0, 0, 1, 1]
