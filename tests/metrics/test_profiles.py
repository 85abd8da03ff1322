"""MQM under other weights, and its errors by category; worked by hand."""

import pytest
from plotly.graph_objects import Figure

from annotation.participation import participation_of, set_standing
from annotation.scoring import ADAPTMLLM, GOOGLE, WeightProfile
from metrics.analyses.categories import category_table
from metrics.analyses.errors import count_words, load_errors
from metrics.analyses.frame import load_frame
from metrics.analyses.profiles import known_profiles, profile_table
from metrics.analyses.settings import Settings
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.mqm import MQM, order_sentences
from metrics.reports.tables import tables_csv
from tests import people
from tests.metrics.marked import MAJOR, MINOR, mqm_campaign, rate
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=200, permutations=200)
# Under Google's weights base is better (3.5 against 4), under adaptMLLM's worse (6 against 4).
MARKED = {
    ("base", 0): [MAJOR],
    ("base", 1): [MINOR, MINOR],
    ("lora", 0): [MINOR] * 6,
    ("lora", 1): [MINOR, MINOR],
}


@pytest.fixture
def campaign():
    campaign = mqm_campaign()
    rate(campaign, MARKED)
    return campaign


def rows_of(campaign):
    frame = load_frame(campaign)
    rows = plain(profile_table(frame, load_errors(campaign, frame), FAST))
    return {(row["profile"], row["system"].split()[0].removeprefix("secret-")): row for row in rows}


def test_the_mean_penalty_is_that_of_each_profile(campaign):
    rows = rows_of(campaign)
    means = {place: row["mean_penalty"] for place, row in rows.items()}
    assert means == {
        ("google", "base"): 3.5,
        ("google", "lora"): 4.0,
        ("adaptmllm", "lora"): 4.0,
        ("adaptmllm", "base"): 6.0,
    }
    assert [row["rank"] for row in rows.values()] == [1, 2, 1, 2]
    base = rows["google", "base"]
    assert (base["mean_penalty_low"], base["mean_penalty_high"]) == (2.0, 5.0)
    assert (base["n_segments"], base["n_words"]) == (2, 6)


def test_the_pooled_penalty_is_per_hundred_words_of_all_outputs(campaign):
    rows = rows_of(campaign)
    assert rows["google", "base"]["per_100_words"] == pytest.approx(100 * 7 / 6)
    assert rows["google", "lora"]["per_100_words"] == pytest.approx(100 * 8 / 12)
    assert rows["adaptmllm", "base"]["per_100_words"] == pytest.approx(200)


def test_adaptmllm_s_sentence_score_is_under_its_own_weights_only(campaign):
    rows = rows_of(campaign)
    # base: 100 (1 - 10/3) and 100 (1 - 2/3); lora: 100 (1 - 6/6) and 100 (1 - 2/6)
    assert rows["adaptmllm", "base"]["sentence_score"] == pytest.approx(-100)
    assert rows["adaptmllm", "lora"]["sentence_score"] == pytest.approx(100 / 3)
    assert rows["google", "base"]["sentence_score"] is None


def test_a_changed_order_is_named(campaign):
    rows = rows_of(campaign)
    assert rows["google", "base"]["tau_b"] == 1 and rows["google", "base"]["swaps_with"] == []
    assert rows["adaptmllm", "base"]["tau_b"] == -1
    assert rows["adaptmllm", "base"]["swaps_with"] == ["secret-lora of mqm"]
    (sentence,) = order_sentences(list(rows.values()))
    assert sentence.startswith("adaptmllm would rank otherwise (τ-b −1.00): secret-base of mqm /")


def test_the_same_order_is_said_to_be_the_same():
    campaign = mqm_campaign()
    rate(campaign, {**MARKED, ("lora", 0): [MINOR] * 30})
    assert order_sentences(list(rows_of(campaign).values())) == [
        "adaptmllm ranks the systems alike (τ-b 1.00)."
    ]


def test_raters_are_averaged_within_a_segment_first(campaign):
    rate(campaign, {("base", 0): []}, "r2")
    assert rows_of(campaign)["google", "base"]["mean_penalty"] == (2.5 + 2) / 2


def test_the_excluded_do_not_count(campaign):
    (rating,) = rate(campaign, {("base", 0): [MAJOR] * 9}, "r2")
    out = participation_of(campaign, rating.annotator)
    set_standing(out, "excluded", reason="a machine", user=people.alice())
    assert rows_of(campaign)["google", "base"]["mean_penalty"] == 3.5


def test_a_non_translation_overrides_and_a_comma_weighs_little():
    campaign = mqm_campaign()
    comma = ("minor", "Fluency/Punctuation")
    rate(campaign, {("base", 0): [("major", "Non-translation!"), MAJOR], ("base", 1): [comma]})
    assert rows_of(campaign)["google", "base"]["mean_penalty"] == pytest.approx((25 + 0.1) / 2)


def test_the_campaign_s_own_weights_come_first():
    campaign = mqm_campaign(weights={"name": "mine", "weights": {"major": 1, "minor": 1}})
    rate(campaign, MARKED)
    rows = rows_of(campaign)
    assert list(dict.fromkeys(profile for profile, _ in rows)) == ["mine", "google", "adaptmllm"]
    assert {row["profile"]: row["is_own"] for row in rows.values()} == {
        "mine": True,
        "google": False,
        "adaptmllm": False,
    }
    assert rows["mine", "base"]["mean_penalty"] == 1.5


def test_a_published_profile_is_not_listed_twice():
    assert known_profiles(ADAPTMLLM) == [ADAPTMLLM, GOOGLE]
    named_alike = WeightProfile("google", {"major": 1.0})
    assert known_profiles(named_alike) == [named_alike, GOOGLE, ADAPTMLLM]


def test_one_segment_has_no_interval_and_no_rating_no_order():
    campaign = mqm_campaign(n_segments=1)
    rate(campaign, {("base", 0): [MAJOR]})
    rows = rows_of(campaign)
    base, lora = rows["google", "base"], rows["google", "lora"]
    assert base["mean_penalty"] == 5 and base["mean_penalty_low"] is None
    assert base["reason"].startswith("no interval from one segment; no order of systems")
    assert (lora["rank"], lora["reason"]) == (None, "no complete rating yet")
    assert order_sentences(list(rows.values())) == [
        "adaptmllm: there is no order of systems to compare."
    ]


def test_words_are_counted_in_every_script():
    assert count_words("तो कुत्रा ५ वेळा धावला ।") == 5
    assert count_words("d'fhéach sé — ar an mbord.") == 5
    assert count_words("") == count_words(" … ") == 0


def test_leaves_of_a_language_count_as_their_category():
    campaign = mqm_campaign()
    leaf = ("minor", "Fluency/Grammar/Case marker")
    rate(campaign, {("base", 0): [leaf, ("major", "Fluency/Grammar"), MINOR], ("base", 1): []})
    frame = load_frame(campaign)
    grammar, style = category_table(frame, load_errors(campaign, frame))
    assert (grammar["category"], grammar["minor"], grammar["major"]) == ("Fluency/Grammar", 1, 1)
    assert (grammar["n"], grammar["n_ratings"], grammar["per_rating"]) == (2, 2, 1.0)
    assert (style["category"], style["n"]) == ("Style/Awkward", 1)


def test_the_report_has_both_tables_and_a_figure(campaign):
    payload = build_payload(campaign, settings=FAST)
    for name in ("weight_profiles", "error_categories"):
        assert all(list(row) == columns(name) for row in payload[name])
        assert f"{name}.csv" in tables_csv(payload)
    figure = MQM().shown(payload)["figure"]["spec"]
    Figure(figure)
    lengths = {
        trace["name"]: dict(zip(trace["y"], trace["x"], strict=True)) for trace in figure["data"]
    }
    assert lengths["Style"]["secret-lora of mqm"] == 4.0
    assert lengths["Accuracy"]["secret-base of mqm"] == 0.5
    page = report_files(payload)["report.html"]
    assert "Errors and their weights" in page and "would rank otherwise" in page


def test_a_campaign_without_a_rating_has_an_empty_section():
    payload = build_payload(mqm_campaign(), settings=FAST)
    assert payload["error_categories"] == []
    assert {row["reason"] for row in payload["weight_profiles"]} == {"no complete rating yet"}
    assert MQM().shown(payload)["figure"]["spec"] is None
    report_files(payload)


def test_other_protocols_have_no_such_section():
    payload = build_payload(study(), settings=FAST)
    assert "weight_profiles" not in payload and MQM().shown(payload) is None


def test_the_queries_do_not_grow(django_assert_num_queries):
    campaign = mqm_campaign(n_segments=6)
    rate(campaign, {(system, n): [MAJOR] for system in ("base", "lora") for n in range(6)})
    frame = load_frame(campaign)
    with django_assert_num_queries(3):
        load_errors(campaign, frame)
