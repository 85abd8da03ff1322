import numpy as np
import pytest
from scipy import stats

from metrics.statistics import (
    corrected_correlation,
    icc,
    noise_ceiling,
    split_half,
    variance_components,
)

MODELS = ["1", "2", "3"]


def study(seed: int, shape: tuple[int, int] = (4, 60), missing: float = 0.0):
    """Ratings: unit sd 1, rater sd 0.5, noise sd 1; a metric correlated 0.6 with the truth."""
    rng = np.random.default_rng(seed)
    n_raters, n_units = shape
    truth = rng.normal(size=n_units)
    ratings = truth + rng.normal(0, 0.5, (n_raters, 1)) + rng.normal(size=shape)
    ratings[rng.random(shape) < missing] = np.nan
    return ratings, 0.6 * truth + 0.8 * rng.normal(size=n_units)


def test_two_people_split_by_rater_in_one_way_only():
    ratings, _ = study(1, (2, 30))
    r = stats.pearsonr(*ratings)[0]
    found = split_half(ratings, split="rater", rng=np.random.default_rng(0), splits=5)
    assert found.value == pytest.approx(2 * r / (1 + r), abs=1e-9)
    assert found.low < found.value < found.high


def test_splits_within_units_by_hand_over_the_same_draws():
    ratings, _ = study(2, (5, 20), missing=0.2)
    found = split_half(ratings, rng=np.random.default_rng(3), splits=7, resamples=50)
    rng = np.random.default_rng(3)
    kept = np.isfinite(ratings).sum(axis=0) >= 2
    values = []
    for _ in range(7):
        keys = rng.random(ratings[:, kept].shape)
        halves = []
        for unit, key in zip(ratings[:, kept].T, keys.T, strict=True):
            order = [i for i in np.argsort(key) if np.isfinite(unit[i])]
            cut = len(order) // 2
            halves.append((unit[order[:cut]].mean(), unit[order[cut:]].mean()))
        values.append(stats.pearsonr(*np.transpose(halves))[0])
    r = np.mean(values)
    assert found.value == pytest.approx(2 * r / (1 + r), abs=1e-9)
    assert found.n_units == kept.sum()


def test_split_half_is_near_the_intraclass_correlation():
    ratings, _ = study(4, (6, 400))
    rng = np.random.default_rng(0)
    by_unit = split_half(ratings, rng=rng, resamples=20).value
    by_rater = split_half(ratings, split="rater", rng=rng, resamples=20).value
    assert by_unit == pytest.approx(icc(ratings, form="1,k").value, abs=0.02)
    assert by_rater == pytest.approx(icc(ratings, form="3,k").value, abs=0.02)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_ceiling_is_the_root_of_the_intraclass_correlation(model, missing):
    ratings, _ = study(5, missing=missing)
    found = noise_ceiling(ratings, model=model, rng=np.random.default_rng(0), resamples=100)
    mean, single = (icc(ratings, form=f"{model},{k}").value for k in ("k", "1"))
    assert found.reliability.estimate == pytest.approx(mean, abs=1e-9)
    assert found.ceiling.estimate == pytest.approx(np.sqrt(mean), abs=1e-9)
    assert found.human.estimate == pytest.approx(np.sqrt(mean * single), abs=1e-9)
    assert found.human.estimate < found.ceiling.estimate < 1
    assert found.ceiling.low < found.ceiling.estimate < found.ceiling.high


def test_one_more_person_reaches_what_the_ceiling_says():
    ratings, _ = study(6, (5, 4000))
    ceiling = noise_ceiling(ratings[:4], model="3", rng=np.random.default_rng(0), resamples=10)
    r = stats.pearsonr(ratings[:4].mean(axis=0), ratings[4])[0]
    assert ceiling.human.estimate == pytest.approx(r, abs=0.03)


def test_correction_equals_the_formula():
    ratings, metric = study(7, missing=0.3)
    metric[5] = np.nan
    found = corrected_correlation(ratings, metric, rng=np.random.default_rng(0), resamples=200)
    kept = np.isfinite(metric) & np.isfinite(ratings).any(axis=0)
    ratings, metric = ratings[:, kept], metric[kept]
    r = stats.pearsonr(np.nanmean(ratings, axis=0), metric)[0]
    part = variance_components(ratings)
    noise = part.rater + part.residual
    k = 1 / np.mean(1 / np.isfinite(ratings).sum(axis=0))
    reliability = part.unit / (part.unit + noise / k)
    human = part.unit / np.sqrt((part.unit + noise) * (part.unit + noise / k))
    assert found.observed.estimate == pytest.approx(r, abs=1e-9)
    assert found.corrected.estimate == pytest.approx(r / np.sqrt(reliability), abs=1e-9)
    assert found.human.estimate == pytest.approx(human, abs=1e-9)
    assert found.share.estimate == pytest.approx(r / human, abs=1e-9)
    assert (found.k, found.n_units) == (pytest.approx(k), kept.sum())
    assert found.share.low < found.share.estimate < found.share.high


def test_the_bootstrap_estimates_everything_anew():
    ratings, metric = study(8, (3, 20))
    rng = np.random.default_rng
    found = corrected_correlation(ratings, metric, model="3", rng=rng(2), resamples=30)
    draws = rng(2).integers(0, 20, size=(30, 20))
    values = [
        corrected_correlation(ratings[:, d], metric[d], model="3", rng=rng(0), resamples=2)
        for d in draws
    ]
    for name in ("observed", "corrected", "human", "share"):
        each = [getattr(value, name).estimate for value in values]
        interval = getattr(found, name)
        assert (interval.low, interval.high) == pytest.approx(
            tuple(np.nanquantile(each, [0.025, 0.975])), abs=1e-9
        )


def test_the_corrected_correlation_covers_the_truth():
    hits = 0
    for seed in range(100):
        ratings, metric = study(seed, (3, 150))
        found = corrected_correlation(
            ratings, metric, model="3", rng=np.random.default_rng(seed), resamples=200
        )
        hits += found.corrected.low <= 0.6 <= found.corrected.high
    assert 87 <= hits <= 100


def test_people_who_do_not_agree_leave_nothing_to_reach():
    ratings = [[1.0, 2, 3, 4], [4, 3, 2, 1]]
    rng = np.random.default_rng(0)
    ceiling = noise_ceiling(ratings, rng=rng)
    assert np.isnan(ceiling.ceiling.estimate)
    assert ceiling.reason.startswith("people agree no better")
    found = corrected_correlation(ratings, [1.0, 2, 3, 4], rng=rng)
    assert np.isnan(found.share.estimate)
    assert found.reason == "the metric or the mean rating does not vary"


def test_it_says_what_is_missing():
    rng = np.random.default_rng(0)
    few = split_half([[1.0, 2], [2, 1]], rng=rng)
    assert few.reason == "2 units have two ratings; at least 3 are needed"
    flat = split_half(np.ones((4, 5)), rng=rng)
    assert flat.reason == "the halves do not vary or do not overlap"
    with pytest.raises(ValueError, match="no split called"):
        split_half(np.ones((4, 5)), split="half", rng=rng)
    with pytest.raises(ValueError, match="no model called"):
        noise_ceiling(np.ones((4, 5)), model="2,k", rng=rng)
    with pytest.raises(ValueError, match="one per unit"):
        corrected_correlation(np.ones((4, 5)), np.ones(4), rng=rng)
