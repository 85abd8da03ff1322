"""Causes and reversals of a campaign, from the database to the report."""

import numpy as np
import pytest

from annotation.models import RatingScore
from metrics.analyses.cases import load_cases, usual_spread
from metrics.analyses.causes import cause_model_rows, cause_rows, load_causes
from metrics.analyses.disagreements import disagreement_table
from metrics.analyses.frame import load_frame
from metrics.analyses.gaps import BANDS, gap_of, length_bands
from metrics.analyses.reversals import reversal_rows, source_words
from metrics.analyses.settings import Settings
from metrics.analyses.values import load_values
from metrics.models import SegmentScore
from metrics.reports.display import report_context
from metrics.reports.payload import build_payload
from metrics.statistics import QUADRANTS
from models_app.models import Output
from tests.metrics.studies import scored, study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=200, permutations=500)


@pytest.fixture
def judged():
    """The frame of a study whose first system copies the reference and is liked least."""
    campaign = study(systems=("base", "lora", "third"))
    scored(campaign, ("bleu", "ter"))
    frame = load_frame(campaign)
    return campaign, frame, load_values(campaign, frame)


def test_gaps_are_those_of_the_table_of_disagreements(judged):
    _campaign, frame, values = judged
    listed = disagreement_table(frame, values, Settings(most_disagreements=1000))
    for metric in values:
        gap = gap_of(frame, metric)
        rows = [r for r in listed if r["metric"] == metric.name and r["system"]]
        assert rows
        for row in rows:
            line = [place.pk for place in frame.segments].index(row["segment"])
            spot = line, frame.systems.index(row["system"])
            assert gap.gap[spot] == pytest.approx(row["gap"])
            assert gap.people[spot] == pytest.approx(row["human_rank"])


def test_a_case_holds_all_that_is_known_of_an_output(judged):
    campaign, frame, values = judged
    case = load_cases(campaign, frame, values)[3, 1]
    output = Output.objects.get(pk=int(frame.outputs[3, 1]))
    assert case.output == output.text
    assert list(case.references) == output.segment.references
    assert (case.source_lang, case.target_lang) == ("en", "mr")
    assert len(case.others) == 2 and len(case.metrics) == 2
    scores = RatingScore.objects.filter(output=output).values_list("value", flat=True)
    assert sorted(case.scores) == sorted(scores)
    assert 0 <= case.people <= 1
    assert case.typical_spread == pytest.approx(usual_spread(frame)) == pytest.approx(4.5**0.5)


def test_only_the_segments_asked_for_are_loaded(judged, django_assert_max_num_queries):
    campaign, frame, values = judged
    everything = load_cases(campaign, frame, values)
    with django_assert_max_num_queries(4):
        some = load_cases(campaign, frame, values, lines=[0, 5])
    assert some.keys() == {spot for spot in everything if spot[0] in (0, 5)}
    assert all(repr(case) == repr(everything[spot]) for spot, case in some.items())


def test_persons_texts_are_no_cases():
    campaign = study(systems=("base", "person"), human=("person",))
    scored(campaign, ("bleu",))
    frame = load_frame(campaign)
    cases = load_cases(campaign, frame, load_values(campaign, frame))
    assert {frame.systems[column] for _line, column in cases} == {"base"}
    assert all(not case.others for case in cases.values())


def test_entailment_is_known_where_both_directions_were_computed(judged):
    campaign, frame, values = judged
    for spot, directions in (((0, 0), ("reference_to_output", "output_to_reference")),
                             ((1, 0), ("reference_to_output",))):  # fmt: skip
        for place, direction in enumerate(directions):
            SegmentScore.objects.create(
                output_id=int(frame.outputs[spot]),
                metric="nli",
                signature=f"nrefs:1|agg:mean|dir:{direction}|version:nikash.1",
                value=0.9 - place / 10,
            )
    cases = load_cases(campaign, frame, values)
    assert cases[0, 0].entailment == pytest.approx((0.9, 0.8))
    assert cases[1, 0].entailment == pytest.approx((0.9, float("nan")), nan_ok=True)
    assert np.isnan(cases[2, 0].entailment).all()


def test_every_output_of_a_metric_is_explained(judged):
    campaign, frame, values = judged
    causes = load_causes(campaign, frame, values)
    rows = cause_rows(frame, values, causes, FAST)
    assert len(rows) == 2 * 12 * 3
    for row in rows:
        assert row["gap"] == pytest.approx(row["metric_rank"] - row["human_rank"])
        assert row["quadrant"] in QUADRANTS
        assert bool(row["explanation"]) == bool(row["causes"])
        if row["cause"]:
            assert row["causes"][0] == row["cause"] and row["strength"] > 0
    worst = [r for r in rows if r["quadrant"] == "only metric high"]
    assert {r["system"] for r in worst if r["gap"] > 0.5} == {"base"}


def test_the_sample_is_the_same_for_the_same_seed(judged):
    campaign, frame, values = judged
    causes = load_causes(campaign, frame, values)
    assert cause_rows(frame, values, causes, FAST) == cause_rows(frame, values, causes, FAST)


def test_the_model_asks_each_cause_that_is_not_made_of_scores(judged):
    campaign, frame, values = judged
    causes = load_causes(campaign, frame, values)
    rows = cause_model_rows(frame, values, causes, FAST)
    asked = {row["cause"] for row in rows}
    assert "length" in asked and "against_all" not in asked
    assert len(rows) == 2 * 2 * len(asked)
    length = next(r for r in rows if r["cause"] == "length" and r["response"] == "gap")
    assert length["n"] == 36 and length["n_segments"] == 12 and 0 <= length["share"] <= 1
    known = [r["share"] for r in rows if r["metric"] == "bleu" and r["response"] == "gap"]
    assert np.nansum(known) == pytest.approx(length["r2"])
    silent = next(r for r in rows if r["cause"] == "paraphrase")
    assert np.isnan(silent["coefficient"]) and "known for 0 of 36" in silent["reason"]


def test_a_metric_that_people_contradict_reverses_their_preference(judged):
    campaign, frame, values = judged
    rows = reversal_rows(frame, values, FAST, n_words=source_words(campaign, frame))
    overall = {row["metric"]: row for row in rows if row["by"] == "all"}
    for metric in values:
        human, machine = frame.scores, metric.direction * metric.values
        wrong = n = 0
        for a, b in ((0, 1), (0, 2), (1, 2)):
            prefers = np.sign(human[:, a] - human[:, b])
            wrong += int((prefers * (machine[:, a] - machine[:, b]) < 0).sum())
            n += int((prefers != 0).sum())
        row = overall[metric.name]
        assert (row["share"], row["n"]) == (pytest.approx(wrong / n), n)
        assert row["low"] <= row["share"] <= row["high"]
    assert overall["bleu"]["share"] > 0.5


def test_reversals_are_split_by_systems_domain_and_cause(judged):
    campaign, frame, values = judged
    Output.objects.filter(system__name="third").update(text="घरी")
    causes = load_causes(campaign, frame, values)
    words = source_words(campaign, frame)
    rows = reversal_rows(frame, values[:1], FAST, n_words=words, causes=causes)
    by = {}
    for row in rows:
        by.setdefault(row["by"], []).append(row["stratum"])
    assert by["domain"] == ["health", "news"]
    assert by["systems"][0] == "base vs. lora" and len(by["systems"]) == 3
    assert by["cause"] == ["Terse or full answer"]
    whole = next(row for row in rows if row["by"] == "all")
    assert sum(row["n"] for row in rows if row["by"] == "domain") == whole["n"]


def test_lengths_fall_into_thirds():
    assert length_bands(np.array([1.0, 2, 3, 4, 5, 6])).tolist() == [0, 0, 1, 1, 2, 2]
    assert set(length_bands(np.array([4.0, 4, 4])).tolist()) == {0}
    assert length_bands(np.array([])).size == 0 and len(BANDS) == 3


def test_the_report_shows_causes_and_reversals():
    campaign = study(systems=("base", "lora", "third"))
    scored(campaign, ("bleu", "ter"))
    payload = build_payload(campaign, settings=FAST)
    assert payload["gap_causes"] and payload["gaps"] and payload["reversals"]
    sections = {part["name"]: part for part in report_context(payload)["parts"]}
    assert {"causes", "reversals"} <= sections.keys()


def test_without_a_metric_there_is_nothing_to_explain():
    payload = build_payload(study(), settings=FAST)
    assert not {"gap_causes", "gaps", "reversals"} & payload.keys()
