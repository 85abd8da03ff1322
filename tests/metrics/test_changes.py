"""Two systems in detail: errors of each kind and the segments that changed most, by hand."""

import pytest
from plotly.graph_objects import Figure

from annotation.models import RatingScore
from metrics.analyses.changes import category_delta_table, change_table, pairs_in_detail
from metrics.analyses.errors import load_errors
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.changes import Changes, summary
from tests.metrics.marked import MAJOR, MINOR, mqm_campaign, rate
from tests.metrics.studies import study
from tests.metrics.watched import judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=200, permutations=200)
TUNED = {"quality": {"tuned": ["lora"]}}


def names(campaign):
    frame = load_frame(campaign)
    return [(frame.systems[a], frame.systems[b]) for a, b in pairs_in_detail(campaign, frame)]


def test_the_tuned_system_comes_first_and_only_its_pairs_are_shown():
    campaign = study(systems=("base", "lora", "other"))
    assert names(campaign) == [("base", "lora"), ("base", "other"), ("lora", "other")]
    campaign.options = TUNED
    campaign.save()
    assert names(campaign) == [("lora", "base"), ("lora", "other")]


def deltas_of(campaign):
    frame = load_frame(campaign)
    marked = load_errors(campaign, frame)
    rows = plain(category_delta_table(frame, marked, pairs_in_detail(campaign, frame), FAST))
    return {(row["category"], row["severity"]): row for row in rows}


def test_errors_of_a_kind_are_counted_per_output_and_averaged_over_raters():
    campaign = mqm_campaign()
    rate(
        campaign,
        {
            ("base", 0): [MAJOR, MINOR],
            ("base", 1): [MAJOR],
            ("lora", 0): [MINOR],
            ("lora", 1): [],
        },
    )
    rate(campaign, {("base", 0): []}, "r2")
    rows = deltas_of(campaign)
    major = rows["Accuracy/Mistranslation", "all"]
    assert (major["errors_a"], major["errors_b"], major["delta"]) == (0.75, 0.0, 0.75)
    assert (major["low"], major["high"], major["n_segments"]) == (0.5, 1.0, 2)
    assert rows["Accuracy/Mistranslation", "major or critical"]["delta"] == 0.75
    style = rows["Style/Awkward", "all"]
    assert (style["errors_a"], style["errors_b"], style["delta"]) == (0.25, 0.5, -0.25)
    assert ("Style/Awkward", "major or critical") not in rows
    assert rows["any error", "all"]["delta"] == pytest.approx(0.5)
    assert rows["any error", "major or critical"]["delta"] == 0.75


def test_one_segment_has_no_interval_and_segments_of_one_system_are_left_out():
    campaign = mqm_campaign()
    rate(campaign, {("base", 0): [MAJOR], ("lora", 0): [], ("base", 1): [MINOR]})
    rows = deltas_of(campaign)
    assert rows["any error", "all"]["reason"] == "no interval from one segment"
    assert rows["any error", "all"]["n_segments"] == 1
    assert ("Style/Awkward", "all") not in rows


def changes_of(campaign):
    frame = load_frame(campaign)
    return plain(change_table(frame, pairs_in_detail(campaign, frame)))


def changed():
    """Lora is better by 12 and more in s0 to s9, worse in s10 (both say so) and s11 (one does)."""
    campaign = study()
    campaign.options = TUNED
    campaign.save()
    for key, code, value in (
        ("s10", "r1", 1),
        ("s10", "r2", 2),
        ("s11", "r1", 0),
        ("s11", "r2", 100),
    ):
        score = RatingScore.objects.get(
            rating__annotator__code=code, output__segment__key=key, output__system__name="lora"
        )
        score.value = value
        score.save()
    RatingScore.objects.filter(output__segment__key="s11", output__system__name="base").update(
        value=60
    )
    return campaign


def test_losses_and_gains_come_widest_first_with_who_says_so():
    rows = changes_of(changed())
    losses = [row for row in rows if row["change"] == "loss"]
    gains = [row for row in rows if row["change"] == "gain"]
    assert [row["key"] for row in losses] == ["s10", "s11"]
    assert [(row["n_agree"], row["n_raters"]) for row in losses] == [(2, 2), (1, 2)]
    assert losses[1]["delta"] == -10 and losses[1]["score_a"] == 50
    assert len(gains) == 10
    assert [row["delta"] for row in gains] == sorted((r["delta"] for r in gains), reverse=True)
    assert {(row["system_a"], row["system_b"]) for row in rows} == {("lora", "base")}


def test_of_penalties_fewer_points_are_a_gain():
    campaign = mqm_campaign()
    for rating, value in zip(
        rate(campaign, {("base", 0): [MAJOR], ("lora", 0): []}), (5, 0), strict=True
    ):
        rating.scores.update(value=value)
    (row,) = changes_of(campaign)
    assert (row["change"], row["delta"], row["n_agree"]) == ("loss", 5.0, 1)


def test_preferences_are_counted_where_the_two_met():
    campaign = watched("sidebyside")
    judge(campaign, "r1", [{"better": 0}, {"better": 1}, {"better": "tie"}])
    rows = changes_of(campaign)
    assert [
        (row["change"], abs(row["delta"]), row["n_agree"], row["n_raters"]) for row in rows
    ] == [
        ("loss", 1.0, 1, 1),
        ("gain", 1.0, 1, 1),
    ]


def test_the_summary_turns_round_with_the_pair():
    payload = build_payload(changed(), settings=FAST)
    (row,) = payload["pairs"]
    assert (row["system_a"], row["wins"], row["losses"]) == ("base", 2, 10)
    said = summary(payload, ("lora", "base"))
    assert "Better on 10 segments, even on 0, worse on 2" in said
    turned = summary(payload, ("base", "lora"))
    assert "Better on 2 segments, even on 0, worse on 10" in turned
    assert summary(payload, ("x", "y")) == ""


def test_the_page_links_to_the_segments_and_the_file_does_not():
    payload = build_payload(changed(), settings=FAST)
    shown = Changes().shown(payload, lambda segment: f"/segment/{segment}/")
    (part,) = shown["parts"]
    first = part["losses"]["rows"][0][0]
    assert first["text"] == "s10" and first["href"].startswith("/segment/")
    assert Changes().shown(payload)["parts"][0]["losses"]["rows"][0][0] == "s10"
    assert "Segments where lora lost most against base" in report_files(payload)["report.html"]


def test_the_report_has_both_tables_and_a_figure():
    campaign = mqm_campaign()
    for rating in rate(campaign, {("base", 0): [MAJOR], ("lora", 0): [MINOR]}):
        rating.scores.update(value=rating.spans.filter(severity="major").count())
    payload = build_payload(campaign, settings=FAST)
    for name in ("category_deltas", "changes"):
        assert all(list(row) == columns(name) for row in payload[name])
    Figure(Changes().shown(payload)["parts"][0]["kinds"]["spec"])


def test_without_ratings_there_is_no_such_section():
    payload = build_payload(mqm_campaign(), settings=FAST)
    assert Changes().shown(payload) is None
