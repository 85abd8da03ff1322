from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from metrics.statistics import (
    MarkedSpan,
    match_spans,
    matched_span_agreement,
    presence_kappas,
    span_f1,
)

SEVERITIES = ["minor", "major", "critical"]
WEIGHTS = {"minor": 1.0, "major": 5.0, "critical": 10.0}


def marks(seed: int, n_texts: int = 30):
    """Up to four spans per text of 60 characters."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(n_texts):
        starts = rng.integers(0, 50, rng.integers(0, 5))
        texts.append(
            [
                MarkedSpan(
                    int(start),
                    int(start + rng.integers(1, 10)),
                    SEVERITIES[rng.integers(3)],
                    "style" if rng.random() < 0.5 else "accuracy",
                )
                for start in starts
            ]
        )
    return texts


def painted(spans, weights=None):
    """The weight of each of 60 characters."""
    return [
        max(
            (weights[s.severity] if weights else 1 for s in spans if s.start <= c < s.end),
            default=0,
        )
        for c in range(60)
    ]


def test_hard_f1_equals_scikit_learn_on_characters():
    for seed in range(3):
        first, second = marks(seed), marks(seed + 100)
        found = span_f1(first, second, rng=np.random.default_rng(0), resamples=50)
        a, b = np.concatenate([[painted(t) for t in side] for side in (first, second)]).reshape(
            2, -1
        )
        assert found.f1.estimate == pytest.approx(f1_score(b, a), abs=1e-12)
        assert found.f1.low < found.f1.estimate < found.f1.high
        assert (found.marked_first, found.marked_second) == (a.sum(), b.sum())
        assert found.precision == pytest.approx((a & b).sum() / a.sum())
        assert found.recall == pytest.approx((a & b).sum() / b.sum())


def test_weighted_f1_takes_the_smaller_of_the_two_weights():
    first, second = marks(4), marks(5)
    found = span_f1(first, second, weights=WEIGHTS, rng=np.random.default_rng(0))
    a, b = np.array([[painted(t, WEIGHTS) for t in side] for side in (first, second)])
    assert found.f1.estimate == pytest.approx(2 * np.minimum(a, b).sum() / (a + b).sum())


def test_weights_by_hand():
    # 4 characters major against the last 2 of them minor: 2 * 2 / (20 + 2).
    first, second = [[MarkedSpan(0, 4, "major")]], [[MarkedSpan(2, 4, "minor")]]
    rng = np.random.default_rng(0)
    found = span_f1(first, second, weights=WEIGHTS, rng=rng)
    assert found.f1.estimate == pytest.approx(4 / 22)
    assert span_f1(first, second, rng=rng).f1.estimate == pytest.approx(4 / 6)


def test_the_bootstrap_draws_texts():
    first, second = marks(6, 12), marks(7, 12)
    found = span_f1(first, second, rng=np.random.default_rng(1), resamples=25)
    rng, values = np.random.default_rng(0), []
    for draw in np.random.default_rng(1).integers(0, 12, size=(25, 12)):
        texts = [[side[t] for t in draw] for side in (first, second)]
        values.append(span_f1(*texts, rng=rng, resamples=1).f1.estimate)
    assert found.f1[1:] == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


def test_clean_texts_change_nothing_and_all_clean_is_not_defined():
    first, second = marks(8), marks(9)
    rng = np.random.default_rng(0)
    value = span_f1(first, second, rng=rng).f1.estimate
    more = span_f1([*first, [], []], [*second, [], []], rng=rng)
    assert more.f1.estimate == value
    assert more.n_clean == 2 + sum(not a and not b for a, b in zip(first, second, strict=True))
    nobody = span_f1([[], []], [[], []], rng=rng)
    assert (np.isnan(nobody.f1.estimate), nobody.reason) == (True, "nobody marked anything")


def test_swapping_the_people_changes_no_f1():
    first, second = marks(10), marks(11)
    one = span_f1(first, second, weights=WEIGHTS, rng=np.random.default_rng(0))
    two = span_f1(second, first, weights=WEIGHTS, rng=np.random.default_rng(0))
    assert one.f1 == pytest.approx(two.f1)
    assert one.precision == pytest.approx(two.recall)


def test_no_other_matching_shares_more():
    for first, second in zip(marks(12), marks(13), strict=True):
        found = match_spans(first, second)
        assert len({i for i, _, _ in found}) == len({j for _, j, _ in found}) == len(found)
        few, many = sorted([first, second], key=len)
        best = max(
            sum(
                max(0, min(a.end, b.end) - max(a.start, b.start))
                for a, b in zip(few, choice, strict=True)
            )
            for choice in permutations(many, len(few))
        )
        assert sum(shared for _, _, shared in found) == best


def test_matched_spans_by_hand():
    # The first span overlaps both of the other side's; the longer overlap wins.
    first = [[MarkedSpan(0, 10, "minor", "style")], [MarkedSpan(3, 5, "major", "style")]]
    second = [
        [MarkedSpan(0, 2, "major", "style"), MarkedSpan(4, 10, "minor", "accuracy")],
        [MarkedSpan(4, 6, "major", "style")],
    ]
    assert match_spans(first[0], second[0]) == [(0, 1, 6)]
    found = matched_span_agreement(first, second, rng=np.random.default_rng(0))
    assert (found.n_first, found.n_second, found.n_matched) == (2, 3, 2)
    assert found.f1.estimate == pytest.approx(4 / 5)
    assert (found.same_severity.estimate, found.same_category.estimate) == (1, 0.5)
    assert found.severity_kappa.estimate == 1


def test_kappas_equal_scikit_learn_on_matched_spans():
    first, second = marks(14), marks(15)
    found = matched_span_agreement(
        first, second, severities=SEVERITIES, rng=np.random.default_rng(0), resamples=50
    )
    pairs = [
        (a[i], b[j]) for a, b in zip(first, second, strict=True) for i, j, _ in match_spans(a, b)
    ]
    severities = [[s.severity for s in side] for side in zip(*pairs, strict=True)]
    categories = [[s.category for s in side] for side in zip(*pairs, strict=True)]
    assert found.n_matched == len(pairs)
    assert found.severity_kappa.estimate == pytest.approx(
        cohen_kappa_score(*severities, labels=SEVERITIES, weights="linear"), abs=1e-12
    )
    assert found.category_kappa.estimate == pytest.approx(cohen_kappa_score(*categories), abs=1e-12)
    same = np.mean([a == b for a, b in zip(*severities, strict=True)])
    assert found.same_severity.estimate == pytest.approx(same)
    assert found.same_severity.low < same < found.same_severity.high


def test_kappas_of_matched_spans_are_drawn_with_their_texts():
    """The interval against kappas of texts copied as often as they were drawn."""
    first, second = marks(14), marks(15)
    how = {"severities": SEVERITIES, "resamples": 60}
    found = matched_span_agreement(first, second, rng=np.random.default_rng(3), **how)
    rng = np.random.default_rng(3)
    for _earlier in range(3):  # the shares are drawn first
        rng.integers(0, 30, size=(60, 30))
    draws = []
    for row in rng.integers(0, 30, size=(60, 30)):
        pairs = [
            (first[t][i].severity, second[t][j].severity)
            for t in row
            for i, j, _ in match_spans(first[t], second[t])
        ]
        one, two = zip(*pairs, strict=True)
        draws.append(cohen_kappa_score(one, two, labels=SEVERITIES, weights="linear"))
    kappa = found.severity_kappa
    assert (kappa.low, kappa.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])))
    assert kappa.low < kappa.estimate < kappa.high


def test_one_text_has_no_interval():
    one, two = [[MarkedSpan(0, 4, "minor", "style")]], [[MarkedSpan(2, 6, "minor", "style")]]
    rng = np.random.default_rng(0)
    by_character, matched = span_f1(one, two, rng=rng), matched_span_agreement(one, two, rng=rng)
    assert (by_character.f1.estimate, matched.f1.estimate) == (0.5, 1)
    assert by_character.reason == matched.reason == "no interval from one text"
    assert np.isnan([by_character.f1.low, matched.f1.low, matched.same_severity.low]).all()


def test_nothing_marked_or_matched():
    rng = np.random.default_rng(0)
    nothing = matched_span_agreement([[]], [[]], rng=rng)
    assert (np.isnan(nothing.f1.estimate), nothing.reason) == (True, "nobody marked anything")
    apart = matched_span_agreement([[MarkedSpan(0, 2)]], [[MarkedSpan(2, 4)]], rng=rng)
    assert (apart.f1.estimate, apart.n_matched) == (0, 0)
    assert np.isnan(apart.same_severity.estimate)
    assert apart.reason.startswith("no span of one person")


def test_presence_kappas_equal_scikit_learn():
    first, second = marks(16), marks(17)
    for row in presence_kappas(first, second):
        a, b = ([any(s.category == row.category for s in t) for t in x] for x in (first, second))
        assert row.kappa == pytest.approx(cohen_kappa_score(a, b), abs=1e-12)
        assert (row.both, row.neither) == (sum(np.array(a) & b), 30 - sum(np.array(a) | b))
        assert row[2:] and sum(row[2:]) == 30
    (never,) = presence_kappas(first, second, categories=["locale"])
    assert np.isnan(never.kappa)


def test_it_refuses_what_marks_nothing():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="marks nothing"):
        match_spans([MarkedSpan(3, 3)], [])
    with pytest.raises(ValueError, match="the same texts twice"):
        span_f1([[]], [], rng=rng)
    with pytest.raises(ValueError, match="no weight for the severity 'grave'"):
        span_f1([[MarkedSpan(0, 1, "grave")]], [[]], weights=WEIGHTS, rng=rng)


def test_of_equally_long_matches_the_nearest_and_then_the_alike_are_taken_in_any_order():
    twice = [MarkedSpan(0, 4, "major", "a"), MarkedSpan(0, 4, "minor", "b")]
    assert match_spans(twice, twice[::-1]) == [(0, 1, 4), (1, 0, 4)]
    mark, near, far = (MarkedSpan(*ends, "minor", "a") for ends in ((3, 6), (2, 7), (0, 9)))
    assert match_spans([mark], [far, near]) == [(0, 1, 3)]
    longer = MarkedSpan(2, 9, "major", "b")
    assert match_spans([MarkedSpan(0, 9, "minor", "a")], [near, longer]) == [(0, 1, 7)]


def test_texts_side_by_side_are_matched_as_they_are_alone():
    rng = np.random.default_rng(7)

    def drawn(shift: int) -> list[MarkedSpan]:
        starts = rng.integers(0, 12, 5)
        kinds = rng.choice(["minor", "major"], 5)
        return [
            MarkedSpan(int(s) + shift, int(s) + shift + 3, str(kind), "")
            for s, kind in zip(starts, kinds, strict=True)
        ]

    for _case in range(30):
        one, two = [drawn(0), drawn(100)], [drawn(0), drawn(100)]
        apart = [
            (a[i], b[j]) for a, b in zip(one, two, strict=True) for i, j, _ in match_spans(a, b)
        ]
        stacked = [*one[0], *one[1]], [*two[0], *two[1]]
        together = [(stacked[0][i], stacked[1][j]) for i, j, _ in match_spans(*stacked)]
        alike = [sum(a.severity == b.severity for a, b in pairs) for pairs in (apart, together)]
        assert len(apart) == len(together) and alike[0] == alike[1]
