import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize

from metrics.statistics import bradley_terry

# Agresti (2002), Categorical Data Analysis, table 10.10: wins in the 1987 American League East,
# rows over columns; his fitted strengths, Baltimore 0.
TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
AGRESTI = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]


def baseball():
    first, second = np.repeat(np.argwhere(np.ones((7, 7))), np.ravel(WINS), axis=0).T
    return np.array(TEAMS)[first], np.array(TEAMS)[second], np.ones(len(first))


def study(seed: int, n: int = 300, ties: bool = True):
    """Comparisons of four systems, a few for each of 40 items."""
    rng = np.random.default_rng(seed)
    first, second = rng.permuted(np.tile(np.arange(4), (n, 1)), axis=1)[:, :2].T
    strength = np.array([0.8, 0.2, 0, -0.9])
    gap = strength[first] - strength[second] + rng.logistic(size=n)
    outcomes = np.sign(gap)
    if ties:
        outcomes[np.abs(gap) < 0.6] = 0
    return (
        np.array(list("abcd"))[first],
        np.array(list("abcd"))[second],
        outcomes,
        rng.integers(40, size=n),
    )


def named(found):
    return {row.system: row.strength for row in found.systems}


def test_it_gives_the_published_strengths():
    found = named(bradley_terry(*baseball()))
    for team, strength in zip(TEAMS, AGRESTI, strict=True):
        difference = found[team].estimate - found["Baltimore"].estimate
        assert difference == pytest.approx(strength, abs=6e-3)
    assert [row.system for row in bradley_terry(*baseball()).systems] == TEAMS
    assert sum(row.estimate for row in found.values()) == pytest.approx(0, abs=1e-12)


def test_without_ties_it_is_logistic_regression_with_clusters():
    first, second, outcomes, items = study(1, ties=False)
    x = (first[:, None] == list("abc")) * 1.0 - (second[:, None] == list("abc"))
    fit = sm.Logit((outcomes > 0) * 1.0, x).fit(
        disp=0,
        method="newton",
        tol=1e-14,
        cov_type="cluster",
        cov_kwds={"groups": items, "use_correction": False},
    )
    found = bradley_terry(first, second, outcomes, items)
    centre = np.eye(4)[:, :3] - 1 / 4
    n_items = len(set(items.tolist()))
    covariance = centre @ fit.cov_params() @ centre.T * n_items / (n_items - 1)
    for name, value, variance in zip("abcd", centre @ fit.params, np.diag(covariance), strict=True):
        interval = named(found)[name]
        assert interval.estimate == pytest.approx(value, abs=1e-9)
        half = (interval.high - interval.low) / 2
        assert half == pytest.approx(1.959963984540054 * np.sqrt(variance), abs=1e-9)
    assert found.tie[0] == 0
    assert (found.n, found.n_items) == (300, n_items)


def loglik(parameters, first, second, outcomes):
    """Davidson (1970), eq. 2.2, one comparison at a time: (n,)."""
    p = dict(zip("abcd", np.exp([*parameters[:3], 0.0]), strict=True))
    nu = np.exp(parameters[3])
    each = []
    for i, j, outcome in zip(first, second, outcomes, strict=True):
        tie = nu * np.sqrt(p[i] * p[j])
        top = {1: p[i], -1: p[j], 0: tie}[int(outcome)]
        each.append(np.log(top / (p[i] + p[j] + tie)))
    return np.array(each)


def test_with_ties_it_is_davidsons_model():
    first, second, outcomes, items = study(2, n=120)
    found = bradley_terry(first, second, outcomes, items)
    data = (first, second, outcomes)
    best = minimize(lambda v: -loglik(v, *data).sum(), np.zeros(4), method="BFGS", tol=1e-8)
    strengths = np.append(best.x[:3], 0) - best.x[:3].sum() / 4
    for name, strength in zip("abcd", strengths, strict=True):
        assert named(found)[name].estimate == pytest.approx(strength, abs=1e-5)
    assert found.tie.estimate == pytest.approx(np.exp(best.x[3]), abs=1e-5)
    # At the top, expected wins plus half ties are the observed ones, and expected ties too.
    values = {name: interval.estimate for name, interval in named(found).items()}
    p = {name: np.exp(value) for name, value in values.items()}
    surplus = dict.fromkeys("abcd", 0.0)
    ties = 0.0
    for i, j, outcome in zip(*data, strict=True):
        tie = found.tie.estimate * np.sqrt(p[i] * p[j])
        total = p[i] + p[j] + tie
        ties += (outcome == 0) - tie / total
        surplus[i] += (1 + outcome) / 2 - (p[i] + tie / 2) / total
        surplus[j] += (1 - outcome) / 2 - (p[j] + tie / 2) / total
    assert [*surplus.values(), ties] == pytest.approx([0] * 5, abs=1e-9)


def test_the_sandwich_with_ties_from_differences_of_the_likelihood():
    first, second, outcomes, items = study(3, n=120)
    found = bradley_terry(first, second, outcomes, items)
    at = np.array([named(found)[s].estimate - named(found)["d"].estimate for s in "abc"])
    at = np.append(at, np.log(found.tie.estimate))
    step = 1e-4 * np.eye(4)

    def slopes(v):
        rows = [
            (loglik(v + e, first, second, outcomes) - loglik(v - e, first, second, outcomes))
            for e in step
        ]
        return np.array(rows) / 2e-4

    curve = -np.array([(slopes(at + e) - slopes(at - e)).sum(axis=1) / 2e-4 for e in step])
    groups = np.unique(items)
    sums = np.stack([slopes(at)[:, items == g].sum(axis=1) for g in groups])
    inverse = np.linalg.inv(curve)
    covariance = inverse @ sums.T @ sums @ inverse * len(groups) / (len(groups) - 1)
    order = [row.system for row in found.systems]
    a, d = order.index("a"), order.index("d")
    of_a = found.covariance[a, a] + found.covariance[d, d] - 2 * found.covariance[a, d]
    assert of_a == pytest.approx(covariance[0, 0], rel=1e-4)
    width = np.log(found.tie.high / found.tie.low) / 2 / 1.959963984540054
    assert width == pytest.approx(np.sqrt(covariance[3, 3]), rel=1e-4)


def test_two_systems_are_the_log_odds():
    found = bradley_terry(["a"] * 10, ["b"] * 10, [1] * 7 + [-1] * 3)
    assert found.systems[0].strength.estimate == pytest.approx(np.log(7 / 3) / 2, abs=1e-12)


def test_who_comes_first_does_not_matter():
    first, second, outcomes, items = study(4)
    turned = bradley_terry(second, first, -outcomes, items)
    found = bradley_terry(first, second, outcomes, items)
    for one, two in zip(found.systems, turned.systems, strict=True):
        assert one.system == two.system
        assert one.strength == pytest.approx(two.strength, abs=1e-9)


def test_the_interval_covers_about_as_often_as_it_says():
    hits = 0
    for seed in range(60):
        found = bradley_terry(*study(seed, ties=False))
        strength = named(found)["a"]
        hits += strength.low <= 0.8 - 0.025 <= strength.high
    assert hits >= 52


@pytest.mark.parametrize(
    ("first", "second", "outcomes", "reason"),
    [
        ("ab", "cd", [1, -1], "no chain of comparisons links a, c to the other systems"),
        ("aab", "bba", [0, 0, 0], "every comparison is a tie"),
        ("aab", "bca", [1, 1, -1], "no finite strengths: a never lost to the other systems"),
        ("aa", "bb", [1, 0], "no finite strengths: a never lost to the other systems"),
        ("abcd", "badc", [1, 1, 1, 1], "no chain of comparisons links a, b to the other systems"),
        ("", "", [], "fewer than two systems were compared"),
    ],
)
def test_it_says_why_there_are_no_strengths(first, second, outcomes, reason):
    found = bradley_terry(list(first), list(second), outcomes)
    assert found.reason == reason
    assert np.isnan([row.strength.estimate for row in found.systems]).all()


def test_a_tie_each_way_is_enough():
    found = bradley_terry(list("aab"), list("bba"), [1, 0, 1])
    assert found.reason == ""
    assert found.systems[0].strength.estimate == pytest.approx(0, abs=1e-9)
    assert found.tie.estimate == pytest.approx(1, abs=1e-9)


def test_missing_outcomes_are_left_out_and_one_item_has_no_interval():
    found = bradley_terry(["a"] * 3, ["b"] * 3, [1, -1, np.nan], ["x", "x", "y"])
    assert (found.n, found.n_items) == (2, 1)
    assert found.reason == "no intervals from one item"
    assert np.isnan(found.systems[0].strength.low)


def test_it_refuses_what_is_no_comparison():
    with pytest.raises(ValueError, match="an outcome is 1"):
        bradley_terry(["a"], ["b"], [2])
    with pytest.raises(ValueError, match="comparison 1 is of b with itself"):
        bradley_terry(["a", "b"], ["b", "b"], [1, 1])
    with pytest.raises(ValueError, match="same length"):
        bradley_terry(["a"], ["b"], [1, 1])
