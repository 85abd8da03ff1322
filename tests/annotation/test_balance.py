"""Sets of places in which every two meet equally often."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.balance import balanced_sets, difference_set, pair_spread


@pytest.mark.parametrize(
    ("places", "size", "met"),
    # v, k and lambda of designs listed by Cochran and Cox (1957), plans 11.1 to 11.35.
    [(7, 3, 1), (13, 4, 1), (21, 5, 1), (11, 5, 2), (7, 4, 2), (31, 6, 1), (15, 7, 3)],
)
def test_a_difference_set_makes_every_pair_meet_equally_often(places, size, met):
    base = difference_set(places, size)
    assert base and len(base) == size
    assert pair_spread(balanced_sets(places, size, places), places) == (met, met)


@pytest.mark.parametrize(
    ("places", "size", "n_sets", "met"),
    [(6, 3, 10, 2), (9, 3, 12, 1), (8, 4, 14, 3), (13, 3, 26, 1), (10, 5, 18, 4), (5, 3, 10, 3)],
)
def test_two_orbits_or_all_combinations_do_where_one_set_does_not(places, size, n_sets, met):
    assert pair_spread(balanced_sets(places, size, n_sets), places) == (met, met)


@settings(max_examples=40, deadline=None)
@given(
    places=st.integers(2, 9), size=st.integers(2, 9), n_sets=st.integers(0, 80), seed=st.integers()
)
def test_sets_are_nearly_balanced_whatever_is_asked(places, size, n_sets, seed):
    size = min(size, places)
    sets = balanced_sets(places, size, n_sets, seed=seed)
    assert len(sets) == n_sets and all(len(set(s)) == size for s in sets)
    least, most = pair_spread(sets, places)
    assert most - least <= (1 if size == 2 or (places, size) == (7, 3) else 4)
    assert sets == balanced_sets(places, size, n_sets, seed=seed)


def test_no_set_is_larger_than_what_it_is_drawn_from():
    with pytest.raises(ValueError, match="no sets of 4 out of 3"):
        balanced_sets(3, 4, 1)
