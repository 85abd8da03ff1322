import pytest

from metrics.statistics import side, verdict


@pytest.mark.parametrize(
    ("delta", "p", "higher", "expected"),
    [
        (2.0, 0.01, True, "better"),
        (2.0, 0.01, False, "worse"),
        (-2.0, 0.01, True, "worse"),
        (-2.0, 0.01, False, "better"),
        (2.0, 0.05, True, "not separable"),
        (0.0, 0.01, True, "not separable"),
        (float("nan"), 0.01, True, "not defined"),
        (2.0, float("nan"), True, "not defined"),
    ],
)
def test_a_side_says_one_word(delta, p, higher, expected):
    assert side(delta, p, higher_is_better=higher) == expected


@pytest.mark.parametrize(
    ("human", "metric", "expected"),
    [
        ((1, 0.001), (2, 0.001), "agree"),
        ((1, 0.001), (-2, 0.001), "opposite"),
        ((1, 0.001), (-2, 0.3), "only people"),
        ((1, 0.4), (-2, 0.001), "only metric"),
        ((1, 0.4), (-2, 0.3), "neither"),
        ((float("nan"), 0.4), (-2, 0.001), "not defined"),
    ],
)
def test_the_two_sides_together(human, metric, expected):
    assert verdict(*human, *metric).label == expected


def test_the_case_of_wmt23_is_a_disagreement():
    """WMT23 zh-en: people put GPT4-5shot above ONLINE-B, BLEU puts it far below."""
    found = verdict(1.08, 6e-18, -6.27, 2e-32)
    assert found == ("better", "worse", "opposite")


def test_penalties_turn_the_people_round():
    found = verdict(-0.4, 0.001, 1.2, 0.001, human_higher_is_better=False)
    assert found.label == "agree"


def test_swapping_the_systems_keeps_the_label():
    for human, metric in [(1.0, 2.0), (1.0, -2.0)]:
        forth, back = (verdict(s * human, 0.01, s * metric, 0.01) for s in (1, -1))
        assert forth.label == back.label


def test_it_refuses_an_alpha_of_five():
    with pytest.raises(ValueError, match="alpha must lie between 0 and 1"):
        side(1, 0.01, alpha=5)
