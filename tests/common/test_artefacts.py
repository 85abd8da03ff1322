"""Traces of machines: each is told where it is, and not where it is not."""

import pytest

from common.artefacts import TAGS, artefacts

SOURCE = "The doctor is in the clinic today."
GOOD = "डॉक्टर आज दवाखान्यात आहेत."


@pytest.mark.parametrize(
    ("text", "source", "tags"),
    [
        (GOOD, SOURCE, set()),
        ("", SOURCE, {"empty"}),
        (" \n", None, {"empty"}),
        (SOURCE.lower(), SOURCE, {"untranslated", "other script"}),
        ("The clinic has a doctor there.", SOURCE, {"other script"}),
        ("डॉ.", SOURCE, {"short"}),
        (f"{GOOD} तो तिथे रोज सकाळी लवकर जातो, मग सर्वांना तपासतो, नंतर घरी येतो.", SOURCE, {"long"}),
        ("आहे आणि " * 12, None, {"loop"}),
        (f"{GOOD} print(x);", SOURCE, {"code"}),
        (f"<b>{GOOD}</b>", SOURCE, {"code"}),
        ("LoRA हे एक तंत्र आहे, मॉडेल शिकवण्याचे.", None, set()),
        ("2024", "2024", set()),
        ("Pune", "Pune", set()),
    ],
)  # fmt: skip
def test_what_is_told_of_a_marathi_text(text, source, tags):
    assert artefacts(text, "mr", source, usual_ratio=0.8) == tags
    assert tags <= set(TAGS)


@pytest.mark.parametrize("text", ["It was 3 < 4; so we left.", "Rith an madra (mór).", "a > b",
     "We return home. The class list: one;", "The function of sleep (rest)."])  # fmt: skip
def test_plain_prose_is_no_code(text):
    assert artefacts(text, "en") == set()


def test_without_a_source_or_a_known_language_less_is_told():
    assert artefacts(SOURCE, "mr") == {"other script"}
    assert artefacts(GOOD, "tlh") == set()
    assert artefacts(SOURCE, "ga", SOURCE) == {"untranslated"}
