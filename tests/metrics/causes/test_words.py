"""Sentences about causes are English texts that can be said in another language later."""

import json
from contextlib import contextmanager

import pytest
from django.utils.translation import override

from config.translations import ROOT, texts_of
from metrics.causes import Case
from metrics.causes.finding import all_causes, explain
from metrics.causes.words import english, gettext, kept, ngettext
from metrics.reports import saying


def test_a_sentence_reads_as_english_and_keeps_what_it_was_made_from():
    said = ngettext("%(n)s word: %(kinds)s.", "%(n)s words: %(kinds)s.", 2, kinds=["a", "b"])
    assert said == "2 words: a, b."
    assert json.loads(kept(said))["values"] == {"kinds": ["a", "b"], "n": 2}
    assert english([kept(said), kept("plain, 100%")]) == "2 words: a, b. plain, 100%"
    assert english("of an older release") == "of an older release"


@contextmanager
def shouting(monkeypatch):
    monkeypatch.setattr(saying, "gettext", str.upper)
    monkeypatch.setattr(saying, "ngettext", lambda one, many, n: f"<{one if n == 1 else many}>")
    yield


def test_texts_and_kinds_are_translated_and_evidence_is_not(monkeypatch):
    said = ngettext("%(n)s ist %(kinds)s.", "%(n)s sind %(kinds)s.", 1, kinds=["digits"])
    with shouting(monkeypatch):
        assert saying.sentences([kept(said)]) == "<1 ist DIGITS.>"
        assert saying.label_of("Word order") == "WORD ORDER"
    assert saying.label_of("") == saying.label_of(None) == ""


def test_a_report_of_an_older_release_is_shown_as_it_is():
    assert saying.sentences(None, "Old.") == saying.sentences("Old.") == "Old."
    with override("mr"):
        assert saying.sentences([kept(gettext("There is no such text (%(n)s).", n=3))]).endswith(
            "(3)."
        )


@pytest.mark.parametrize("name", sorted(all_causes()))
def test_whatever_a_cause_says_can_be_translated(name):
    texts = {t for path in (ROOT / "metrics/causes").glob("*.py") for t in texts_of(path)}
    known = {text.singular for text in texts}
    cause = all_causes()[name]
    assert {cause.label, cause.about} <= known
    case = Case(
        "घर मोठे आहे खूप छान", ("घर मोठं आहे",), "a big house", "en", "mr", ("घर", "एक घर"), (1.0, 5.0)
    )
    found = explain(case)[name].explanation
    assert found == "" or found.text in known
