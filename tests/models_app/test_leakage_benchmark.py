"""Leaks planted as in released data are all found, and nothing else is."""

import pytest

from benchmarks.leakage import expected, found, leaking, planted
from models_app.corpora.leakage import find_leaks

pytestmark = pytest.mark.django_db


def test_what_is_planted_has_the_shape_of_the_released_data():
    n = planted(20_933)
    assert (n.repeats, n.valid, n.valid_in_train, n.judged_in_train) == (1882, 500, 461, 3)


def test_everything_planted_is_found_and_nothing_else():
    n = planted(1500)
    assert (n.repeats, n.valid_in_train, n.test_near, n.judged_in_train) == (135, 34, 5, 1)
    assert found(find_leaks(leaking("planted", n)), "planted") == expected(n)
