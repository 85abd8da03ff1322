"""Finding damaged outputs, staying consistent, and guessing who wrote what."""

from itertools import permutations, product
from math import comb
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import linregress
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from metrics.statistics import (
    auc_detection,
    bang_blinding_index,
    d_prime,
    drift,
    intra_rater,
    james_blinding_index,
    krippendorff_alpha,
    proportion_interval,
)

Z = NormalDist().inv_cdf


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("hit_rate", "alarm_rate", "published"), [(99, 1, 4.65), (69, 31, 1.0)])
def test_d_prime_nears_the_textbook_value_in_many_trials(hit_rate, alarm_rate, published):
    # Macmillan and Creelman (2005), ch. 1: the effective ceiling, and moderate performance.
    n = 10_000
    found = d_prime(hit_rate * n, (100 - hit_rate) * n, alarm_rate * n, (100 - alarm_rate) * n)
    assert found.d_prime.estimate == pytest.approx(published, abs=0.01)
    assert found.criterion.estimate == pytest.approx(0, abs=1e-9)


def test_d_prime_adds_half_to_each_count():
    found = d_prime(9, 1, 2, 7)  # Hautus (1995): (9 + .5) / (10 + 1) and (2 + .5) / (9 + 1)
    assert found.d_prime.estimate == pytest.approx(Z(9.5 / 11) - Z(0.25))
    assert found.criterion.estimate == pytest.approx(-(Z(9.5 / 11) + Z(0.25)) / 2)
    assert (found.hit_rate, found.false_alarm_rate) == pytest.approx((9.5 / 11, 0.25))
    assert (found.n_damaged, found.n_sound, found.reason) == (10, 9, "")


def test_the_interval_of_d_prime_covers_as_often_as_it_says():
    n, truth = 30, 1.5
    rates = NormalDist().cdf(truth / 2), NormalDist().cdf(-truth / 2)
    chance = [
        [comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)] for rate in rates
    ]
    covered = sum(
        chance[0][hits] * chance[1][alarms]
        for hits, alarms in product(range(n + 1), repeat=2)
        if (found := d_prime(hits, n - hits, alarms, n - alarms).d_prime).low <= truth <= found.high
    )
    assert 0.94 < covered < 0.98


def test_d_prime_is_defined_for_a_perfect_person():
    found = d_prime(10, 0, 0, 10)
    assert np.isfinite(found.d_prime).all()
    assert found.d_prime.low > 1


def test_swapping_yes_and_no_turns_the_criterion_and_not_the_sensitivity():
    one, other = d_prime(8, 2, 1, 9), d_prime(9, 1, 2, 8)
    assert one.d_prime == pytest.approx(other.d_prime)
    assert one.criterion.estimate == pytest.approx(-other.criterion.estimate)


def test_d_prime_without_a_kind_of_output_is_not_defined():
    assert d_prime(0, 0, 1, 3).reason == "no damaged output was judged"
    found = d_prime(2, 1, 0, 0)
    assert found.reason == "no sound output was judged" and np.isnan(found.d_prime).all()
    with pytest.raises(ValueError, match="cannot be negative"):
        d_prime(-1, 0, 0, 0)
    with pytest.raises(ValueError, match="level must lie"):
        d_prime(1, 0, 0, 1, level=95)


def test_auc_equals_scikit_learn_with_ties():
    good, bad = rng(1).integers(2, 7, 40), rng(2).integers(0, 6, 25)
    expected = roc_auc_score([1] * 40 + [0] * 25, np.concatenate([good, bad]))
    found = auc_detection(good, bad)
    assert found.auc.estimate == pytest.approx(expected)
    assert (found.n_good, found.n_bad) == (40, 25)


def test_the_bounds_of_auc_solve_their_equation():
    found = auc_detection([5, 6, 6, 4, 3, 6], [1, 2, 4, 5, 3]).auc
    z, m, n = Z(0.975), 6, 5
    for bound in (found.low, found.high):
        more = (m + n) / 2 - 1
        pairs = 1 + more * (1 - bound) / (2 - bound) + more * bound / (1 + bound)
        distance = z * np.sqrt(bound * (1 - bound) * pairs / (m * n))
        assert abs(found.estimate - bound) == pytest.approx(distance)
    assert 0 < found.low < found.estimate < found.high < 1


def test_swapping_the_sides_mirrors_auc():
    good, bad = [5, 6, 2, 4], [1, 5, 3]
    one, other = auc_detection(good, bad).auc, auc_detection(bad, good).auc
    assert tuple(one) == pytest.approx((1 - other.estimate, 1 - other.high, 1 - other.low))


def test_a_perfect_separation_keeps_an_interval():
    found = auc_detection(range(10, 20), range(10)).auc
    assert (found.estimate, found.high) == (1, 1)
    assert 0.7 < found.low < 0.9
    assert auc_detection([3] * 9, [3] * 9).auc.estimate == 0.5


def test_auc_of_nothing_is_not_defined():
    assert auc_detection([], [1]).reason == "no sound output has a score"
    found = auc_detection([1, 2], [np.nan])
    assert found.reason == "no damaged output has a score" and np.isnan(found.auc).all()


def test_drift_equals_scipy_on_standardised_scores():
    scores, places = rng(3).normal(50, 20, 60), np.arange(60) * 0.5
    expected = linregress(places, (scores - scores.mean()) / scores.std(ddof=1))
    found = drift(scores, places, rng=rng())
    half = 2.0017174841452 * expected.stderr  # t, 58 degrees of freedom, 0.975
    assert found.slope.estimate == pytest.approx(expected.slope)
    assert found.slope.high - found.slope.estimate == pytest.approx(half)
    assert found.p == pytest.approx(expected.pvalue, abs=0.03)


def test_the_permutation_p_of_drift_nears_the_exact_one():
    scores, places = np.array([1.0, 2, 2, 5, 4, 6]), np.arange(6.0)
    centred = places - places.mean()
    sums = [abs(np.dot(order, centred)) for order in permutations(scores)]
    exact = np.mean(np.array(sums) >= abs(scores @ centred) - 1e-9)
    found = drift(scores, places, rng=rng(4), resamples=20_000)
    assert found.p == pytest.approx(exact, abs=0.005)


def test_drift_does_not_depend_on_the_scale_of_the_scores_or_on_their_order():
    scores, places = rng(5).normal(size=30), rng(6).permutation(30)
    found, order = drift(scores, places, rng=rng()), rng(7).permutation(30)
    assert drift(3 * scores + 9, places, rng=rng()).slope == pytest.approx(found.slope)
    assert drift(scores[order], places[order], rng=rng()).slope == pytest.approx(found.slope)
    assert drift(-scores, places, rng=rng()).slope.estimate == pytest.approx(-found.slope.estimate)


def test_scores_on_one_line_have_a_slope_and_no_interval():
    found = drift([1.0, 3, 5], [0, 1, 2], rng=rng())
    assert found.slope.estimate == pytest.approx(1) and found.p > 0.1
    assert np.isnan([found.slope.low, found.slope.high]).all()
    assert found.reason == "no interval: the scores lie on one line"


def test_a_harsher_end_is_found():
    found = drift(np.arange(100) * -0.05 + rng(8).normal(size=100), range(100), rng=rng())
    assert found.slope.high < 0 and found.p < 0.001 and found.n == 100


def test_drift_says_why_it_is_not_defined():
    assert drift([1, 2, np.nan], [0, 1, 2], rng=rng()).reason.startswith("2 scores")
    assert drift([3, 3, 3], [0, 1, 2], rng=rng()).reason == "all scores are equal"
    found = drift([3, 4, 3], [1, 1, 1], rng=rng())
    assert found.reason == "all scores were given at the same place" and np.isnan(found.p)
    with pytest.raises(ValueError, match="one place per score"):
        drift([3, 4, 3], [1, 1], rng=rng())


FIRST = [0, 2, 4, 6, 5, 3, 1, 2, np.nan, 4]
SECOND = [0, 3, 4, 4, 5, 3, 2, 2, 5, np.nan]


def test_repeats_are_compared_in_every_way():
    found = intra_rater(FIRST, SECOND, labels=range(7), rng=rng())
    a, b = FIRST[:8], SECOND[:8]
    assert found.n == 8
    assert found.exact == proportion_interval(5, 8)
    assert found.within_one == proportion_interval(7, 8)
    expected = cohen_kappa_score(a, b, labels=range(7), weights="quadratic")
    assert found.kappa.value == pytest.approx(expected)
    assert found.alpha.value == pytest.approx(krippendorff_alpha([a, b], level="ordinal"))
    assert (found.kappa.statistic, found.alpha.level) == ("kappa", "ordinal")


def test_preferences_are_compared_as_names():
    found = intra_rater(list("ABTAB"), list("ABTBB"), level="nominal", rng=rng())
    assert found.kappa.value == pytest.approx(cohen_kappa_score(list("ABTAB"), list("ABTBB")))
    assert found.exact.estimate == 0.8 and np.isnan(found.within_one).all()
    with_gap = intra_rater(["A", None, "B"], ["A", "B", "A"], level="nominal", rng=rng())
    assert with_gap.n == 2


def test_decimals_one_apart_are_within_one():
    assert intra_rater([0.3], [1.3], level="interval", rng=rng()).within_one.estimate == 1


def test_repeats_say_what_is_not_defined():
    found = intra_rater([1, np.nan], [np.nan, 2], rng=rng())
    assert found.reason == "no item was answered twice" and np.isnan(found.exact).all()
    no_scale = intra_rater([10, 90, 55], [15, 80, 50], level="interval", rng=rng())
    assert "give its labels" in no_scale.kappa.reason and np.isfinite(no_scale.alpha.value)
    same = intra_rater([3, 3, 3], [3, 3, 3], labels=range(7), rng=rng())
    assert same.exact.estimate == 1 and np.isnan(same.kappa.value)
    assert same.alpha.reason == "all ratings are equal"
    with pytest.raises(ValueError, match="one each per item"):
        intra_rater([1], [1, 2], rng=rng())


def test_blinding_equals_another_implementation():
    # README of the Julia package BlindingIndex.jl: James 0.896 (0.875-0.918), Bang 0.115
    # (0.080-0.150) and 0.022 (-0.016-0.060).
    table = [[48, 4, 330], [22, 30, 319]]
    james = james_blinding_index(table)
    assert james[1:5] == pytest.approx((0.896, 0.875, 0.918, 753), abs=5e-4)
    first, second = bang_blinding_index(table)
    assert first[1:5] == pytest.approx((0.115, 0.080, 0.150, 382), abs=5e-4)
    assert second[1:5] == pytest.approx((0.022, -0.016, 0.060, 371), abs=5e-4)


def weighted_kappa_form(shares: np.ndarray) -> float:
    """James's index as the paper builds it: a weighted kappa of those who guessed."""
    weights = np.array([[0, 0.5], [0.5, 0]])
    unknown = shares[:, 2].sum()
    guessed = shares[:, :2] / (1 - unknown)
    observed = (weights * guessed).sum()
    expected = (weights * np.outer(guessed.sum(axis=1), guessed.sum(axis=0))).sum()
    return (1 + unknown + (1 - unknown) * (observed - expected) / expected) / 2


def test_james_equals_its_weighted_kappa_form_and_its_numeric_variance():
    table = np.array([[12.0, 5, 9], [7, 10, 4]])
    n, step = table.sum(), 1e-6
    shares = table / n
    gradient = np.zeros((2, 3))
    for cell in np.ndindex(2, 3):
        up, down = shares.copy(), shares.copy()
        up[cell] += step
        down[cell] -= step
        # Shares that no longer sum to 1: the direction is projected below.
        gradient[cell] = (weighted_kappa_form(up) - weighted_kappa_form(down)) / (2 * step)
    variance = ((shares * gradient**2).sum() - (shares * gradient).sum() ** 2) / n
    found = james_blinding_index(table)
    assert found.value == pytest.approx(weighted_kappa_form(shares))
    assert found.high - found.value == pytest.approx(Z(0.975) * np.sqrt(variance), rel=1e-3)


def test_the_indexes_reach_their_ends():
    assert james_blinding_index([[10, 0, 0], [0, 10, 0]]).value == 0
    assert james_blinding_index([[5, 5, 0], [5, 5, 0]]).value == pytest.approx(0.5)
    assert james_blinding_index([[0, 10, 0], [10, 0, 0]]).value == pytest.approx(1)
    assert [b.value for b in bang_blinding_index([[10, 0, 0], [10, 0, 0]])] == [1, -1]
    assert [b.value for b in bang_blinding_index([[5, 5, 9], [0, 0, 4]])] == [0, 0]


def test_naming_the_other_source_first_changes_nothing():
    table = np.array([[12, 5, 9], [7, 10, 4]])
    mirrored = table[::-1][:, [1, 0, 2]]
    one, other = james_blinding_index(table), james_blinding_index(mirrored)
    assert one[1:5] == pytest.approx(other[1:5])
    assert bang_blinding_index(mirrored) == bang_blinding_index(table)[::-1]


def test_blinding_says_why_it_is_not_defined():
    assert james_blinding_index(np.zeros((2, 3))).reason == "nobody was asked"
    assert james_blinding_index([[0, 0, 4], [0, 0, 4]]).reason == "no interval: nobody guessed"
    assert "about one source" in james_blinding_index([[4, 0, 1], [0, 0, 2]]).reason
    first, second = bang_blinding_index([[4, 0, 0], [0, 0, 0]])
    assert first.value == 1 and first.reason == "no interval: the guesses do not vary"
    assert second.reason == "nobody was asked about this source" and np.isnan(second.value)
    with pytest.raises(ValueError, match="must be a 2 x 3 table"):
        james_blinding_index([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="must be counts"):
        bang_blinding_index([[0.5, 1, 2], [3, 4, 5]])
