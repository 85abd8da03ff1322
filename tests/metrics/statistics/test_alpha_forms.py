"""The ways alpha is computed, by level and number of values, against the krippendorff package."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.statistics import (
    alpha_interval,
    krippendorff_alpha,
    percent_agreement,
    percent_agreement_interval,
)
from metrics.statistics.agreement import alpha_form
from metrics.statistics.coincidences import MOST_VALUES, Tally
from metrics.statistics.many_values import Fine
from metrics.statistics.moments import Moments
from metrics.statistics.ratings import listed

LEVELS = ["nominal", "ordinal", "interval", "ratio"]


def with_holes(
    rng: np.random.Generator, shape: tuple[int, int], highest: int, share: float = 0.3
) -> np.ndarray:
    ratings = rng.integers(0, highest + 1, shape).astype(float)
    ratings[rng.random(shape) < share] = np.nan
    return ratings


@st.composite
def matrices(draw):
    shape = draw(st.tuples(st.integers(2, 6), st.integers(2, 25)))
    seed, highest = draw(st.integers(0, 2**32)), draw(st.sampled_from([1, 2, 6, 40, 100]))
    return with_holes(
        np.random.default_rng(seed), shape, highest, draw(st.sampled_from([0.0, 0.3, 0.7]))
    )


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=60, deadline=None)
@given(ratings=matrices())
def test_alpha_equals_the_package_or_both_are_not_defined(level, ratings):
    found = krippendorff_alpha(ratings, level=level)
    pairable = ratings[:, np.isfinite(ratings).sum(axis=0) >= 2]
    if len(np.unique(pairable[np.isfinite(pairable)])) < 2:
        assert np.isnan(found)
    else:
        expected = krippendorff.alpha(ratings, level_of_measurement=level)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("highest", [6, 60])
def test_long_form_text_of_numbers_and_matrix_are_one(level, highest):
    ratings = with_holes(np.random.default_rng(2), (4, 60), highest)
    raters, units = np.nonzero(np.isfinite(ratings))
    names = np.array([f"unit {u}" for u in units])
    long = krippendorff_alpha(ratings[raters, units], names, level=level)
    assert long == pytest.approx(krippendorff_alpha(ratings, level=level), abs=1e-12)


@pytest.mark.parametrize(
    ("level", "highest", "form"),
    [
        ("interval", 100, Moments),
        ("nominal", MOST_VALUES - 1, Tally),
        ("ordinal", 6, Tally),
        ("ratio", 6, Tally),
        ("nominal", 100, Fine),
        ("ordinal", 100, Fine),
        ("ratio", 100, Fine),
    ],
)
def test_the_form_follows_level_and_number_of_values(level, highest, form):
    ratings = with_holes(np.random.default_rng(3), (3, 400), highest)
    for data in (ratings, listed(ratings)):
        assert type(alpha_form(data, level)) is form


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("highest", [6, 60])
def test_every_unit_once_gives_the_value(level, highest):
    ratings = with_holes(np.random.default_rng(4), (3, 80), highest)
    form = alpha_form(ratings, level)
    again = form.resampler()(np.ones((1, len(form.sizes))))[0]
    assert again == pytest.approx(form.value(), abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_ratings_in_several_blocks_equal_the_package(level):
    ratings = with_holes(np.random.default_rng(5), (300, 400), 4)
    ratings[7, 390] = 9  # a value that only the last block has
    expected = krippendorff.alpha(ratings, level_of_measurement=level)
    assert krippendorff_alpha(ratings, level=level) == pytest.approx(expected, abs=1e-9)


def test_blocks_without_a_pair_are_passed_over():
    ratings = np.full((300, 400), np.nan)
    ratings[0, :200] = 5.0
    ratings[:2, 350:] = [np.arange(50), np.arange(50)[::-1]]
    for level in LEVELS:
        expected = krippendorff.alpha(ratings, level_of_measurement=level)
        assert krippendorff_alpha(ratings, level=level) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("constant", [0.1, 3.0, 1e9 + 0.1])
def test_equal_ratings_among_others_without_a_pair_are_not_defined(level, constant):
    ratings = np.full((3, 30), constant)
    ratings[:2, 0] = np.nan
    ratings[2, 0] = 7.0
    assert np.isnan(krippendorff_alpha(ratings, level=level))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("missing", [np.empty((0, 0)), np.empty((3, 0)), np.empty((0, 3))])
def test_no_ratings_at_all_are_not_defined(level, missing):
    assert np.isnan(krippendorff_alpha(missing, level=level))


def test_nan_among_words_is_missing():
    ratings = [["a", "b", "a", float("nan")], ["a", "a", "a", "b"]]
    expected = krippendorff_alpha([[0, 1, 0], [0, 0, 0]], level="nominal")
    assert krippendorff_alpha(ratings, level="nominal") == pytest.approx(expected)


def test_whole_numbers_and_their_floats_are_one_category():
    ratings = np.array([[1, 2, None], [1.0, 2.0, 3]], dtype=object)
    assert krippendorff_alpha(ratings, level="nominal") == pytest.approx(1.0)


def test_percent_agreement_of_many_values_counts_pairs():
    ratings = with_holes(np.random.default_rng(6), (4, 200), 60)
    shares = []
    for column in ratings.T:
        given = column[np.isfinite(column)]
        if len(given) >= 2:
            same = np.equal.outer(given, given)
            shares.append((same.sum() - len(given)) / (len(given) * (len(given) - 1)))
    assert percent_agreement(ratings) == pytest.approx(np.mean(shares), abs=1e-12)


@pytest.mark.parametrize("highest", [6, 60])
def test_the_interval_of_percent_agreement_draws_units(highest):
    ratings = with_holes(np.random.default_rng(10), (3, 60), highest)
    found = percent_agreement_interval(ratings, rng=np.random.default_rng(2), resamples=50)
    assert found.value == percent_agreement(ratings)
    kept = ratings[:, np.isfinite(ratings).sum(axis=0) >= 2]
    n = kept.shape[1]
    draws = np.random.default_rng(2).integers(0, n, size=(50, n))
    naive = [percent_agreement(kept[:, draw]) for draw in draws]
    low, high = np.quantile(naive, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert (found.n_units, found.resamples, found.seed) == (n, 50, 2)


def test_percent_agreement_of_equal_ratings_is_one_and_without_pairs_not_defined():
    rng = np.random.default_rng(0)
    same = percent_agreement_interval(np.ones((2, 5)), rng=rng)
    assert (same.value, same.low, same.high) == (1.0, 1.0, 1.0)
    alone = percent_agreement_interval([[1, 2, 3]], rng=rng)
    assert np.isnan(alone.value)
    assert alone.reason == "no unit has two ratings"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("highest", [6, 60])
def test_the_jackknife_leaves_out_each_unit(level, highest):
    ratings = with_holes(np.random.default_rng(7), (4, 40), highest, 0.2)
    found = alpha_interval(ratings, level=level, rng=np.random.default_rng(0))
    kept = ratings[:, np.isfinite(ratings).sum(axis=0) >= 2]
    n = kept.shape[1]
    left = np.array([krippendorff_alpha(np.delete(kept, u, axis=1), level=level) for u in range(n)])
    error = np.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
    assert (found.high - found.value) == pytest.approx(found.value - found.low, abs=1e-12)
    assert (found.high - found.low) / error == pytest.approx(2 * student(n - 1), rel=1e-9)
    assert (found.method, found.resamples, found.seed) == ("jackknife over units", 0, None)


def test_with_few_units_the_jackknife_covers_better_than_the_bootstrap():
    # Unit and residual variance both 1: interval alpha estimates ICC(1, 1), here 0.5.
    hits = {"jackknife": 0, "bootstrap": 0}
    rng = np.random.default_rng(5)
    for _round in range(300):
        ratings = rng.normal(size=(1, 10)) + rng.normal(size=(3, 10))
        for recipe in hits:
            found = alpha_interval(ratings, rng=rng, recipe=recipe, resamples=200)
            hits[recipe] += found.low <= 0.5 <= found.high
    assert 265 <= hits["jackknife"] <= 298
    assert hits["bootstrap"] < hits["jackknife"]


def student(df: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, df))


def test_the_recipe_can_be_chosen_and_is_told():
    ratings = with_holes(np.random.default_rng(8), (3, 30), 6)
    chosen = alpha_interval(ratings, rng=np.random.default_rng(5), recipe="bootstrap")
    assert (chosen.method, chosen.resamples, chosen.seed) == (
        "bootstrap over units, 1000 resamples",
        1000,
        5,
    )
    again = alpha_interval(
        ratings,
        rng=np.random.default_rng(chosen.seed),
        recipe="bootstrap",
        resamples=chosen.resamples,
    )
    assert again == chosen
    with pytest.raises(ValueError, match="no recipe called 'magic'"):
        alpha_interval(ratings, rng=np.random.default_rng(5), recipe="magic")


def test_the_seed_is_told_only_where_it_gives_the_same_draws():
    ratings = np.random.default_rng(9).normal(size=(3, 60))
    several = alpha_interval(ratings, rng=np.random.default_rng([3, 4]))
    assert several.seed == (3, 4)
    used = np.random.default_rng(5)
    used.random()
    assert alpha_interval(ratings, rng=used).seed is None
    other = np.random.Generator(np.random.MT19937(5))
    assert alpha_interval(ratings, rng=other).seed is None
    child = np.random.Generator(np.random.PCG64(np.random.SeedSequence(5).spawn(1)[0]))
    assert alpha_interval(ratings, rng=child).seed is None


def test_two_units_have_a_value_but_no_interval():
    found = alpha_interval([[1, 2], [1, 4]], rng=np.random.default_rng(0))
    assert found.value == pytest.approx(0.5)
    assert np.isnan(found.low)
    assert found.reason == "no interval from 2 units with two ratings"
