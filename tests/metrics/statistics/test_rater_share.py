import numpy as np
import pytest

from metrics.statistics import (
    corrected_correlation,
    corrected_correlations,
    noise_ceiling,
    rater_shares,
    split_half,
)

GROUPINGS = ["none", "item", "system"]


def study(seed: int, shape=(60, 5), raters: int = 3, noise: float = 1.0):
    """People who see the same truth with noise of their own; a metric that sees it as one does."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=shape)
    ratings = truth + rng.normal(0, noise, (raters, *shape))
    return ratings, truth + rng.normal(0, noise, shape)


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_a_metric_that_sees_as_a_person_does_reaches_about_all_of_it(grouping):
    ratings, metric = study(3, shape=(400, 5))
    (found,) = rater_shares(ratings, [metric], grouping=grouping, rng=np.random.default_rng(0))
    assert found.share.estimate == pytest.approx(1, abs=0.12)
    assert found.share.low < 1 < found.share.high
    assert (found.n, found.n_groups) == (2000, {"none": 1, "item": 400, "system": 5}[grouping])


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_correlations_are_numpy_s_group_by_group(grouping):
    ratings, metric = study(2, shape=(20, 4), raters=2)
    ratings[1, 3] = np.nan
    metric[5, 2] = np.nan
    (found,) = rater_shares(
        ratings, [metric], grouping=grouping, rng=np.random.default_rng(3), splits=1
    )
    picked = np.where(np.isfinite(ratings), np.random.default_rng(3).random(ratings.shape), 2)
    one = np.take_along_axis(ratings, picked.argmin(axis=0)[None], axis=0)[0]
    others = np.take_along_axis(ratings, 1 - picked.argmin(axis=0)[None], axis=0)[0]
    used = np.isfinite(ratings).all(axis=0) & np.isfinite(metric)
    spots = {
        "none": [np.s_[:, :]],
        "item": [np.s_[line, :] for line in range(20)],
        "system": [np.s_[:, column] for column in range(4)],
    }[grouping]

    def mean_r(side):
        values = []
        for spot in spots:
            kept = used[spot]
            if kept.sum() > 1:
                values.append(np.corrcoef(side[spot][kept], others[spot][kept])[0, 1])
        return np.mean(values)

    assert found.metric.estimate == pytest.approx(mean_r(metric))
    assert found.person.estimate == pytest.approx(mean_r(one))
    assert found.share.estimate == pytest.approx(mean_r(metric) / mean_r(one))


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_jackknife_leaves_out_each_segment_exactly(grouping):
    ratings, metric = study(4, shape=(15, 4), raters=2, noise=0.3)
    how = {"grouping": grouping, "splits": 1}

    class Kept:
        """The same draws for what is left of the segments."""

        def __init__(self, rows):
            self.rows = rows

        def random(self, shape):
            drawn = np.random.default_rng(7).random((2, 15, 4))
            return drawn[:, self.rows]

    everything = np.arange(15)
    (found,) = rater_shares(ratings, [metric], rng=Kept(everything), **how)
    left = []
    for line in everything:
        rows = np.delete(everything, line)
        (one,) = rater_shares(ratings[:, rows], [metric[rows]], rng=Kept(rows), **how)
        left.append(one.share.estimate)
    left = np.array(left)
    half = 1.959963985 * np.sqrt(14 / 15 * ((left - left.mean()) ** 2).sum())
    assert found.share.high - found.share.estimate == pytest.approx(half)


def test_one_rating_per_output_sets_no_mark():
    ratings, metric = study(5, raters=1)
    (found,) = rater_shares(ratings, [metric], rng=np.random.default_rng(0))
    assert np.isnan(found.share.estimate)
    assert found.reason == "no output has two ratings: how far people agree cannot be known"


def test_people_who_do_not_agree_and_a_metric_that_does_not_vary_are_told_apart():
    rng = np.random.default_rng(6)
    noise = np.tile([1.0, -1.0], (40, 2))
    opposite = np.stack([noise, -noise])
    flat, close = rater_shares(opposite, [np.ones((40, 4)), noise], rng=rng)
    assert flat.reason == "the metric or the people do not vary"
    assert close.reason.startswith("people agree no better than by chance")
    assert np.isnan(close.share.estimate)


def test_many_metrics_are_corrected_as_each_by_itself():
    ratings, metric = study(7)
    flat, other = ratings.reshape(3, -1), -metric.ravel() + np.arange(300) / 100
    other[:10] = np.nan
    items = np.repeat(np.arange(60), 5)
    together = corrected_correlations(
        flat, [metric.ravel(), other], items=items, rng=np.random.default_rng(1)
    )
    alone = corrected_correlation(flat, metric.ravel(), items=items, rng=np.random.default_rng(1))
    assert together[0] == alone
    assert together[1].n_units == 290
    assert together[1].corrected.estimate < 0


def test_drawing_whole_segments_widens_intervals_where_their_outputs_are_alike():
    rng = np.random.default_rng(8)
    segment = np.repeat(rng.normal(size=40), 6)
    ratings = segment + rng.normal(0, 0.7, (3, 240))
    items = np.repeat(np.arange(40), 6)
    for statistic in (noise_ceiling, split_half):
        by_unit = statistic(ratings, rng=np.random.default_rng(1))
        by_item = statistic(ratings, items=items, rng=np.random.default_rng(1))
        ends = [
            found.reliability if statistic is noise_ceiling else found
            for found in (by_unit, by_item)
        ]
        assert ends[1].high - ends[1].low > 1.3 * (ends[0].high - ends[0].low)
        assert "items" in by_item.method and "units" in by_unit.method


def test_a_metric_without_a_score_is_not_corrected():
    ratings, metric = study(9)
    nothing, something = corrected_correlations(
        ratings.reshape(3, -1), [np.full(300, np.nan), metric.ravel()], rng=np.random.default_rng(0)
    )
    assert nothing.reason == "no unit has both a rating and a metric score"
    assert not something.reason


def test_one_or_two_segments_have_no_interval_and_say_so():
    ratings, metric = study(5, shape=(1, 6))
    found = rater_shares(ratings, [metric], grouping="none", rng=np.random.default_rng(0))[0]
    assert np.isfinite(found.share.estimate) and np.isnan(found.share.low)
    assert found.reason.startswith("no interval: too few segments")
    how = {"items": np.zeros(6, dtype=int), "rng": np.random.default_rng(0)}
    flat = ratings[:, 0]
    halves, ceiling = split_half(flat, **how), noise_ceiling(flat, **how)
    corrected = corrected_correlation(flat, metric[0], **how)
    assert np.isfinite([halves.value, ceiling.ceiling.estimate, corrected.corrected.estimate]).all()
    assert np.isnan([halves.low, ceiling.ceiling.low, corrected.corrected.low]).all()
    assert {halves.reason, ceiling.reason, corrected.reason} == {"no interval from one item"}


def test_people_who_agree_in_one_segment_alone_have_a_share_without_an_interval():
    ratings = [[[2, 3], [1, 3], [2, 3]], [[1, 1], [2, 3], [1, 3]]]
    metric = [[-0.4, 1.4], [-0.9, -0.7], [0.2, 0.1]]
    (found,) = rater_shares(ratings, [metric], rng=np.random.default_rng(0), splits=1)
    assert found.person.estimate > 0 and np.isfinite(found.share.estimate)
    assert np.isnan([found.share.low, found.share.high]).all()
    assert found.reason.startswith("no interval")
