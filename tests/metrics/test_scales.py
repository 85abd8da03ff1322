"""Raw, standardised and adjusted scores, and strengths from comparisons."""

import numpy as np
import pytest
from plotly.graph_objects import Figure
from scipy.special import logit

from annotation.models import RatingScore
from metrics.analyses.frame import load_frame
from metrics.analyses.orders import rank, rank_ranges, swaps
from metrics.analyses.scales import fitted, scale_table, variance_table
from metrics.analyses.settings import Settings
from metrics.analyses.strengths import comparisons, pair_rows, strength_table, strengths
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.scales import Scales, order_sentences
from metrics.reports.sections.strengths import Strengths
from tests.metrics.studies import N_SEGMENTS, study
from tests.metrics.watched import judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)


def noisy(campaign, size=3.0):
    """The campaign with whole-number noise in its scores, without which nothing is a residual."""
    rng = np.random.default_rng(2)
    for score in RatingScore.objects.filter(rating__item__campaign=campaign).order_by("pk"):
        score.value += round(float(rng.normal(0, size)))
        score.save()
    return campaign


def scales_of(campaign):
    frame = load_frame(campaign)
    return plain(scale_table(frame, fitted(frame, FAST), FAST))


def by_place(rows):
    return {(row["scale"], row["system"]): row for row in rows}


def test_of_complete_ratings_all_scales_rank_alike_and_adjusted_are_raw():
    rows = scales_of(noisy(study(systems=("a", "b", "c"))))
    found = by_place(rows)
    for name in ("a", "b", "c"):
        assert found["adjusted", name]["value"] == pytest.approx(found["raw", name]["value"])
    assert [row["system"] for row in rows] == ["c", "b", "a"] * 3
    assert [row["rank"] for row in rows] == [1, 2, 3] * 3
    assert {row["tau_b"] for row in rows} == {1.0}
    assert order_sentences(rows) == [
        "z scores rank the systems as raw ones do.",
        "Adjusted scores rank the systems as raw ones do.",
    ]


def test_raw_is_what_the_systems_table_says():
    campaign = study()
    payload = build_payload(campaign, settings=FAST)
    raw = {r["system"]: r for r in payload["system_scales"] if r["scale"] == "raw"}
    for row in payload["systems"]:
        there = raw[row["system"]]
        assert [there[name] for name in ("value", "low", "high")] == [
            row["score"],
            row["low"],
            row["high"],
        ]


def test_a_strict_rater_who_judged_one_system_more_changes_the_order():
    campaign = study(n_segments=12)
    RatingScore.objects.filter(rating__annotator__code="r1").update(value=20)
    RatingScore.objects.filter(rating__annotator__code="r2").update(value=80)
    for score in RatingScore.objects.all():
        score.value += score.output.segment.position % 5 + 2 * (score.output.system.name == "lora")
        score.save()
    noisy(campaign, 0.5)
    # r1, the strict one, judged most of lora's outputs, r2 most of base's: raw prefers base
    gone = {"r2": ("lora", 4), "r1": ("base", 4)}
    for code, (system, kept) in gone.items():
        RatingScore.objects.filter(
            rating__annotator__code=code,
            output__system__name=system,
            output__segment__position__gte=kept,
        ).delete()
    rows = scales_of(campaign)
    found = by_place(rows)
    assert found["raw", "base"]["value"] > found["raw", "lora"]["value"]
    assert found["adjusted", "lora"]["value"] > found["adjusted", "base"]["value"]
    assert found["adjusted", "lora"]["swaps_with"] == ["base"]
    sentence = order_sentences(rows)[1]
    assert (
        sentence == "Adjusted scores would rank otherwise (τ-b −1.00): base / lora change places."
    )


def test_systems_that_cannot_be_told_apart_share_a_group():
    campaign = study(systems=("a", "b", "c"))
    for score in RatingScore.objects.filter(output__system__name="b"):
        other = RatingScore.objects.get(
            rating__annotator=score.rating.annotator,
            output__segment=score.output.segment,
            output__system__name="c",
        )
        score.value = other.value
        score.save()
    found = by_place(scales_of(noisy(campaign)))
    for scale in ("raw", "z", "adjusted"):
        ranges = {n: (found[scale, n]["rank_low"], found[scale, n]["rank_high"]) for n in "abc"}
        assert ranges == {"a": (3, 3), "b": (1, 2), "c": (1, 2)}


def test_groups_break_only_where_all_above_beat_all_below():
    beaten = {(0, 2), (0, 3), (1, 2), (1, 3)}
    assert rank_ranges([0, 1, 2, 3], lambda a, b: (a, b) in beaten) == {
        0: (1, 2),
        1: (1, 2),
        2: (3, 4),
        3: (3, 4),
    }
    assert rank_ranges([1, 0], lambda a, b: False) == {0: (1, 2), 1: (1, 2)}
    assert rank_ranges([], lambda a, b: True) == {}


def test_equal_means_share_a_rank_and_swap_nothing():
    means = np.array([1.0, 1.0, 2.0, np.nan])
    assert [rank(means, place) for place in range(4)] == [1, 1, 3, None]
    assert swaps("abc", means[:3], np.array([2.0, 1.0, 3.0])) == [[], [], []]


def test_one_score_for_everything_is_said_to_be_so():
    campaign = study()
    RatingScore.objects.update(value=50)
    rows = scales_of(campaign)
    found = by_place(rows)
    assert found["raw", "base"]["value"] == 50
    assert found["z", "base"]["value"] is None
    assert found["z", "base"]["reason"].startswith("gave every item the same score")
    assert found["adjusted", "base"]["reason"] == "all scores are equal"
    assert all("no order" in sentence for sentence in order_sentences(rows))


def test_variances_are_shares_of_the_whole():
    rows = variance_table(fitted(load_frame(noisy(study())), FAST))
    assert [row["component"] for row in rows] == ["segment", "rater", "system:segment", "residual"]
    assert sum(row["share"] for row in plain(rows) if row["share"]) == pytest.approx(1)


def test_one_segment_or_no_answer_have_a_report():
    one = build_payload(study(n_segments=1), settings=FAST)
    assert one["system_scales"][0]["low"] is None and one["system_scales"][0]["reason"]
    campaign = study("none")
    RatingScore.objects.all().delete()
    report_files(build_payload(campaign, settings=FAST))


def preferring():
    """Base wins 4, lora 1, one tie; s0 to s5 in the annotator's own order."""
    campaign = watched("sidebyside")
    frame_names = list(campaign.systems.order_by("name").values_list("name", flat=True))
    items = judge(campaign, "r1", [{"better": "tie"}] * 6)
    answers = ["base", "base", "base", "base", "lora", "tie"]
    for item, answer in zip(items, answers, strict=True):
        for score in RatingScore.objects.filter(rating__item=item):
            wins = f"secret-{answer} of watched" == score.output.system.name
            score.value = 0.5 if answer == "tie" else float(wins)
            score.save()
    return campaign, frame_names


def test_two_systems_strengths_are_the_log_odds_of_their_wins():
    campaign, names = preferring()
    frame = load_frame(campaign)
    model = strengths(frame, FAST)
    (pair,) = pair_rows(frame, model, FAST)
    assert (pair["system_a"], pair["system_b"]) == tuple(names)
    assert pair["log_odds"] == pytest.approx(logit(4 / 5))
    assert pair["chance"] == pytest.approx(0.8)
    assert pair["chance_low"] < 0.8 < pair["chance_high"]
    first, second = strength_table(frame, model, FAST)
    assert (first["system"], first["wins"], first["ties"], first["losses"]) == (names[0], 4, 1, 1)
    assert first["strength"] == pytest.approx(logit(0.8) / 2) == -second["strength"]
    # nu with 1 tie of 6: nu sqrt(4 x 1) / (5 + nu sqrt(4 x 1)) = 1 / 6
    assert first["tie"] == pytest.approx(0.5)


def test_outputs_that_read_the_same_are_one_tie():
    campaign, _ = preferring()
    item = campaign.items.judged().first()
    item.ratings.all().delete()
    item.needs_rating = False
    item.save()
    found = comparisons(load_frame(campaign))
    assert len(found.outcome) == 6 and (found.outcome == 0).sum() >= 1


def test_a_system_that_never_lost_has_no_finite_strength():
    campaign = watched("sidebyside")
    judge(campaign, "r1", [{"better": 0, "strength": "much"}] * 6)
    payload = build_payload(campaign, settings=FAST)
    assert payload["strengths"][0]["strength"] is None
    assert "never lost" in payload["strengths"][0]["reason"]
    assert "strength_pairs" not in payload
    assert Strengths().shown(payload)["reason"].startswith("no finite strengths")
    report_files(payload)


def test_the_report_shows_both_with_figures_where_they_apply():
    campaign, _ = preferring()
    payload = build_payload(campaign, settings=FAST)
    assert Scales().shown(payload) is None
    Figure(Strengths().shown(payload)["figure"]["spec"])
    scored = build_payload(noisy(study()), settings=FAST)
    assert Strengths().shown(scored) is None
    Figure(Scales().shown(scored)["figure"]["spec"])
    for name in ("strengths", "strength_pairs"):
        assert all(list(row) == columns(name) for row in payload[name])
    for name in ("system_scales", "score_variance"):
        assert all(list(row) == columns(name) for row in scored[name])
    assert len(scored["system_scales"]) == 6 and N_SEGMENTS == 12
