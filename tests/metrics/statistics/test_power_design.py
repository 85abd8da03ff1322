"""Drawn campaigns: the published facts about who rates what, and the formula's power."""

import numpy as np
import pytest

from metrics.statistics import (
    Design,
    design_power,
    difference_sd,
    draw_study,
    mixed_model,
    paired_t_power,
)

# Variances of real Hindi ratings on a scale of 0 to 100.
HINDI = {"residual": 196.8, "segment": 16.1, "rater": 37.9, "n_raters": 4}


def rejected(design, seed=1, **options):
    return design_power(design, rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize(("n", "share"), [(100, 0.37), (500, 0.69)])
def test_raters_of_their_own_reject_a_true_null_far_too_often(n, share):
    design = Design(n, (70.0, 70.0), **HINDI, same_raters=False)
    found = rejected(design, simulations=4000).pairs[0].rejected
    assert found.estimate == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("n", [100, 500])
def test_the_same_raters_reject_it_in_one_of_twenty(n):
    found = rejected(Design(n, (70.0, 70.0), **HINDI), simulations=4000).pairs[0].rejected
    assert found.low < 0.05 < found.high


def test_345_segments_find_3_points_with_80_percent():
    design = Design(345, (70.0, 73.0), **HINDI)
    assert rejected(design, simulations=4000).pairs[0].rejected.estimate == pytest.approx(
        0.8, abs=0.02
    )


def test_more_ratings_and_an_interaction_have_the_formulas_power():
    design = Design(60, (0.0, 4.0), 100.0, 20.0, 10.0, 30.0, n_raters=5, ratings=2)
    found = rejected(design, simulations=4000).pairs[0].rejected
    expected = paired_t_power(60, 4.0, difference_sd(20.0, 100.0, 2))
    assert found.estimate == pytest.approx(expected, abs=0.025)


def test_the_mixed_model_knows_the_raters():
    design = Design(60, (0.0, 0.0), **HINDI, same_raters=False)
    blind = rejected(design, simulations=300).pairs[0].rejected
    found = rejected(design, simulations=150, test="mixed").pairs[0].rejected
    assert blind.low > 0.2 and found.high < 0.16


def test_correcting_for_pairs_keeps_the_chance_of_any_false_one():
    design = Design(50, (0.0,) * 5, 100.0)
    raw, holm = (rejected(design, correct=correct) for correct in (False, True))
    assert len(raw.pairs) == 10
    assert raw.any_false.low > 0.15 and holm.any_false.low < 0.06
    assert all(
        h.rejected.estimate <= r.rejected.estimate
        for h, r in zip(holm.pairs, raw.pairs, strict=True)
    )


def test_only_equal_systems_count_as_false():
    found = rejected(Design(400, (0.0, 50.0), 100.0))
    assert found.pairs[0].rejected.estimate == 1.0 and found.any_false.estimate == 0.0


def test_a_drawn_campaign_has_the_design():
    design = Design(90, (10.0, 20.0, 30.0), 25.0, 9.0, 16.0, 4.0, n_raters=6, ratings=2)
    scores, systems, segments, raters = draw_study(design, rng=np.random.default_rng(2))
    assert len(scores) == 90 * 3 * 2
    assert np.bincount(raters).tolist() == [90] * 6
    for segment in range(3):
        here = segments == segment
        people = [set(raters[here & (systems == system)]) for system in range(3)]
        assert people[0] == people[1] == people[2] and len(people[0]) == 2
    apart = draw_study(design._replace(same_raters=False), rng=np.random.default_rng(2))
    assert [set(apart[3][apart[1] == k].tolist()) for k in range(2)] == [
        set(range(6)),
        set(range(6, 12)),
    ]


def test_the_variances_drawn_are_those_asked_for():
    design = Design(1500, (0.0, 0.0, 0.0), 25.0, 9.0, 16.0, 4.0, n_raters=60, ratings=3)
    model = mixed_model(*draw_study(design, rng=np.random.default_rng(4)))
    expected = {"residual": 25, "system:segment": 9, "segment": 16}
    for name, value in expected.items():
        assert model.variance(name) == pytest.approx(value, rel=0.1)
    assert model.variance("rater") == pytest.approx(4, rel=0.4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ratings": 5}, "as many people"),
        ({"n_segments": 1}, "at least two"),
        ({"means": (0.0,)}, "at least two"),
        ({"rater": -1.0}, "negative"),
        ({"residual": 0.0}, "above 0"),
    ],
)
def test_designs_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        rejected(Design(20, (0.0, 0.0), 1.0)._replace(**change))
