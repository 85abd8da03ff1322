import numpy as np
import pytest
from scipy.stats import zscore

from metrics.statistics import clusters, rater_z_scores, system_means


def test_each_person_is_standardised_alone():
    rng = np.random.default_rng(1)
    scores, raters = rng.normal(70, 12, 60), np.array(["asha", "ravi", "meera"] * 20)
    found = rater_z_scores(scores, raters)
    for rater in found.raters:
        mine = raters == rater.rater
        np.testing.assert_allclose(found.z[mine], zscore(scores[mine], ddof=1))
        assert rater.n == 20


def test_a_stricter_or_coarser_person_gets_the_same_z():
    scores, raters = [1, 2, 4, 50, 60, 80], ["a", "a", "a", "b", "b", "b"]
    z = rater_z_scores(scores, raters).z
    np.testing.assert_allclose(z[:3], z[3:])


def test_people_who_do_not_vary_are_named():
    found = rater_z_scores([3, 3, 5, 1, 2, np.nan], ["a", "a", "b", "c", "c", "c"])
    assert np.isnan(found.z[[0, 1, 2, 5]]).all()
    assert np.isfinite(found.z[[3, 4]]).all()
    reasons = {rater.rater: rater.reason for rater in found.raters}
    assert reasons == {
        "a": "gave every item the same score",
        "b": "fewer than 2 ratings",
        "c": "",
    }


def test_it_refuses_scores_without_a_person():
    with pytest.raises(ValueError, match="3 scores but 2 raters"):
        rater_z_scores([1, 2, 3], ["a", "b"])


def test_systems_come_best_first_and_empty_ones_last():
    found = system_means([1, 3, 9, np.nan, 5, np.nan], ["x", "x", "y", "y", "z", "none"])
    assert [(m.system, m.n) for m in found] == [("y", 1), ("z", 1), ("x", 2), ("none", 0)]
    assert found[2].mean == 2


def test_a_line_needs_all_above_to_beat_all_below():
    rng = np.random.default_rng(2)
    scores = {"low": rng.normal(0, 1, 200), "high": rng.normal(3, 1, 200)}
    scores["twin"] = scores["high"] - 0.01
    assert clusters(scores) == [["high", "twin"], ["low"]]


def test_systems_that_cannot_be_told_apart_share_a_cluster():
    same = np.arange(30.0)
    assert clusters({"a": same, "b": same, "c": same}) == [["a", "b", "c"]]
    assert clusters({"only": same}) == [["only"]]
