"""All causes together: contract, labels, speed of thought on odd texts."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.causes import CAUSES, Case, Finding
from metrics.causes.finding import all_causes, explain, find_all, main_cause

ROOT = Path(__file__).resolve().parents[3]
TEXTS = st.text(alphabet=" .,।’'-abéḃकखािीूं़्\u200dऱ०१12\n", max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    TEXTS,
    st.lists(TEXTS, max_size=3),
    st.lists(TEXTS, max_size=3),
    st.sampled_from(["mr", "hi", "ga", "en"]),
)
def test_every_strength_lies_between_0_and_1_and_is_explained(output, references, others, language):
    case = Case(
        output=output,
        references=tuple(references),
        source=output,
        source_lang="en",
        target_lang=language,
        others=tuple(others),
        scores=(1.0, 2.0),
        typical_spread=1.0,
        people=0.7,
        metrics=(0.1, 0.2),
        entailment=(0.5, 0.6),
    )
    for name, found in explain(case).items():
        assert math.isnan(found.strength) or 0 <= found.strength <= 1, name
        assert bool(found.explanation) == (found.strength != 0), name
        assert found.extent is None or 0 <= found.extent <= found.strength + 1e-9, name


@pytest.mark.parametrize("name", CAUSES.names())
def test_every_cause_says_what_it_is(name: str):
    cause = CAUSES.get(name)
    assert cause.label and cause.about and 0 < cause.shown_from < 1


def test_an_output_equal_to_its_reference_has_no_cause():
    case = Case("तो घरी गेला।", ("तो घरी गेला।",), target_lang="mr")
    assert all(not found.strength > 0 for found in explain(case).values())
    assert find_all([case]).main.tolist() == [-1]


def test_an_empty_output_is_short_and_nothing_else():
    found = explain(Case("", ("तो घरी गेला",), target_lang="mr"))
    assert {name for name, finding in found.items() if finding.strength > 0} == {"length"}


def test_of_causes_as_strong_the_more_specific_names_the_output():
    findings = dict.fromkeys(all_causes(), Finding(0.0))
    findings |= {"length": Finding(0.80), "terse": Finding(0.75)}
    assert main_cause(findings) == "terse"
    assert main_cause(findings | {"length": Finding(0.95)}) == "length"
    assert main_cause(findings | {"length": Finding(0.3), "terse": Finding(0.3)}) == ""


def test_all_cases_at_once_are_as_one_by_one():
    cases = [
        Case("सुन्दर फूल", ("सुंदर फूल",), target_lang="mr"),
        Case("दिल्ली", ("राजधानी दिल्ली है",), target_lang="hi"),
        Case("", (), target_lang="ga"),
    ]
    found = find_all(cases)
    for case, values, main in zip(cases, found.values, found.main, strict=True):
        single = explain(case)
        for name, value in zip(found.causes, values, strict=True):
            assert value == pytest.approx(single[name].strength, nan_ok=True)
        assert main_cause(single) == ("" if main < 0 else found.causes[main])
    assert [found.causes[i] for i in found.main[:2]] == ["orthography", "terse"]
    assert find_all([]).values.shape == (0, len(found.causes))


def test_of_several_references_the_nearest_counts():
    case = Case("लाल फूल", ("काहीतरी वेगळेच आहे", "लाल फुल"), target_lang="mr")
    assert explain(case)["diacritics"].evidence == ("फुल → फूल",)


def test_causes_load_neither_django_nor_torch():
    code = (
        "import sys, metrics.causes.finding as f; f.all_causes(); "
        "print(*{name.split('.')[0] for name in sys.modules} & {'django', 'torch', 'scipy'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
