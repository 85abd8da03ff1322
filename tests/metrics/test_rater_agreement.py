"""Beside alpha and kappa: intraclass correlations, raters side by side, alpha without each."""

import pytest
from plotly.graph_objects import Figure

from annotation.models import Rating, RatingScore
from annotation.participation import participation_of, set_standing
from metrics.analyses.agreement import agreement_table
from metrics.analyses.frame import load_frame
from metrics.analyses.rater_pairs import balance_table, pair_table, without_table
from metrics.analyses.settings import Settings
from metrics.reporting import report_files
from metrics.reports.payload import build_payload, plain
from metrics.reports.schema import columns
from metrics.reports.sections.agreement import Agreement, verdict
from metrics.reports.sections.rater_pairs import RaterPairs, sentences
from tests import people
from tests.metrics.studies import study
from tests.metrics.watched import judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)
THREE = ("r1", "r2", "r3")  # each gives 3 points more than the one before


def few_steps(campaign, **same):
    """Scores of two steps: 1 for base, 2 for lora; `same` gives raters one answer throughout."""
    for score in RatingScore.objects.filter(rating__item__campaign=campaign):
        score.value = same.get(
            score.rating.annotator.code, 2.0 if score.output.system.name == "lora" else 1.0
        )
        score.save()
    return campaign


def agreement_of(campaign):
    rows = plain(agreement_table(load_frame(campaign), FAST))
    return {(row["statistic"], row["level"]): row for row in rows}


def test_consistency_leaves_strictness_out_and_agreement_does_not():
    rows = agreement_of(study(raters=THREE))
    assert rows["icc", "C,1"]["value"] == pytest.approx(1)
    assert rows["icc", "A,1"]["value"] < 0.98
    assert rows["icc", "A,k"]["value"] > rows["icc", "A,1"]["value"] > rows["icc", "1,1"]["value"]
    assert rows["icc", "A,1"]["low"] < rows["icc", "A,1"]["value"] < rows["icc", "A,1"]["high"]
    assert ("fleiss_kappa", "quadratic") not in rows  # too many steps to be categories


def test_scales_of_few_steps_have_statistics_of_categories():
    rows = agreement_of(few_steps(study()))
    assert rows["fleiss_kappa", "quadratic"]["value"] == 1
    assert rows["gwet_ac2", "quadratic"]["value"] == 1
    assert rows["percent_agreement", "nominal"]["value"] == 1


def test_one_rater_or_none_has_reasons():
    for rows in (agreement_of(study(raters=("only",))), agreement_of(emptied(study("none")))):
        for form in ("A,1", "A,k", "1,1", "C,1"):
            assert rows["icc", form]["value"] is None and rows["icc", form]["reason"]


def emptied(campaign):
    Rating.objects.filter(item__campaign=campaign).update(is_complete=False)
    return campaign


def pairs_of(campaign, **wanted):
    rows = plain(pair_table(load_frame(campaign), FAST))
    return {
        (row["rater_a"], row["rater_b"]): row
        for row in rows
        if all(row[name] == value for name, value in wanted.items())
    }


def test_two_raters_side_by_side():
    rows = pairs_of(study(raters=THREE), domain=None)
    assert list(rows) == [("r1", "r2"), ("r1", "r3"), ("r2", "r3")]
    assert [row["distance"] for row in rows.values()] == [3.0, 6.0, 3.0]
    assert [row["bias"] for row in rows.values()] == [-3.0, -6.0, -3.0]
    assert {row["exact"] for row in rows.values()} == {0.0}
    assert {row["n"] for row in rows.values()} == {24}


def test_the_main_criterion_is_compared_in_each_domain():
    campaign = study(raters=THREE)
    RatingScore.objects.filter(rating__annotator__code="r3", output__segment__domain="news").update(
        value=0
    )
    near = pairs_of(campaign, domain="health")["r1", "r3"]
    far = pairs_of(campaign, domain="news")["r1", "r3"]
    assert near["distance"] == 6 < far["distance"]
    assert (near["n"], far["n"]) == (12, 12)


def test_alpha_without_each_says_who_pulls_it_down():
    campaign = study(raters=THREE)
    for place, score in enumerate(RatingScore.objects.filter(rating__annotator__code="r3")):
        score.value = 100 - score.value + place % 7
        score.save()
    rows = plain(without_table(load_frame(campaign)))
    change = {row["annotator"]: row["change"] for row in rows}
    assert change["r3"] > 0.3 > 0 > change["r1"]
    assert {row["n_units"] for row in rows} == {24}
    (said,) = [text for text in sentences([], rows, "points") if "Without" in text]
    assert said.startswith("Without r3 alpha would be")


def test_two_raters_have_no_alpha_without_each():
    assert without_table(load_frame(study())) == []


def test_prevalence_and_bias_of_each_answer():
    campaign = few_steps(study(n_segments=6), r2=1.0)
    rows = plain(balance_table(load_frame(campaign)))
    one, two = rows
    # r1 says 1 of six and 2 of six, r2 always 1
    assert (one["category"], one["both"], one["only_first"], one["only_second"]) == ("1", 6, 0, 6)
    assert one["prevalence"] == pytest.approx(0.5) and one["bias"] == pytest.approx(-0.5)
    assert one["specific"] == pytest.approx(12 / 18)
    assert (two["category"], two["both"], two["neither"]) == ("2", 0, 6)
    assert one["percent"] == 0.5


def test_a_preference_s_answers_are_named_by_the_systems():
    campaign = watched("sidebyside")
    for code in ("r1", "r2"):
        judge(campaign, code, [{"better": 0}, {"better": 1}, {"better": "tie"}] * 2)
    rows = balance_table(load_frame(campaign))
    assert [row["category"] for row in rows] == [
        "secret-lora of watched better",
        "tie",
        "secret-base of watched better",
    ]
    payload = build_payload(campaign, settings=FAST)
    assert not any(row["statistic"] == "icc" for row in payload["agreement"])
    report_files(payload)


def test_the_excluded_do_not_count():
    campaign = study(raters=THREE)
    person = Rating.objects.filter(annotator__code="r3").first().annotator
    set_standing(participation_of(campaign, person), "excluded", reason="x", user=people.alice())
    assert list(pairs_of(campaign, domain=None)) == [("r1", "r2")]
    assert without_table(load_frame(campaign)) == []
    assert len(without_table(load_frame(campaign, with_excluded=True))) == 3


def row(value, low=None, high=None, statistic="krippendorff_alpha", level="interval", reason=None):
    return {
        "statistic": statistic,
        "level": level,
        "value": value,
        "low": low,
        "high": high,
        "reason": reason,
    }


@pytest.mark.parametrize(
    ("alpha", "word"), [(0.85, "agree well"), (0.7, "fair"), (0.3, "low"), (-0.2, "low")]
)
def test_the_verdict_goes_by_alpha(alpha, word):
    (said,) = verdict([row(alpha, alpha - 0.1, alpha + 0.1)])
    assert word in said


def test_the_verdict_names_strictness_the_paradox_and_what_is_not_defined():
    assert verdict([row(None, reason="no unit has two ratings")]) == [
        "Agreement is not defined: no unit has two ratings."
    ]
    strict = verdict(
        [row(0.5), row(0.4, statistic="icc", level="A,1"), row(0.7, statistic="icc", level="C,1")]
    )
    assert strict[1].endswith("some are stricter than others.")
    paradox = verdict(
        [
            row(0.1),
            row(0.1, statistic="fleiss_kappa"),
            row(0.9, statistic="gwet_ac2"),
            row(0.93, statistic="percent_agreement"),
        ]
    )
    assert paradox[1].startswith("93% of answers are equal, yet Fleiss's kappa is 0.10")


def test_the_report_shows_them_with_figures():
    payload = build_payload(study(raters=THREE), settings=FAST)
    for name in ("rater_pairs", "agreement_without"):
        assert all(list(line) == columns(name) for line in payload[name])
    assert "category_balance" not in payload
    shown = RaterPairs().shown(payload)
    assert shown["sentences"][0].startswith("r1 and r3 are furthest apart: 6.00 on average")
    for part in (shown["pairs"], shown["domains"], Agreement().shown(payload)["figure"]):
        Figure(part["spec"])
    heat = shown["pairs"]["spec"]["data"][0]
    assert heat["z"][heat["y"].index("r3")] == [6.0, 3.0, None]
    balanced = build_payload(few_steps(study("few")), settings=FAST)
    assert all(list(line) == columns("category_balance") for line in balanced["category_balance"])
    assert "Who disagrees with whom" in report_files(payload)["report.html"]


def test_one_rater_has_no_pairs():
    assert RaterPairs().shown(build_payload(study(raters=("one",)), settings=FAST)) is None
