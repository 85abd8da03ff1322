import numpy as np
import pytest
from scipy import stats

from metrics.statistics import icc, variance_components

FORMS = ["1,1", "1,k", "2,1", "2,k", "3,1", "3,k"]

# Shrout and Fleiss (1979), table 2: six targets, four judges.  Values: their table 4.  Intervals:
# as R's psych::ICC prints them for these data.
JUDGES = np.transpose(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
).astype(float)
PUBLISHED = {
    "1,1": (0.17, -0.133, 0.72),
    "2,1": (0.29, 0.019, 0.76),
    "3,1": (0.71, 0.342, 0.95),
    "1,k": (0.44, -0.884, 0.91),
    "2,k": (0.62, 0.071, 0.93),
    "3,k": (0.91, 0.676, 0.99),
}


def study(seed: int, shape: tuple[int, int] = (5, 30), missing: float = 0.3):
    """Ratings with a unit effect of sd 1, a rater effect of sd 0.7, noise of sd 1 and holes."""
    rng = np.random.default_rng(seed)
    n_raters, n_units = shape
    ratings = rng.normal(50, 1, n_units) + rng.normal(0, 0.7, (n_raters, 1))
    ratings = ratings + rng.normal(0, 1, shape)
    ratings[rng.random(shape) < missing] = np.nan
    return ratings


def fit(columns, y):
    """Fitted sum of squares and rank of least squares on stacked dummy columns."""
    x = np.hstack(columns)
    solution, _, rank, _ = np.linalg.lstsq(x, y, rcond=1e-10)
    return float(((x @ solution) ** 2).sum()), rank


def henderson(ratings):
    """Method 3 with dummy variables, expectations by projecting each random effect's columns."""
    raters, units = np.nonzero(np.isfinite(ratings))
    y = ratings[raters, units] - 50
    one = np.ones((len(y), 1))
    u, r = (1.0 * (codes[:, None] == np.unique(codes)) for codes in (units, raters))
    (full, rank), (only_u, rank_u), (only_r, rank_r) = (
        fit(columns, y) for columns in ([one, u, r], [one, u], [one, r])
    )
    residual = (y @ y - full) / (len(y) - rank)

    def trace(z, columns):
        x = np.hstack(columns)
        return float((z * (z - x @ np.linalg.lstsq(x, z, rcond=1e-10)[0])).sum())

    rater = (full - only_u - (rank - rank_u) * residual) / trace(r, [one, u])
    unit = (full - only_r - (rank - rank_r) * residual) / trace(u, [one, r])
    return unit, rater, residual


@pytest.mark.parametrize("form", FORMS)
def test_it_gives_the_published_values_and_intervals(form):
    found = icc(JUDGES, form=form)
    value, low, high = PUBLISHED[form]
    assert found.value == pytest.approx(value, abs=5.1e-3)
    assert found.low == pytest.approx(low, abs=1.1e-3)
    assert found.high == pytest.approx(high, abs=5.1e-3)
    assert (found.n_units, found.n_raters, found.n_ratings) == (6, 4, 24)


def test_the_interval_of_form_2_equals_shrout_and_fleiss_way_of_writing_it():
    ratings = study(1, missing=0)
    k, n = ratings.shape
    grand = ratings.mean()
    bms = k * ratings.mean(axis=0).var(ddof=1)
    jms = n * ratings.mean(axis=1).var(ddof=1)
    residual = ratings - ratings.mean(axis=0) - ratings.mean(axis=1, keepdims=True) + grand
    ems = (residual**2).sum() / ((n - 1) * (k - 1))
    rho = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n)
    fj = jms / ems
    term = n * (1 + (k - 1) * rho) - k * rho
    df = (k - 1) * (n - 1) * (k * rho * fj + term) ** 2
    df /= (n - 1) * k**2 * rho**2 * fj**2 + term**2
    lower, upper = stats.f.ppf(0.975, n - 1, df), stats.f.ppf(0.975, df, n - 1)
    rest = k * jms + (k * n - k - n) * ems
    found = icc(ratings, form="2,1")
    assert found[2:5] == pytest.approx(
        (
            rho,
            n * (bms - lower * ems) / (lower * rest + n * bms),
            n * (upper * bms - ems) / (rest + n * upper * bms),
        ),
        abs=1e-9,
    )


@pytest.mark.parametrize("missing", [0, 0.3, 0.6])
def test_components_equal_least_squares_on_dummies(missing):
    for seed in range(4):
        ratings = study(seed, missing=missing)
        found = variance_components(ratings)
        assert found[:3] == pytest.approx(henderson(ratings), abs=1e-9)


def test_components_of_people_who_never_met():
    ratings = study(9, (6, 40), 0.2)
    ratings[:3, :20] = ratings[3:, 20:] = np.nan
    assert variance_components(ratings)[:3] == pytest.approx(henderson(ratings), abs=1e-9)


def test_one_way_components_by_hand():
    # Groups (1, 3), (5): grand mean 3, between 2 * 1 + 4 = 6 on 1 df, within 2 on 1 df,
    # n0 = 3 - 5 / 3 = 4 / 3, so the unit variance is (6 - 2) / (4 / 3) = 3.
    found = variance_components([[1, 5], [3, np.nan]], model="one-way")
    assert (found.unit, found.residual) == pytest.approx((3, 2))
    assert np.isnan(found.rater)


def test_estimates_are_right_on_average():
    found = np.array([variance_components(study(seed, (6, 40)))[:3] for seed in range(150)])
    assert found.mean(axis=0) == pytest.approx([1, 0.49, 1], abs=0.08)


@pytest.mark.parametrize("form", FORMS)
def test_holes_draw_units_and_estimate_anew(form):
    ratings = study(3, (4, 15))
    found = icc(ratings, form=form, rng=np.random.default_rng(5), resamples=30)
    values = [
        icc(ratings[:, draw], form=form).value
        for draw in np.random.default_rng(5).integers(0, 15, size=(30, 15))
    ]
    assert (found.low, found.high) == pytest.approx(
        tuple(np.nanquantile(values, [0.025, 0.975])), abs=1e-9
    )
    assert found.method.startswith("variance components")
    assert icc(ratings, form=form).reason.endswith("no rng was given")


@pytest.mark.parametrize("form", FORMS)
def test_order_shift_and_unit_do_not_matter(form):
    ratings = study(6)
    value = icc(ratings, form=form).value
    rng = np.random.default_rng(0)
    mixed = rng.permutation(rng.permutation(ratings, axis=0), axis=1)
    assert icc(mixed * 20 - 1e4, form=form).value == pytest.approx(value, abs=1e-9)


def test_a_strict_person_lowers_agreement_but_not_consistency():
    ratings = study(7, missing=0)
    ratings[0] -= 10
    assert icc(ratings, form="2,1").value < 0.2 < icc(ratings, form="3,1").value


def test_complete_agreement_is_one():
    ratings = np.tile([1.0, 2, 5, 3], (3, 1))
    for form in FORMS:
        assert icc(ratings, form=form)[2:5] == (1, 1, 1)


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ([[3.0, 3], [3, 3]], "all ratings are equal"),
        ([[1.0], [2]], "fewer than two units"),
        (np.empty((0, 3)), "fewer than two units"),
        (np.empty((3, 0)), "fewer than two units"),
        (np.full((2, 2), np.nan), "fewer than two units"),
        ([[1.0, 2]], "only one person"),
        ([[1.0, np.nan], [np.nan, 2]], "too few ratings share"),
    ],
)
def test_it_says_why_it_is_not_defined(ratings, reason):
    for form in FORMS:
        found = icc(ratings, form=form)
        assert np.isnan(found.value)
        assert found.reason.startswith(reason)


def test_variances_of_no_ratings_are_not_defined():
    for model in ("two-way", "one-way"):
        found = variance_components(np.empty((0, 0)), model=model)
        assert np.isnan([found.unit, found.rater, found.residual]).all()
        assert found.reason.startswith("too few ratings")


def test_it_refuses_unknown_words():
    with pytest.raises(ValueError, match="no form called"):
        icc(JUDGES, form="A,1")
    with pytest.raises(ValueError, match="no model called"):
        variance_components(JUDGES, model="three-way")
    with pytest.raises(ValueError, match="raters x units matrix"):
        icc([1, 2, 3])


def test_many_raters_are_paired_some_units_at_a_time(monkeypatch):
    rng = np.random.default_rng(4)
    ratings = rng.normal(size=(6, 40))
    ratings[rng.random(ratings.shape) < 0.4] = np.nan
    at_once = icc(ratings, form="2,1", rng=np.random.default_rng(1), resamples=50)
    monkeypatch.setattr("metrics.statistics.variance.PAIRS_AT_ONCE", 36 * 7)
    in_parts = icc(ratings, form="2,1", rng=np.random.default_rng(1), resamples=50)
    assert in_parts[2:5] == pytest.approx(at_once[2:5])
