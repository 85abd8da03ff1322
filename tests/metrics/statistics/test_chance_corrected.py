from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from metrics.statistics import cohen_kappa, fleiss_kappa, gwet_ac, kappa_interval

_ = float("nan")
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# Six psychiatrists, fifteen patients, five diagnoses (Gwet 2014, table 2.14).
SIX = [
    [0, 0, 0, 6, 0],
    [0, 3, 0, 0, 3],
    [0, 1, 4, 0, 1],
    [0, 0, 0, 0, 6],
    [0, 3, 0, 3, 0],
    [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2],
    [2, 0, 3, 1, 0],
    [2, 0, 0, 4, 0],
    [0, 0, 0, 0, 6],
    [1, 0, 0, 5, 0],
    [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0],
    [1, 0, 0, 5, 0],
    [0, 2, 0, 3, 1],
]
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]


def of_distribution(table: list[list[int]]) -> np.ndarray:
    return np.array([np.repeat(np.arange(len(row)), row) for row in table], dtype=float).T


def of_crossed(table: list[list[int]]) -> np.ndarray:
    cells = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _n in range(n)]
    return np.array(cells, dtype=float).T


# Values printed in the overview of the R package irrCAC 1.0, whose author is Gwet.
@pytest.mark.parametrize(
    ("coefficient", "ratings", "expected"),
    [
        (gwet_ac, FOUR, 0.77544),
        (fleiss_kappa, FOUR, 0.76117),
        (gwet_ac, of_distribution(SIX), 0.4448007),
        (fleiss_kappa, of_distribution(SIX), 0.4139265),
        (gwet_ac, of_crossed(ABSTRACTORS), 0.849),
        (fleiss_kappa, of_crossed(ABSTRACTORS), 0.7962397),
    ],
)
def test_it_gives_the_published_values(coefficient, ratings, expected):
    digits = len(str(expected)) - 2
    assert coefficient(ratings).value == pytest.approx(expected, abs=0.5 * 10**-digits)


def by_definition(ratings: np.ndarray, labels: int, weights: str | None, gwet: bool) -> float:
    """Pair by pair."""

    def alike(a: float, b: float) -> float:
        if weights is None:
            return float(a == b)
        gap = abs(a - b) / (labels - 1)
        return 1 - (gap if weights == "linear" else gap**2)

    units = [column[np.isfinite(column)] for column in ratings.T]
    seen = np.mean(
        [np.mean([alike(a, b) for a, b in permutations(u, 2)]) for u in units if len(u) >= 2]
    )
    shares = [np.mean([np.mean(u == label) for u in units if len(u)]) for label in range(labels)]
    steps = [(k, m) for k in range(labels) for m in range(labels)]
    if gwet:
        total = sum(alike(k, m) for k, m in steps)
        chance = total * sum(p * (1 - p) for p in shares) / (labels * (labels - 1))
    else:
        chance = sum(alike(k, m) * shares[k] * shares[m] for k, m in steps)
    return float((seen - chance) / (1 - chance))


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(2, 5), st.integers(2, 20)),
    highest=st.integers(1, 5),
    share=st.sampled_from([0.0, 0.4]),
)
def test_it_equals_the_definition(weights, seed, shape, highest, share):
    rng = np.random.default_rng(seed)
    ratings = rng.integers(0, highest + 1, shape).astype(float)
    ratings[rng.random(shape) < share] = np.nan
    labels = list(range(7))
    for coefficient, gwet in ((fleiss_kappa, False), (gwet_ac, True)):
        found = coefficient(ratings, labels=labels, weights=weights)
        if found.reason:
            assert np.isnan(found.value)
        else:
            expected = by_definition(ratings, 7, weights, gwet)
            assert found.value == pytest.approx(expected, abs=1e-9)


def test_fleiss_equals_statsmodels():
    rng = np.random.default_rng(1)
    for _round in range(20):
        table = rng.multinomial(5, [0.5, 0.2, 0.2, 0.1], size=30)
        expected = statsmodels_fleiss(table)
        assert fleiss_kappa(of_distribution(table)).value == pytest.approx(expected, abs=1e-9)


def test_long_form_equals_the_matrix():
    matrix = np.array(FOUR)
    raters, units = np.nonzero(np.isfinite(matrix))
    for coefficient in (fleiss_kappa, gwet_ac):
        long = coefficient(matrix[raters, units], units, raters=raters)
        assert long == coefficient(matrix)
        assert (long.n_units, long.n_raters, long.n_ratings) == (11, 4, 40)


def test_words_and_none_are_answers_and_holes():
    words = [["yes", "no", "yes", None], ["yes", "no", "no", "no"]]
    numbers = [[1, 0, 1, np.nan], [1, 0, 0, 0]]
    assert gwet_ac(words).value == pytest.approx(gwet_ac(numbers).value)


def test_ac1_stays_high_where_one_answer_prevails_and_kappa_does_not():
    a = [1] * 95 + [0] * 3 + [1] * 2
    b = [1] * 95 + [1] * 3 + [0] * 2
    assert fleiss_kappa([a, b]).value < 0
    assert gwet_ac([a, b]).value > 0.9


def test_an_unused_label_counts_for_ac1():
    ratings = of_distribution(SIX)
    assert gwet_ac(ratings, labels=range(6)).value != pytest.approx(gwet_ac(ratings).value)
    assert fleiss_kappa(ratings, labels=range(6)).value == pytest.approx(
        fleiss_kappa(ratings).value
    )


@pytest.mark.parametrize("coefficient", [fleiss_kappa, gwet_ac])
def test_what_does_not_vary_is_not_defined(coefficient):
    found = coefficient(np.ones((3, 9)), labels=[1, 2], rng=np.random.default_rng(0))
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.reason == "all ratings are equal"
    found = coefficient([[1, 2, 3]])
    assert (found.reason, found.n_units) == ("no unit has two ratings", 0)
    assert coefficient([[_], [_]]).reason == "no unit has two ratings"


@pytest.mark.parametrize("coefficient", [fleiss_kappa, gwet_ac])
def test_the_bootstrap_recomputes_it_of_the_drawn_units(coefficient):
    ratings = np.random.default_rng(2).integers(0, 4, (3, 40)).astype(float)
    ratings[1:, :5] = np.nan
    labels = range(4)
    found = coefficient(
        ratings, labels=labels, weights="linear", rng=np.random.default_rng(3), resamples=60
    )
    draws = np.random.default_rng(3).integers(0, 40, size=(60, 40))
    naive = [coefficient(ratings[:, d], labels=labels, weights="linear").value for d in draws]
    low, high = np.quantile(naive, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert (found.n_units, found.resamples, found.seed) == (35, 60, 3)


def test_without_rng_there_is_no_interval():
    found = gwet_ac(FOUR)
    assert np.isnan(found.low)
    assert found.method == found.reason == ""


def test_kappa_of_two_people_has_an_interval_and_says_how():
    rng = np.random.default_rng(4)
    a = rng.integers(0, 5, 80)
    b = np.clip(a + rng.integers(-1, 2, 80), 0, 4)
    found = kappa_interval(
        a, b, labels=range(5), weights="quadratic", rng=np.random.default_rng(6), resamples=50
    )
    expected = cohen_kappa_score(a, b, labels=list(range(5)), weights="quadratic")
    assert found.value == pytest.approx(expected, abs=1e-9)
    draws = np.random.default_rng(6).integers(0, 80, size=(50, 80))
    naive = [cohen_kappa(a[d], b[d], labels=range(5), weights="quadratic") for d in draws]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(naive, [0.025, 0.975])))
    assert (found.statistic, found.n_units, found.resamples, found.seed) == (
        "cohen_kappa",
        80,
        50,
        6,
    )
    constant = kappa_interval([1, 1], [1, 1], rng=rng)
    assert constant.reason == "all pairs agree by chance alone: only one answer was used"


def test_it_refuses_what_it_cannot_read():
    with pytest.raises(ValueError, match="9 is not among the labels"):
        gwet_ac([[1, 9], [1, 2]], labels=[1, 2])
    with pytest.raises(ValueError, match="give a raters x units matrix"):
        fleiss_kappa([1, 2, 3])
    with pytest.raises(ValueError, match="3 ratings but 2 units"):
        fleiss_kappa([1, 2, 3], ["u", "v"])
    with pytest.raises(ValueError, match="no weights called 'cubic'"):
        gwet_ac(FOUR, weights="cubic")
