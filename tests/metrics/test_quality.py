"""Known answers, damaged outputs, repeats, drift and lessons, worked by hand."""

import math

import pytest
from plotly.graph_objects import Figure

from annotation.models import Annotator, Participation
from annotation.participation import participation_of, set_standing
from metrics.analyses.annotator_checks import check_table
from metrics.analyses.drift import ALONE, drift_table
from metrics.analyses.frame import load_frame
from metrics.analyses.lessons import guideline_table, lesson_table
from metrics.analyses.settings import Settings
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.drift import Drift
from metrics.reports.sections.drift import sentence as drift_sentence
from metrics.reports.sections.lessons import Lessons
from metrics.reports.sections.quality import Quality
from tests import people
from tests.metrics.studies import study
from tests.metrics.watched import check, judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=200, permutations=500)


def checks_of(campaign, settings=FAST):
    frame = load_frame(campaign, with_excluded=settings.with_excluded)
    rows = plain(check_table(campaign, frame, settings))
    return {(r["annotator"], r["statistic"], r["stratum"]): r for r in rows}


def answered():
    """r1 judges 5 5 2 3 4 5 ... (median 4); controls of every kind."""
    campaign = watched()
    items = judge(campaign, "r1", [5, 5, 2, 3, 4, 5])
    check(items[0], "r1", "known", 5, {"score_min": 4})
    check(items[1], "r1", "known", 3, {"score_min": 4})
    check(items[0], "r1", "damaged", 2, {"severity": "critical", "strength": 0.85})
    check(items[1], "r1", "damaged", 5, {"severity": "minor", "strength": 0.2})
    check(items[4], "r1", "damaged", 3, {"severity": "critical", "strength": 0.85})
    check(items[2], "r1", "repeat", 2)
    check(items[3], "r1", "repeat", 6)
    return campaign, items


def test_known_answers_right_have_an_interval():
    campaign, _ = answered()
    row = checks_of(campaign)["r1", "share_right", None]
    assert (row["value"], row["n"]) == (0.5, 2)
    assert 0 < row["low"] < 0.5 < row["high"] < 1


def test_damage_is_found_where_it_is_scored_worse_than_the_sound_output():
    campaign, _ = answered()
    rows = checks_of(campaign)
    shares = {s: rows["r1", "share_found", s]["value"] for s in (None, "minor", "critical")}
    assert shares == {None: pytest.approx(2 / 3), "minor": 0.0, "critical": 1.0}
    # sound 5 5 4 against damaged 2 5 3: of nine pairs seven are right, two even
    assert rows["r1", "auc", None]["value"] == pytest.approx((2 * 2.5 + 2) / 9)
    assert rows["r1", "auc", "critical"]["value"] == 1.0


def test_d_prime_counts_what_is_worse_than_the_annotator_s_own_median():
    from metrics.statistics import d_prime

    campaign, _ = answered()  # median 4.5: damaged 2 and 3 of three are below, sound 4 of three
    row = checks_of(campaign)["r1", "d_prime", None]
    assert row["value"] == pytest.approx(d_prime(2, 1, 1, 2).d_prime.estimate)
    assert row["n"] == 3


def test_repeats_are_held_against_the_first_answer():
    campaign, _ = answered()
    rows = checks_of(campaign)
    assert rows["r1", "exact", None]["value"] == 0.5
    assert rows["r1", "within_one", None]["value"] == 0.5
    assert rows["r1", "mean_distance", None]["value"] == 1.5
    assert rows["r1", "alpha", None]["low"] is None and rows["r1", "alpha", None]["reason"]


def test_everybody_together_comes_first_and_the_excluded_do_not_count():
    campaign, items = answered()
    judge(campaign, "r2", [5] * 12)
    check(items[0], "r2", "known", 6, {"score_min": 4})
    rows = checks_of(campaign)
    assert rows[None, "share_right", None]["value"] == pytest.approx(2 / 3)
    assert next(iter(rows)) == (None, "share_right", None)
    out = participation_of(campaign, Annotator.objects.get(code="r2"))
    set_standing(out, "excluded", reason="too kind", user=people.alice())
    assert {code for code, *_ in checks_of(campaign)} == {"r1"}
    assert {code for code, *_ in checks_of(campaign, FAST._replace(with_excluded=True))} == {
        None,
        "r1",
        "r2",
    }


def test_side_by_side_the_sound_one_is_to_be_preferred():
    campaign = watched("sidebyside")
    better, tie = {"better": 0, "strength": "much"}, {"better": "tie"}
    items = judge(campaign, "r1", [better, better, tie, better])
    check(items[0], "r1", "damaged", better, {"preference": 0, "severity": "major"})
    check(items[1], "r1", "damaged", tie, {"preference": 1, "severity": "major"})
    check(items[2], "r1", "repeat", tie)
    check(items[3], "r1", "repeat", tie)
    rows = checks_of(campaign)
    assert rows["r1", "share_found", None]["value"] == 0.5
    assert rows["r1", "auc", None]["value"] is None
    assert rows["r1", "d_prime", None]["reason"].startswith("side by side")
    assert rows["r1", "exact", None]["value"] == 0.5
    assert ("r1", "mean_distance", None) not in rows


def test_the_queries_do_not_grow(django_assert_num_queries):
    campaign, items = answered()
    frame = load_frame(campaign)
    for item in items[:4]:
        check(item, "r1", "repeat", 3)
    with django_assert_num_queries(3):
        check_table(campaign, frame, FAST)


def drifts_of(campaign):
    rows = plain(drift_table(campaign, load_frame(campaign), FAST))
    return {row["annotator"]: row for row in rows}


def test_drift_is_the_slope_of_what_an_annotator_gives_beyond_the_others():
    campaign = watched()
    judge(campaign, "r1", [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
    judge(campaign, "r2", [3] * 12)
    rows = drifts_of(campaign)
    n = 12
    spread = (n * n - 1) / 12 * n  # of the places 0 .. 11
    scores = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    sd = math.sqrt(sum((s - 2.5) ** 2 for s in scores) / (n - 1))
    slope = sum((place - 5.5) * s for place, s in enumerate(scores)) / spread / sd
    assert rows["r1"]["slope"] == pytest.approx(100 * slope)
    assert rows["r1"]["p_adjusted"] < 0.05 and rows["r1"]["n"] == 12
    assert rows["r1"]["low"] < rows["r1"]["slope"] < rows["r1"]["high"]
    assert drift_sentence([rows["r1"]]) == "More lenient over their work: r1."


def test_alone_an_annotator_s_own_scores_are_taken_and_the_recipe_says_so():
    campaign = watched()
    judge(campaign, "r1", [5, 5, 5])
    row = drifts_of(campaign)["r1"]
    assert (row["slope"], row["reason"], row["method"]) == (None, "all scores are equal", ALONE)
    assert drift_sentence([row]).startswith("Drift is not defined")


def test_imported_ratings_and_comparisons_have_no_drift():
    assert drift_table(study(), load_frame(study("second")), FAST) == []
    pairs = watched("sidebyside")
    assert drift_table(pairs, load_frame(pairs), FAST) == []


def test_lessons_say_who_passed():
    campaign, items = answered()
    check(items[5], "r1", "training", 5, {"score_min": 4})
    check(items[5], "r1", "training", 1, {"score_min": 4})
    attempts = [{"right": 3, "n": 5, "at": ""}, {"right": 4, "n": 5, "at": ""}]
    found = participation_of(campaign, Annotator.objects.get(code="r1"))
    assert plain(lesson_table(campaign, FAST))[0]["result"] == "not tested"
    found.qualification = {"threshold": 80, "attempts": attempts, "is_open": False}
    found.qualified_at = campaign.opened_at
    found.save()
    (row,) = lesson_table(campaign, FAST)
    assert (row["n_training"], row["n_training_right"], row["attempts"]) == (2, 1, 2)
    assert (row["share"], row["threshold"], row["result"]) == (0.8, 80, "passed")
    Participation.objects.update(qualified_at=None)
    assert lesson_table(campaign, FAST)[0]["result"] == "failed"
    assert lesson_table(study(), FAST) == []


def test_guidelines_are_those_that_ratings_keep():
    campaign = watched()
    judge(campaign, "r1", [1, 2], "sqm v1 (en)")
    judge(campaign, "r2", [1], "sqm v2 (mr)")
    rows = guideline_table(campaign, FAST)
    assert [(r["guideline"], r["n_ratings"], r["n_annotators"]) for r in rows] == [
        ("sqm v1 (en)", 2, 1),
        ("sqm v2 (mr)", 1, 1),
    ]
    assert guideline_table(study(), FAST) == []


def test_the_report_shows_them_with_figures_and_tables():
    campaign, items = answered()
    judge(campaign, "r2", [3, 4, 5, 3, 4, 5], "sqm v1 (en)")
    check(items[0], "r2", "repeat", 6)
    found = participation_of(campaign, Annotator.objects.get(code="r1"))
    found.trained_at = campaign.opened_at
    found.save()
    payload = build_payload(campaign, settings=FAST)
    for name in ("annotator_checks", "drift", "lessons", "guideline_versions"):
        assert all(list(row) == columns(name) for row in payload[name])
    shown = Quality().shown(payload)
    for part in (shown["checks"], shown["damaged"], Drift().shown(payload)["figure"]):
        Figure(part["spec"])
    assert shown["sentences"][0] == "50% of 2 known answers were right."
    assert Lessons().shown(payload)["lessons"]["rows"][0][:3] == ["r1", "–", "not tested"]
    page = report_files(payload)["report.html"]
    for title in ("Quality control", "Drift over the work", "Training and guidelines"):
        assert title in page


def test_a_campaign_without_controls_has_no_such_sections():
    payload = build_payload(study(), settings=FAST)
    for section in (Quality, Drift, Lessons):
        assert section().shown(payload) is None
