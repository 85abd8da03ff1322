import numpy as np
import pytest
from scipy.stats import bootstrap, norm
from statsmodels.stats.proportion import proportion_confint

from metrics.statistics import (
    bootstrap_counts,
    mean_interval,
    mean_intervals,
    percentile_interval,
    proportion_interval,
)


def test_every_resample_draws_as_many_as_there_are():
    counts = bootstrap_counts(37, 200, np.random.default_rng(0))
    assert counts.shape == (200, 37)
    assert (counts.sum(axis=1) == 37).all()
    assert counts.mean() == pytest.approx(1)
    assert counts.var() == pytest.approx(1 - 1 / 37, abs=0.05)


def test_the_same_seed_gives_the_same_interval():
    scores, items = np.arange(30.0), np.arange(30) // 3
    first = mean_interval(scores, items, rng=np.random.default_rng(5))
    assert first == mean_interval(scores, items, rng=np.random.default_rng(5))


def test_it_is_close_to_scipy_where_items_are_single():
    scores = np.random.default_rng(1).normal(70, 10, 200)
    ours = mean_interval(scores, np.arange(200), rng=np.random.default_rng(2), resamples=9999)
    theirs = bootstrap(
        (scores,), np.mean, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    assert ours.estimate == pytest.approx(scores.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.1)


def test_ratings_of_one_item_do_not_narrow_the_interval():
    rng = np.random.default_rng(4)
    per_item = rng.normal(size=100)
    once = mean_interval(per_item, np.arange(100), rng=np.random.default_rng(1))
    copied = mean_interval(
        np.repeat(per_item, 5), np.arange(500) // 5, rng=np.random.default_rng(1)
    )
    assert copied == pytest.approx(once)


def test_columns_share_the_drawn_items():
    rng = np.random.default_rng(6)
    a = rng.normal(size=50)
    first, second = mean_intervals(np.stack([a, a + 3], axis=1), rng=np.random.default_rng(1))
    assert (second.low, second.high) == pytest.approx((first.low + 3, first.high + 3))


def test_a_missing_value_takes_no_part_in_its_column():
    columns = [[1.0, np.nan, 1.0], [2.0, np.nan, np.nan], [3.0, np.nan, np.nan]]
    full, empty, one = mean_intervals(columns, rng=np.random.default_rng(1))
    assert full.estimate == 2
    assert np.isnan(empty.estimate)
    assert one.estimate == 1
    assert np.isnan(one.low)


def test_equal_scores_have_an_interval_of_no_width():
    assert mean_interval([4, 4, 4], [1, 2, 3], rng=np.random.default_rng(0)) == (4, 4, 4)


@pytest.mark.parametrize(
    ("scores", "items", "message"),
    [
        ([1, 2, 3], [1, 2], "3 scores but 2 items"),
        ([1, np.nan], [1, 2], "finite"),
        ([1, 2], [7, 7], "at least two items"),
    ],
)
def test_it_refuses_what_has_no_interval(scores, items, message):
    with pytest.raises(ValueError, match=message):
        mean_interval(scores, items, rng=np.random.default_rng(0))


def test_a_level_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        percentile_interval(0.0, [0.0], level=95)


def test_mostly_undefined_draws_give_no_interval():
    assert np.isnan(percentile_interval(0.5, [0.4, np.nan, np.nan]).low)


@pytest.mark.parametrize(("wins", "n"), [(0, 10), (3, 10), (90, 150), (10, 10)])
def test_the_share_equals_statsmodels(wins, n):
    found = proportion_interval(wins, n)
    low, high = proportion_confint(wins, n, method="wilson")
    assert found == pytest.approx((wins / n, low, high), abs=1e-12)


def test_wins_and_losses_mirror_each_other():
    a, b = proportion_interval(30, 100), proportion_interval(70, 100)
    assert (a.low, a.high) == pytest.approx((1 - b.high, 1 - b.low))


def test_a_share_of_nothing_is_not_defined():
    assert np.isnan(proportion_interval(0, 0)).all()


def test_the_interval_of_a_mean_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    items = np.repeat(np.arange(60), 3)
    hits = 0
    for _round in range(300):
        scores = (rng.normal(size=60))[items] + rng.normal(size=180)
        found = mean_interval(scores, items, rng=rng, resamples=300)
        hits += found.low <= 0 <= found.high
    spread = norm.ppf(0.999) * np.sqrt(300 * 0.95 * 0.05)
    assert 300 * 0.93 - spread < hits <= 300
