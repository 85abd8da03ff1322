"""Whether annotators mark the same errors, worked by hand."""

import pytest
from plotly.graph_objects import Figure

from annotation.models import ErrorSpan
from annotation.participation import participation_of, set_standing
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.analyses.span_agreement import load_marks, presence_table, span_table
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.span_agreement import SpanAgreement
from tests import people
from tests.metrics.marked import MAJOR, MINOR, mqm_campaign, rate
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)


def marked(campaign, code, *marks, side="target"):
    """One rater judges the base's output of s0: (severity, category, start, end) each."""
    (rating,) = rate(campaign, {("base", 0): [mark[:2] for mark in marks]}, code)
    for span, (_severity, _category, start, end) in zip(
        rating.spans.order_by("pk"), marks, strict=True
    ):
        span.start, span.end, span.side = start, end, side
        span.save()
    return rating


def rows_of(campaign, settings=FAST):
    frame = load_frame(campaign, with_excluded=settings.with_excluded)
    marks = load_marks(campaign, frame, with_excluded=settings.with_excluded)
    rows = plain(span_table(frame, marks, settings))
    return {(row["rater_a"], row["rater_b"], row["statistic"]): row for row in rows}


def test_characters_shared_are_counted_plain_and_by_severity():
    campaign = mqm_campaign()
    marked(campaign, "r1", (*MAJOR, 0, 6))
    marked(campaign, "r2", (*MINOR, 3, 7))
    rows = rows_of(campaign)
    # 3 of 6 and 4 characters; by severity 3 x 1 of 6 x 5 and 4 x 1
    assert rows[None, None, "char_f1"]["value"] == pytest.approx(6 / 10)
    assert rows[None, None, "char_f1_weighted"]["value"] == pytest.approx(6 / 34)
    assert rows[None, None, "span_f1"]["value"] == 1.0
    assert rows[None, None, "same_severity"]["value"] == 0.0
    assert rows[None, None, "same_category"]["value"] == 0.0
    assert rows[None, None, "category_kappa"]["value"] == 0.0


def test_all_pairs_together_are_the_pairs_sums():
    campaign = mqm_campaign()
    marked(campaign, "r1", (*MAJOR, 0, 6))
    marked(campaign, "r2", (*MAJOR, 0, 6))
    marked(campaign, "r3", (*MAJOR, 8, 10))
    rows = rows_of(campaign)
    assert rows["r1", "r2", "char_f1"]["value"] == 1.0
    assert rows["r1", "r3", "char_f1"]["value"] == rows["r2", "r3", "char_f1"]["value"] == 0.0
    assert rows[None, None, "char_f1"]["value"] == pytest.approx(12 / 28)
    assert rows[None, None, "span_f1"]["value"] == pytest.approx(2 / 6)
    assert rows[None, None, "same_severity"]["n"] == 1


def test_the_source_s_characters_are_not_the_output_s_and_a_point_is_one_character():
    campaign = mqm_campaign()
    marked(campaign, "r1", (*MAJOR, 0, 6))
    marked(campaign, "r2", (*MAJOR, 0, 6), side="source")
    assert rows_of(campaign)[None, None, "char_f1"]["value"] == 0.0
    campaign = mqm_campaign("points")
    marked(campaign, "r1", (*MAJOR, 2, 2))
    marked(campaign, "r2", (*MAJOR, 2, 3))
    assert rows_of(campaign)[None, None, "char_f1"]["value"] == 1.0


def test_where_nobody_marked_anything_it_is_not_defined():
    campaign = mqm_campaign()
    marked(campaign, "r1")
    marked(campaign, "r2")
    rows = rows_of(campaign)
    assert {row["value"] for row in rows.values()} == {None}
    assert {row["reason"] for row in rows.values()} == {"nobody marked anything"}


def test_one_rater_or_outputs_judged_apart_give_no_rows():
    campaign = mqm_campaign()
    rate(campaign, {("base", 0): [MAJOR]})
    rate(campaign, {("base", 1): [MAJOR]}, "r2")
    assert rows_of(campaign) == {}


def test_presence_counts_pairs_of_annotators_on_an_output():
    campaign = mqm_campaign()
    spots = [("base", 0), ("base", 1), ("lora", 0), ("lora", 1)]
    first = [[MAJOR], [MAJOR, MINOR], [], []]
    second = [[MAJOR], [MINOR], [MINOR], []]
    rate(campaign, dict(zip(spots, first, strict=True)))
    rate(campaign, dict(zip(spots, second, strict=True)), "r2")
    frame = load_frame(campaign)
    rows = presence_table(load_marks(campaign, frame), FAST)
    found = {row["category"]: (row["both"], row["one"], row["neither"]) for row in rows}
    assert found == {
        "any error": (2, 1, 1),
        "Accuracy/Mistranslation": (1, 1, 2),
        "Style/Awkward": (1, 1, 2),
    }
    assert rows[0]["category"] == "any error"
    assert [row["kappa"] for row in rows] == pytest.approx([0.5, 0.5, 0.5])
    assert all(row["low"] <= 0.5 <= row["high"] and row["method"] for row in rows)


def test_a_kind_that_all_always_find_has_no_kappa():
    campaign = mqm_campaign()
    for code in ("r1", "r2"):
        rate(campaign, {("base", 0): [MAJOR]}, code)
    frame = load_frame(campaign)
    for row in plain(presence_table(load_marks(campaign, frame), FAST)):
        assert row["kappa"] is None and row["reason"]


def test_the_excluded_do_not_count():
    campaign = mqm_campaign()
    rating = marked(campaign, "r1", (*MAJOR, 0, 6))
    marked(campaign, "r2", (*MAJOR, 0, 6))
    out = participation_of(campaign, rating.annotator)
    set_standing(out, "excluded", reason="a machine", user=people.alice())
    assert rows_of(campaign) == {}
    assert rows_of(campaign, FAST._replace(with_excluded=True))


def test_the_queries_do_not_grow(django_assert_num_queries):
    campaign = mqm_campaign(n_segments=6)
    for code in ("r1", "r2"):
        rate(
            campaign, {(system, n): [MAJOR] for system in ("base", "lora") for n in range(6)}, code
        )
    frame = load_frame(campaign)
    with django_assert_num_queries(2):
        load_marks(campaign, frame)


def test_the_report_shows_both_with_figures():
    campaign = mqm_campaign()
    marked(campaign, "r1", (*MAJOR, 0, 6))
    marked(campaign, "r2", (*MAJOR, 0, 5), (*MINOR, 6, 8))
    payload = build_payload(campaign, settings=FAST)
    for name in ("span_agreement", "category_presence"):
        assert all(list(row) == columns(name) for row in payload[name])
    shown = SpanAgreement().shown(payload)
    for part in ("overlap", "kinds"):
        Figure(shown[part]["spec"])
    assert shown["sentences"][0].endswith("the other marks 67%.")
    assert "Do annotators mark the same errors?" in report_files(payload)["report.html"]


def test_other_protocols_have_no_such_section():
    payload = build_payload(study(), settings=FAST)
    assert SpanAgreement().shown(payload) is None
    assert not ErrorSpan.objects.exists()
