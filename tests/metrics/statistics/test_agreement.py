import krippendorff
import numpy as np
import pytest

from metrics.statistics import alpha_interval, krippendorff_alpha, percent_agreement

LEVELS = ["nominal", "ordinal", "interval", "ratio"]

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers,
# twelve units; published: nominal .743, ordinal .815, interval .849, ratio .797.
_ = float("nan")
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]


def random_ratings(rng: np.random.Generator, highest: int = 6) -> np.ndarray:
    matrix = rng.integers(0, highest + 1, size=(rng.integers(2, 6), rng.integers(4, 40)))
    ratings = matrix.astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    return ratings


@pytest.mark.parametrize(
    ("level", "expected"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_it_gives_the_published_values(level, expected):
    assert krippendorff_alpha(PUBLISHED, level=level) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("level", LEVELS)
def test_it_equals_the_krippendorff_package(level):
    rng = np.random.default_rng(11)
    for _round in range(40):
        ratings = random_ratings(rng)
        expected = krippendorff.alpha(ratings, level_of_measurement=level)
        assert krippendorff_alpha(ratings, level=level) == pytest.approx(expected, abs=1e-9)


def test_it_gives_a_case_worked_by_hand():
    # Units (1, 1), (2, 4): D_o = (0 + 0 + 4 + 4) / 4 = 2.  Ordered pairs of 1, 1, 2, 4:
    # 2 (0 + 1 + 9 + 1 + 9 + 4) = 48, D_e = 48 / 12 = 4.
    assert krippendorff_alpha([[1, 2], [1, 4]], level="interval") == pytest.approx(0.5)


@pytest.mark.parametrize("level", LEVELS)
def test_long_form_equals_the_matrix(level):
    ratings = random_ratings(np.random.default_rng(3))
    raters, units = np.nonzero(np.isfinite(ratings))
    long = krippendorff_alpha(ratings[raters, units], units, level=level)
    assert long == pytest.approx(krippendorff_alpha(ratings, level=level), abs=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_order_of_raters_and_units_does_not_matter(level):
    rng = np.random.default_rng(4)
    ratings = random_ratings(rng)
    shuffled = rng.permutation(rng.permutation(ratings, axis=0), axis=1)
    expected = krippendorff_alpha(ratings, level=level)
    assert krippendorff_alpha(shuffled, level=level) == pytest.approx(expected, abs=1e-12)


def test_interval_alpha_ignores_the_unit_of_the_scale():
    ratings = random_ratings(np.random.default_rng(5))
    expected = krippendorff_alpha(ratings, level="interval")
    moved = krippendorff_alpha(ratings * 1e-8 + 1e6 * 1e-8, level="interval")
    assert moved == pytest.approx(expected, abs=1e-6)


def test_ordinal_alpha_ignores_a_monotone_change_of_scale():
    ratings = random_ratings(np.random.default_rng(6))
    expected = krippendorff_alpha(ratings, level="ordinal")
    assert krippendorff_alpha(np.exp(ratings), level="ordinal") == pytest.approx(expected)


@pytest.mark.parametrize("level", LEVELS)
def test_ratings_that_do_not_vary_are_not_defined(level):
    found = alpha_interval(np.full((3, 10), 4.0), level=level, rng=np.random.default_rng(0))
    assert np.isnan(found.value)
    assert found.reason == "all ratings are equal"


@pytest.mark.parametrize("ratings", [[[1, 2, 3]], [[1, np.nan], [np.nan, 2]], [[np.nan], [np.nan]]])
def test_one_rating_per_unit_is_not_defined(ratings):
    found = alpha_interval(ratings, level="interval", rng=np.random.default_rng(0))
    assert np.isnan(found.value)
    assert found.n_units == 0
    assert found.reason == "no unit has two ratings"


def test_it_counts_only_what_it_used():
    found = alpha_interval(PUBLISHED, level="nominal", rng=np.random.default_rng(0))
    assert (found.n_units, found.n_raters, found.n_ratings) == (11, 4, 40)


def test_nominal_ratings_may_be_text():
    ratings = ["yes", "no", "yes", "yes", None, "no"]
    units = ["a", "a", "b", "b", "b", "c"]
    expected = krippendorff_alpha([[1, 1], [0, 1]], level="nominal")
    assert krippendorff_alpha(ratings, units, level="nominal") == pytest.approx(expected)


def test_the_ratio_scale_refuses_negative_ratings():
    with pytest.raises(ValueError, match="no negative ratings"):
        krippendorff_alpha([[-1, 2], [1, 2]], level="ratio")


def test_it_refuses_an_unknown_level():
    with pytest.raises(ValueError, match="no level called 'cardinal'"):
        krippendorff_alpha([[1, 2], [1, 2]], level="cardinal")


@pytest.mark.parametrize("level", LEVELS)
def test_the_bootstrap_recomputes_alpha_of_the_drawn_units(level):
    ratings = np.abs(random_ratings(np.random.default_rng(8)))
    ratings = np.tile(ratings, (1, 20))[:, :80]
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    found = alpha_interval(ratings, level=level, rng=rng, resamples=60)
    kept = ratings[:, np.isfinite(ratings).sum(axis=0) >= 2]
    draws = same.integers(0, kept.shape[1], size=(60, kept.shape[1]))
    naive = [krippendorff_alpha(kept[:, draw], level=level) for draw in draws]
    low, high = np.quantile(naive, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert found.method.startswith("bootstrap")


def test_few_units_use_the_jackknife():
    found = alpha_interval(PUBLISHED, level="interval", rng=np.random.default_rng(1))
    kept = np.delete(np.array(PUBLISHED), 11, axis=1)
    left = np.array(
        [krippendorff_alpha(np.delete(kept, u, axis=1), level="interval") for u in range(11)]
    )
    error = np.sqrt(10 / 11 * ((left - left.mean()) ** 2).sum())
    assert found.low == pytest.approx(found.value - 2.2281389 * error, abs=1e-6)
    assert found.high == 1.0
    assert found.method == "jackknife over units"


def test_the_interval_covers_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = 0
    truth = 0.5  # unit and residual variance both 1: interval alpha estimates ICC(1, 1)
    for _round in range(200):
        ratings = rng.normal(size=(1, 80)) + rng.normal(size=(3, 80))
        found = alpha_interval(ratings, level="interval", rng=rng, resamples=300)
        hits += found.low <= truth <= found.high
    assert 178 <= hits <= 199


def test_continuous_ratings_at_size_are_quick():
    rng = np.random.default_rng(9)
    ratings = rng.normal(size=(1, 20_000)) + rng.normal(size=(3, 20_000))
    assert krippendorff_alpha(ratings, level="ordinal") == pytest.approx(0.48, abs=0.03)


def test_percent_agreement_averages_pairs_within_units():
    # Units: 1 1 1 -> 1, 1 1 2 -> 1/3, 1 2 -> 0, and one rating is no pair.
    ratings = [[1, 1, 1, 5], [1, 1, 2, np.nan], [1, 2, np.nan, np.nan]]
    assert percent_agreement(ratings) == pytest.approx(4 / 9)


def test_percent_agreement_without_pairs_is_not_defined():
    assert np.isnan(percent_agreement([[1, 2, 3]]))
