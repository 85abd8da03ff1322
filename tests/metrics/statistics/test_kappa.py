import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from metrics.statistics import (
    cohen_kappa,
    kappa_from_table,
    mean_pairwise_kappa,
    pairwise_kappas,
    rater_matrix,
)

SCALE = list(range(7))


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_it_equals_scikit_learn(weights):
    rng = np.random.default_rng(1)
    for _round in range(20):
        a = rng.integers(0, 7, 60)
        b = np.clip(a + rng.integers(-2, 3, 60), 0, 6)
        expected = cohen_kappa_score(a, b, labels=SCALE, weights=weights)
        assert cohen_kappa(a, b, labels=SCALE, weights=weights) == pytest.approx(expected)


def test_it_equals_statsmodels_on_a_table():
    expected = cohens_kappa(np.array([[20, 5], [10, 15]])).kappa
    assert kappa_from_table(20, 5, 10, 15) == pytest.approx(expected)
    assert kappa_from_table(20, 5, 10, 15) == pytest.approx(0.4)  # (0.7 - 0.5) / (1 - 0.5)


def test_a_category_nobody_uses_is_not_defined():
    assert np.isnan(kappa_from_table(0, 0, 0, 50))
    assert np.isnan(kappa_from_table(0, 0, 0, 0))
    assert np.isnan(cohen_kappa([0] * 9, [0] * 9, labels=[0, 1]))


def test_a_step_that_nobody_used_changes_linear_weights():
    a, b = [1, 2, 4, 4, 2, 1], [1, 4, 4, 2, 2, 1]
    with_gap = cohen_kappa(a, b, labels=[1, 2, 3, 4], weights="linear")
    assert with_gap == pytest.approx(cohen_kappa_score(a, b, labels=[1, 2, 3, 4], weights="linear"))
    assert with_gap != pytest.approx(cohen_kappa(a, b, weights="linear"))


def test_units_that_one_person_skipped_are_left_out():
    assert cohen_kappa([1, 2, np.nan, 1], [1, 2, 2, np.nan]) == pytest.approx(1.0)


def test_swapping_the_people_changes_nothing():
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 5, 50), rng.integers(0, 5, 50)
    assert cohen_kappa(a, b, weights="quadratic") == pytest.approx(
        cohen_kappa(b, a, weights="quadratic")
    )


def test_it_refuses_an_answer_outside_the_labels():
    with pytest.raises(ValueError, match="7 is not among the labels"):
        cohen_kappa([1, 7], [1, 2], labels=SCALE)


def test_answers_may_be_text():
    a, b = ["A", "B", "tie", "A"], ["A", "B", "A", "A"]
    assert cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))


def test_the_mean_over_pairs_weighs_shared_units():
    rng = np.random.default_rng(3)
    ratings = rng.integers(0, 7, (3, 60)).astype(float)
    ratings[2, 40:] = np.nan
    pairs = pairwise_kappas(ratings, labels=SCALE, weights="quadratic")
    assert [(p.rater_a, p.rater_b, p.n) for p in pairs] == [
        ("0", "1", 60),
        ("0", "2", 40),
        ("1", "2", 40),
    ]
    found = mean_pairwise_kappa(ratings, labels=SCALE, weights="quadratic", rng=rng)
    assert found.value == pytest.approx(sum(p.value * p.n for p in pairs) / 140)
    assert found.low < found.value < found.high
    assert (found.n_units, found.n_raters, found.n_ratings) == (60, 3, 160)


def test_the_bootstrap_recomputes_kappa_of_the_drawn_units():
    ratings = np.random.default_rng(4).integers(0, 4, (2, 30)).astype(float)
    found = mean_pairwise_kappa(ratings, rng=np.random.default_rng(5), resamples=50)
    draws = np.random.default_rng(5).integers(0, 30, size=(50, 30))
    naive = [cohen_kappa(*ratings[:, draw], labels=range(4)) for draw in draws]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(naive, [0.025, 0.975])))


def test_people_who_share_nothing_have_no_kappa():
    found = mean_pairwise_kappa([[1, np.nan], [np.nan, 1]], rng=np.random.default_rng(0))
    assert np.isnan(found.value)
    assert found.reason == "no two people rated the same unit"


def test_long_form_becomes_a_matrix():
    matrix, raters, units = rater_matrix([3, 4, 5], ["s1", "s2", "s1"], ["asha", "asha", "ravi"])
    assert (raters, units) == (["asha", "ravi"], ["s1", "s2"])
    np.testing.assert_array_equal(matrix, [[3, 4], [5, np.nan]])


def test_a_person_who_rated_twice_is_refused():
    with pytest.raises(ValueError, match="rated the same unit twice"):
        rater_matrix([3, 4], ["s1", "s1"], ["asha", "asha"])
