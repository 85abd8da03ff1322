"""What the words on a report's page stand for, so that selecting one marks the others."""

import pytest

from metrics.reports.html import report_html
from metrics.reports.linked import linked_words
from tests.metrics.studies import study
from tests.metrics.test_report import payload_of

pytestmark = pytest.mark.django_db


def test_words_of_figures_and_tables_are_known():
    found = linked_words(payload_of(study(human=("lora",))))
    words = found["words"]
    assert words["base"] == {"system": ["base"]}
    assert words["lora (person)"] == {"system": ["lora"]}
    assert words["base vs. lora"] == words["lora vs. base"] == {"system": ["base", "lora"]}
    assert words["news"] == {"domain": ["news"]}
    assert words["BLEU"] == {"metric": ["bleu"]}
    assert found["metrics"] == ["bleu", "ter"]
    assert found["segments"]["s1"] == "news"


def test_a_word_of_two_kinds_names_both():
    found = linked_words(payload_of(study(systems=("base", "news"))))
    assert found["words"]["news"] == {"system": ["news"], "domain": ["news"]}


def test_the_file_has_the_script_and_leads_to_no_explorer():
    text = report_html(payload_of(study()))
    assert 'id="linked-words"' in text
    assert 'data-explorer=""' in text
    assert "nikash:drawn" in text
