"""One number has one value: what several tables show, and what a reader would work out again."""

import numpy as np
import pytest
from scipy.stats import wilcoxon

from annotation.models import Rating, RatingScore
from annotation.scoring import Error, mqm_penalty
from metrics.analyses.agreement import agreement_table
from metrics.analyses.changes import category_delta_table, pairs_in_detail
from metrics.analyses.errors import load_errors
from metrics.analyses.frame import load_frame
from metrics.analyses.judged import scale_of
from metrics.analyses.pairs import pair_table
from metrics.analyses.profiles import profile_table
from metrics.analyses.rater_pairs import pair_table as rater_pair_table
from metrics.analyses.scales import fitted, scale_table
from metrics.analyses.settings import Settings
from metrics.analyses.strengths import strength_table, strengths
from metrics.analyses.systems import system_table
from metrics.reports.sections.noise_ceiling import sentences
from metrics.statistics import mean_intervals
from tests.metrics.marked import MAJOR, MINOR, mqm_campaign, rate
from tests.metrics.studies import study
from tests.metrics.watched import judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=50, permutations=50)


def _sum_up(ratings):
    """The penalties of what was marked."""
    for rating in ratings:
        errors = [Error(span.severity, span.category) for span in rating.spans.all()]
        rating.scores.update(value=mqm_penalty(errors))


def test_the_two_tables_of_systems_have_the_same_z_where_raters_left_outputs_out():
    campaign = study()
    Rating.objects.filter(annotator__code="r2", item__segment__position__lt=4).delete()
    frame = load_frame(campaign)
    rows = scale_table(frame, fitted(frame, FAST), FAST)
    z = {row["system"]: row["value"] for row in rows if row["scale"] == "z"}
    assert {row["system"]: row["score_z"] for row in system_table(frame, FAST)} == pytest.approx(z)
    expected = np.nanmean(frame.z_scores, axis=0)
    assert [z[name] for name in frame.systems] == pytest.approx(expected.tolist())


def test_a_system_without_z_says_why():
    campaign = study()
    RatingScore.objects.filter(rating__item__campaign=campaign).update(value=50)
    rows = system_table(load_frame(campaign), FAST)
    assert {row["reason"] for row in rows} == {"no z: gave every item the same score"}
    assert all(np.isnan(row["score_z"]) for row in rows)


def test_equal_differences_of_penalties_stay_equal():
    campaign = mqm_campaign(n_segments=3)
    for segment, (base, lora) in enumerate([(0.3, 0.2), (0.1, 0.0), (0.7, 0.8)]):
        for system, value in (("base", base), ("lora", lora)):
            (rating,) = rate(campaign, {(system, segment): ()}, code=f"r-{system}")
            rating.scores.update(value=value)
    deltas = load_frame(campaign).deltas(0, 1)
    assert sorted(np.abs(deltas).tolist()) == [0.1, 0.1, 0.1]
    assert wilcoxon(deltas).pvalue == wilcoxon([1, 1, -1]).pvalue


def test_the_penalty_of_the_campaign_s_own_weights_has_one_interval():
    campaign = mqm_campaign(n_segments=4)
    given = rate(campaign, {("base", n): [MAJOR] * n for n in range(4)})
    given += rate(campaign, {("lora", n): [MINOR] for n in range(4)})
    _sum_up(given)
    frame = load_frame(campaign)
    own = {
        row["system"]: (row["mean_penalty"], row["mean_penalty_low"], row["mean_penalty_high"])
        for row in profile_table(frame, load_errors(campaign, frame), FAST)
        if row["is_own"]
    }
    rows = system_table(frame, FAST)
    assert {r["system"]: (r["score"], r["low"], r["high"]) for r in rows} == own


def test_texts_without_any_error_have_no_category_to_compare():
    campaign = mqm_campaign()
    rate(campaign, {(system, n): () for system in ("base", "lora") for n in range(2)})
    frame = load_frame(campaign)
    pairs = pairs_in_detail(campaign, frame)
    assert pairs == [(0, 1)]
    assert category_delta_table(frame, load_errors(campaign, frame), pairs, FAST) == []
    assert mean_intervals(np.zeros((3, 0)), rng=np.random.default_rng(1)) == []


def test_penalties_are_no_scale_of_equal_steps():
    assert scale_of(np.array([0.0, 0.1, 1.0, 5.0])) is None
    assert scale_of(np.array([1.0, 3.0, 5.0])).tolist() == [1, 2, 3, 4, 5]
    assert scale_of(np.array([1.0, 1.25, 2.0])).tolist() == [1, 1.25, 1.5, 1.75, 2]


def test_kappa_of_penalties_is_not_defined_and_the_counts_are_alpha_s():
    campaign = mqm_campaign(n_segments=3)
    comma = ("minor", "Fluency/Punctuation")
    for code, errors in (("r1", [MAJOR]), ("r2", [comma])):
        marked = {("base", 0): errors, ("base", 1): (), ("base", 2): [MINOR]}
        _sum_up(rate(campaign, marked, code))
    rate(campaign, {("lora", 0): ()}, "r1")
    frame = load_frame(campaign)
    rows = {row["statistic"]: row for row in agreement_table(frame, FAST)}
    kappa, alpha = rows["pairwise_kappa"], rows["krippendorff_alpha"]
    assert np.isnan(kappa["value"])
    assert kappa["reason"].endswith("4 different scores were given, unequally far apart")
    counts = ("n_units", "n_raters", "n_ratings")
    assert [kappa[name] for name in counts] == [alpha[name] for name in counts] == [3, 2, 6]
    (pair,) = rater_pair_table(frame, FAST)[:1]
    assert np.isnan(pair["kappa"]) and pair["reason"] == kappa["reason"]


def test_a_difference_of_one_segment_says_why_it_has_no_interval():
    (row,) = pair_table(load_frame(study(n_segments=1)), [], FAST)
    assert np.isnan(row["human_low"]) and np.isnan(row["effect_size"])
    assert row["reason"].endswith("no interval from one segment")


def test_systems_without_finite_strengths_are_named():
    campaign = watched("sidebyside", n_segments=2)
    judge(campaign, "r1", [{"better": 0}] * 2)
    frame = load_frame(campaign)
    rows = strength_table(frame, strengths(frame, FAST), FAST)
    winners = {row["system"] for row in rows if row["wins"] == 2}
    reason = f"no finite strengths: {', '.join(winners)} never lost to the other systems"
    assert len(winners) != 1 or {row["reason"] for row in rows} == {reason}
    assert {row["system"] for row in rows} == set(frame.systems)


def test_a_share_of_a_person_s_agreement_may_have_no_interval():
    row = {"grouping": "none", "is_baseline": False, "metric": "chrf", "share": 0.8}
    payload = {
        "metrics": [{"metric": "chrf", "label": "chrF"}],
        "noise_ceiling": [row | {"share_low": None, "share_high": None, "reason": None}],
    }
    (text,) = sentences(payload)
    assert "80%" in text and text.endswith("an interval needs more segments.")
