import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.statistics import (
    cohen_kappa,
    fleiss_kappa,
    kappa_from_table,
    krippendorff_alpha,
    pair_agreement,
    proportion_interval,
    rater_pairs,
)


def people(both: int, only_a: int, only_b: int, neither: int) -> tuple[list[int], list[int]]:
    a = [1] * both + [1] * only_a + [0] * only_b + [0] * neither
    b = [1] * both + [0] * only_a + [1] * only_b + [0] * neither
    return a, b


@settings(max_examples=50, deadline=None)
@given(cells=st.tuples(*[st.integers(0, 40)] * 4))
def test_kappa_follows_from_pabak_prevalence_and_bias(cells):
    # Byrt, Bishop and Carlin (1993): kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2).
    if not sum(cells):
        return
    found = pair_agreement(*people(*cells), labels=[0, 1])
    kappa = kappa_from_table(*cells)
    if np.isnan(found.pabak.estimate):
        assert found.reason == "both gave one and the same answer throughout"
        assert np.isnan(kappa)
        return
    yes = found.categories[1]
    assert (yes.both, yes.only_first, yes.only_second, yes.neither) == cells
    shift = yes.prevalence**2 - yes.bias**2
    assert (found.pabak.estimate - shift) / (1 - shift) == pytest.approx(kappa, abs=1e-9)


def test_a_case_worked_by_hand():
    # 45 + 45 of 100 agree: p = .9, PABAK = .8; only the first says yes to all 10 others.
    found = pair_agreement(*people(45, 10, 0, 45))
    assert found.percent == proportion_interval(90, 100)
    assert found.pabak.estimate == pytest.approx(0.8)
    assert found.pabak.low == pytest.approx(2 * found.percent.low - 1)
    no, yes = found.categories
    assert (yes.prevalence, yes.bias) == (0.0, 0.1)
    assert (no.prevalence, no.bias) == (0.0, -0.1)
    assert yes.specific == pytest.approx(90 / 100)
    assert no.specific == pytest.approx(90 / 100)


def test_every_category_counts_for_pabak_also_an_unused_one():
    a, b = ["x", "y", "y", "z"], ["x", "y", "z", "z"]
    assert pair_agreement(a, b).pabak.estimate == pytest.approx((3 * 0.75 - 1) / 2)
    found = pair_agreement(a, b, labels=["x", "y", "z", "w"])
    assert found.pabak.estimate == pytest.approx((4 * 0.75 - 1) / 3)
    assert [c.category for c in found.categories] == ["x", "y", "z", "w"]
    assert np.isnan(found.categories[3].specific)


def test_units_that_one_person_skipped_are_left_out():
    found = pair_agreement([1, 2, None, 1], [1, 1, 2, float("nan")])
    assert found.n == 2
    assert found.percent.estimate == 0.5


def test_pairs_without_a_common_unit_are_not_defined():
    found = pair_agreement([1, None], [None, 1])
    assert (found.n, found.reason) == (0, "no unit has both answers")
    assert np.isnan(found.percent.estimate)


def test_it_refuses_answers_that_do_not_match():
    with pytest.raises(ValueError, match="2 answers against 3"):
        pair_agreement([1, 2], [1, 2, 3])


def with_holes(seed: int, raters: int = 4, units: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ratings = rng.integers(1, 8, (raters, units)).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    return ratings


def test_every_two_people_are_compared_on_what_both_rated():
    ratings = with_holes(1)
    found = rater_pairs(ratings, level="ordinal", labels=range(1, 8))
    assert len(found) == 6
    for one in found:
        a, b = ratings[int(one.rater_a)], ratings[int(one.rater_b)]
        both = np.isfinite(a) & np.isfinite(b)
        a, b = a[both], b[both]
        assert one.n == both.sum()
        assert one.distance == pytest.approx(np.mean(np.abs(a - b)))
        assert one.bias == pytest.approx(np.mean(a - b))
        assert one.exact == proportion_interval(int((a == b).sum()), one.n)
        kappa = cohen_kappa(a, b, labels=range(1, 8), weights="quadratic")
        assert one.kappa == pytest.approx(kappa)
        assert one.alpha == pytest.approx(krippendorff_alpha([a, b], level="ordinal"))


def test_weighted_kappa_waits_for_the_scale():
    assert all(np.isnan(one.kappa) for one in rater_pairs(with_holes(1), level="ordinal"))


def test_categories_have_no_distance():
    words = np.array([["x", "y", "x", None], ["x", "x", "x", "y"]], dtype=object)
    (found,) = rater_pairs(words, raters=["asha", "ravi"], level="nominal")
    assert (found.rater_a, found.rater_b, found.n) == ("asha", "ravi", 3)
    assert np.isnan([found.distance, found.bias]).all()
    assert found.exact.estimate == pytest.approx(2 / 3)
    assert found.kappa == pytest.approx(cohen_kappa([0, 1, 0], [0, 0, 0]))
    # Scott's pi corrected for the number of ratings is alpha.
    pi = fleiss_kappa([[0, 1, 0], [0, 0, 0]]).value
    assert found.alpha == pytest.approx(1 - (1 - pi) * (6 - 1) / 6)


def test_groups_are_compared_apart():
    first, second = with_holes(2), with_holes(3)
    rows, units = np.nonzero(np.isfinite(first))
    more_rows, more_units = np.nonzero(np.isfinite(second))
    found = rater_pairs(
        np.concatenate([first[rows, units], second[more_rows, more_units]]),
        np.concatenate([units, more_units]),
        raters=np.concatenate([rows, more_rows]),
        groups=["fluency"] * len(rows) + ["adequacy"] * len(more_rows),
    )
    expected = [one._replace(group="adequacy") for one in rater_pairs(second)]
    expected += [one._replace(group="fluency") for one in rater_pairs(first)]
    assert [one[:4] for one in found] == [one[:4] for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.distance == pytest.approx(other.distance)
        assert one.alpha == pytest.approx(other.alpha)


def test_people_who_share_nothing_stay_in_the_table():
    (found,) = rater_pairs([[1, np.nan], [np.nan, 1]])
    assert (found.n, found.reason) == (0, "they share no unit")
    assert np.isnan(found.exact.estimate)


def test_people_who_never_vary_have_no_alpha():
    (found,) = rater_pairs([[3, 3], [3, 3]], labels=[1, 2, 3])
    assert (found.distance, found.exact.estimate) == (0.0, 1.0)
    assert np.isnan([found.kappa, found.alpha]).all()
    assert found.reason == "both gave one and the same rating throughout"


def test_it_refuses_incomplete_input():
    with pytest.raises(ValueError, match="say who gave each rating"):
        rater_pairs([1, 2], ["u", "u"])
    with pytest.raises(ValueError, match="rated the same unit twice"):
        rater_pairs([1, 2], ["u", "u"], raters=["a", "a"])
    with pytest.raises(ValueError, match="groups are for the long form"):
        rater_pairs([[1, 2], [1, 2]], groups=["g", "g"])
    with pytest.raises(ValueError, match="2 ratings but 1 groups"):
        rater_pairs([1, 2], ["u", "u"], raters=["a", "b"], groups=["g"])
    with pytest.raises(ValueError, match="2 rows but 3 raters"):
        rater_pairs([[1, 2], [1, 2]], raters=["a", "b", "c"])
