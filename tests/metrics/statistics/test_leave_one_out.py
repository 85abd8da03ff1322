import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.statistics import alpha_without_each, krippendorff_alpha

LEVELS = ["nominal", "ordinal", "interval", "ratio"]


def with_holes(seed: int, shape: tuple[int, int], highest: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ratings = rng.integers(0, highest + 1, shape).astype(float)
    ratings[rng.random(shape) < share] = np.nan
    return ratings


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shape=st.tuples(st.integers(2, 6), st.integers(1, 25)),
    highest=st.sampled_from([1, 6, 60]),
    share=st.sampled_from([0.0, 0.3, 0.7]),
)
def test_it_equals_alpha_of_the_other_rows(level, seed, shape, highest, share):
    ratings = with_holes(seed, shape, highest, share)
    whole = krippendorff_alpha(ratings, level=level)
    for row, found in enumerate(alpha_without_each(ratings, level=level)):
        rest = np.delete(ratings, row, axis=0)
        expected = krippendorff_alpha(rest, level=level)
        assert found.rater == str(row)
        assert found.value == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert found.change == pytest.approx(expected - whole, abs=1e-9, nan_ok=True)
        assert (found.reason == "") == bool(np.isfinite(found.change))
        sizes = np.isfinite(rest).sum(axis=0)
        assert (found.n_units, found.n_ratings) == ((sizes >= 2).sum(), sizes[sizes >= 2].sum())


@pytest.mark.parametrize("level", LEVELS)
def test_long_form_names_the_people_in_order(level):
    ratings = with_holes(1, (4, 300), 6, 0.4)
    rows, units = np.nonzero(np.isfinite(ratings))
    people = np.array(["ravi", "asha", "tara", "dev"])
    order = np.random.default_rng(2).permutation(len(rows))
    found = alpha_without_each(
        ratings[rows, units][order], units[order], raters=people[rows][order], level=level
    )
    by_row = {people[int(one.rater)]: one for one in alpha_without_each(ratings, level=level)}
    assert [one.rater for one in found] == sorted(people)
    for one in found:
        assert one.value == pytest.approx(by_row[one.rater].value, abs=1e-12)
        assert one.n_ratings == by_row[one.rater].n_ratings


def test_the_person_who_answers_at_random_pulls_alpha_down():
    rng = np.random.default_rng(3)
    truth = rng.integers(1, 8, 200).astype(float)
    ratings = np.stack([truth, truth, truth, rng.integers(1, 8, 200)])
    found = alpha_without_each(ratings, raters=["a", "b", "c", "random"], level="ordinal")
    assert [one.change > 0 for one in found] == [False, False, False, True]
    assert found[3].value == pytest.approx(1.0)


def test_without_one_of_two_there_is_nothing_left():
    found = alpha_without_each([[1, 2, 3], [1, 2, 2]])
    assert [one.reason for one in found] == ["without them no unit has two ratings"] * 2
    assert [one.n_units for one in found] == [0, 0]


@pytest.mark.parametrize("level", LEVELS)
def test_nobody_is_nobody_to_leave_out(level):
    assert alpha_without_each(np.empty((0, 3)), level=level) == []
    assert alpha_without_each([], [], raters=[], level=level) == []
    found = alpha_without_each(np.full((2, 3), np.nan), level=level)
    assert [(one.n_units, one.n_ratings) for one in found] == [(0, 0), (0, 0)]


def test_others_who_all_say_the_same_are_not_defined():
    found = alpha_without_each([[4, 4, 4], [4, 4, 4], [1, 2, 4]])
    assert np.isnan(found[2].value)
    assert found[2].reason == "without them all ratings are equal"


def test_words_on_a_nominal_scale():
    ratings = np.array([["x", "y", "x"], ["x", "y", "y"], ["x", "x", None]], dtype=object)
    codes = [[0, 1, 0], [0, 1, 1], [0, 0, np.nan]]
    found = alpha_without_each(ratings, level="nominal")
    for one, two in zip(found, alpha_without_each(codes, level="nominal"), strict=True):
        assert one.value == pytest.approx(two.value, nan_ok=True)


def test_it_refuses_what_it_cannot_tell_apart():
    with pytest.raises(ValueError, match="say who gave each rating"):
        alpha_without_each([1, 2], ["u", "u"])
    with pytest.raises(ValueError, match="rated the same unit twice"):
        alpha_without_each([1, 2, 3], ["u", "u", "u"], raters=["a", "a", "b"])
    with pytest.raises(ValueError, match="2 rows but 1 raters"):
        alpha_without_each([[1, 2], [2, 1]], raters=["a"])
