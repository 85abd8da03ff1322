"""McNemar's exact test against binomial tails worked by hand."""

import math

import numpy as np
import pytest

from metrics.statistics import mcnemar_exact


def test_nine_gained_and_one_lost():
    before = np.r_[np.zeros(9), 1, np.ones(20)]
    after = np.r_[np.ones(9), 0, np.ones(20)]
    found = mcnemar_exact(before, after)
    assert (found.statistic, found.n) == (9, 10)
    assert found.p == pytest.approx(2 * (1 + 10) / 2**10)
    assert mcnemar_exact(after, before).p == pytest.approx(found.p)


def test_as_many_gained_as_lost_is_no_difference():
    assert mcnemar_exact([1, 0, 1, 0], [0, 1, 1, 0]).p == 1


def test_it_is_not_defined_where_both_are_right_on_the_same_items():
    found = mcnemar_exact([1, 0], [1, 0])
    assert math.isnan(found.p) and found.reason == "both are right on the same items"


def test_it_refuses_two_lengths():
    with pytest.raises(ValueError, match="2 answers of the first but 1 of the second"):
        mcnemar_exact([1, 0], [1])
