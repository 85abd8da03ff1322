"""The report's tables of metrics and baselines against people, on small studies."""

import pytest

from annotation.models import Rating
from metrics.analyses.settings import Settings
from metrics.models import SegmentScore
from metrics.reports.display import report_context
from metrics.reports.payload import build_payload
from models_app.models import Output, Segment
from tests.metrics.studies import N_SEGMENTS, scored, study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200, metric_permutations=100)
BASELINES = ["baseline_constant", "baseline_random", "baseline_length", "length_ratio"]
FOUR = ("a", "b", "c", "d")


def payload_of(campaign, metrics=("chrf",)):
    scored(campaign, metrics)
    return build_payload(campaign, settings=FAST)


def row_of(payload, table, **cells):
    rows = [
        row for row in payload[table] if all(row[name] == value for name, value in cells.items())
    ]
    assert len(rows) == 1, rows
    return rows[0]


class TestBaselines:
    def test_they_stand_beside_the_metrics_marked_and_nowhere_else(self):
        payload = payload_of(study())
        for table in ("correlations", "accuracies"):
            marked = {row["metric"]: row["is_baseline"] for row in payload[table]}
            assert marked == {"chrf": False} | dict.fromkeys(BASELINES, True)
        for table in ("pairs", "pairs_by_domain", "disagreements"):
            assert {row["metric"] for row in payload[table]} == {"chrf"}
        assert [metric["metric"] for metric in payload["metrics"]] == ["chrf"]

    def test_a_stored_length_ratio_is_the_baseline_and_gives_no_verdict(self):
        payload = payload_of(study(), metrics=["chrf", "length_ratio"])
        rows = [row for row in payload["correlations"] if row["metric"] == "length_ratio"]
        assert rows and all(row["is_baseline"] for row in rows)
        assert {row["metric"] for row in payload["pairs"]} == {"chrf"}

    def test_the_computed_length_ratio_is_the_metric_of_that_name(self):
        computed = payload_of(study("one"))
        stored = payload_of(study("two"), metrics=["chrf", "length_ratio"])
        for table in ("correlations", "accuracies"):
            assert [row for row in computed[table] if row["metric"] == "length_ratio"] == [
                row for row in stored[table] if row["metric"] == "length_ratio"
            ]

    def test_length_counts_characters_as_readers_do_and_longer_ranks_first(self):
        campaign = study()
        for output in Output.objects.filter(system__name="lora"):
            output.text = "क्षि" * 40  # one character each, four code points
            output.save()
        Output.objects.filter(system__name="base").update(text="x" * 39)
        row = row_of(
            payload_of(campaign),
            "correlations",
            metric="baseline_length",
            level="segment",
            grouping="item",
            statistic="kendall_b",
        )
        assert row["value"] == 1  # people like lora in every segment

    def test_a_constant_has_no_correlation_and_scores_people_s_ties(self):
        payload = payload_of(study())
        rows = [row for row in payload["correlations"] if row["metric"] == "baseline_constant"]
        assert rows and all(row["value"] is None and row["reason"] for row in rows)
        found = row_of(payload, "accuracies", metric="baseline_constant", grouping="item")
        assert found["value"] == found["constant"] == 0
        assert found["metric_ties"] == found["n_pairs"] == N_SEGMENTS

    def test_without_references_there_is_no_length_ratio(self):
        campaign = study()
        scored(campaign, ["chrf"])
        Segment.objects.update(references=[])
        payload = build_payload(campaign, settings=FAST)
        rows = [row for row in payload["accuracies"] if row["metric"] == "length_ratio"]
        assert rows and all(row["value"] is None and row["reason"] for row in rows)

    def test_without_a_metric_there_are_none(self):
        payload = build_payload(study(), settings=FAST)
        assert payload["correlations"] == payload["accuracies"] == []
        report_context(payload)


class TestAccuracies:
    def test_a_metric_that_says_the_opposite_of_people_is_never_right(self):
        found = row_of(payload_of(study()), "accuracies", metric="chrf", grouping="item")
        assert found["value"] == 0
        assert (found["n"], found["n_pairs"]) == (2 * N_SEGMENTS, N_SEGMENTS)
        assert found["n_groups"] == N_SEGMENTS

    def test_pairs_of_systems_need_four_systems_and_soft_ones_two(self):
        two, four = payload_of(study("two")), payload_of(study("four", systems=FOUR))
        plain = {"metric": "chrf", "statistic": "pairwise_accuracy"}
        soft = {"metric": "chrf", "statistic": "soft_pairwise_accuracy"}
        refused = row_of(two, "accuracies", **plain)
        assert refused["value"] is None
        assert refused["reason"] == "2 systems with both scores; at least 4 are needed"
        assert row_of(two, "accuracies", **soft)["value"] < 0.1
        assert row_of(four, "accuracies", **plain)["value"] == pytest.approx(0, abs=0.2)
        assert row_of(four, "accuracies", **soft)["n_pairs"] == 6

    def test_the_page_names_baselines_and_gives_reasons(self):
        parts = report_context(payload_of(study()))["parts"]
        shown = next(part["shown"] for part in parts if part["name"] == "accuracies")
        names = {row[0] for row in shown["systems"]["rows"]}
        assert {"chrF", "Length (baseline)"} <= names
        assert any("at least 4 are needed" in str(row[1]) for row in shown["systems"]["rows"])


def test_tau_c_stands_beside_the_other_coefficients():
    rows = payload_of(study())["correlations"]
    found = {
        row["grouping"]: row["value"]
        for row in rows
        if row["metric"] == "chrf" and row["statistic"] == "kendall_c"
    }
    assert found["item"] == -1
    assert found.keys() == {"none", "item", "system"}


class TestMetricAgainstMetric:
    def test_every_two_are_tested_once_in_each_statistic_with_holm(self):
        payload = payload_of(study(systems=FOUR), metrics=["chrf", "ter"])
        rows = [row for row in payload["metric_pairs"] if row["statistic"] == "acc_eq"]
        pairs = {frozenset((row["first"], row["second"])) for row in rows}
        assert len(rows) == len(pairs) == 15  # two metrics and four baselines
        assert all(row["p_adjusted"] >= row["p"] for row in rows)
        assert {(row["statistic"], row["grouping"]) for row in payload["metric_pairs"]} == {
            ("kendall_b", "item"),
            ("acc_eq", "item"),
            ("pearson", "none"),
        }

    def test_a_constant_is_not_compared_where_it_has_no_value(self):
        payload = payload_of(study(systems=FOUR))
        found = row_of(
            payload,
            "metric_pairs",
            first="chrf",
            second="baseline_constant",
            statistic="kendall_b",
        )
        assert found["delta"] is None and found["reason"] == "one side does not vary in any item"
        ranks = row_of(payload, "metric_ranks", metric="baseline_constant", statistic="kendall_b")
        assert ranks["cluster"] is None and ranks["reason"]

    def test_a_metric_that_is_worse_than_another_falls_into_a_lower_cluster(self):
        # In this study people like what is longer: length follows them, chrF does the opposite.
        payload = payload_of(study(systems=FOUR, n_segments=40))
        cluster = {
            row["metric"]: row["cluster"]
            for row in payload["metric_ranks"]
            if row["statistic"] == "kendall_b"
        }
        assert cluster["baseline_length"] == 1 < cluster["chrf"]

    def test_the_page_orders_them_and_draws_only_what_is_defined(self):
        parts = report_context(payload_of(study(systems=FOUR)))["parts"]
        shown = next(part["shown"] for part in parts if part["name"] == "metric_pairs")
        assert shown["ranks"]["rows"][-1][0] == "Constant (baseline)"
        spec = shown["figures"][0]["spec"]
        drawn = spec["data"][0]
        assert len(drawn["x"]) == len(drawn["y"]) == 4
        assert drawn["z"][0][-1] is None  # none against itself


def test_baselines_never_stand_in_a_verdict():
    payload = payload_of(study(systems=FOUR))
    parts = report_context(payload)["parts"]
    shown = next(part["shown"] for part in parts if part["name"] == "verdicts")
    assert "baseline" not in str(shown)


class TestNoiseCeiling:
    def test_one_rating_per_output_has_no_ceiling_and_the_reason_is_given(self):
        payload = payload_of(study(raters=("only",)))
        rows = [*payload["noise_ceiling"], *payload["reliability"]]
        assert {row["reason"] for row in rows} == {
            "no output has two ratings: how far people agree cannot be known"
        }
        parts = report_context(payload)["parts"]
        shown = next(part["shown"] for part in parts if part["name"] == "noise_ceiling")
        assert shown["reason"].startswith("no output has two ratings")

    def test_people_who_differ_by_a_constant_are_followed_by_a_person_entirely(self):
        # Both raters of the study order the outputs alike, and chrF does the opposite.
        payload = payload_of(study(systems=FOUR))
        found = row_of(payload, "noise_ceiling", metric="chrf", grouping="item")
        assert found["person"] > 0.9 and found["beside"] < -0.9
        assert found["share"] == pytest.approx(-1, abs=0.1)
        assert found["corrected"] is None
        whole = row_of(payload, "noise_ceiling", metric="chrf", grouping="none")
        assert whole["corrected"] == pytest.approx(whole["beside"], abs=0.05)
        halves = row_of(payload, "reliability", statistic="split_half")
        assert (halves["n_units"], halves["n_raters"]) == (4 * N_SEGMENTS, 2)
        assert halves["value"] > 0.9

    def test_the_page_says_in_a_sentence_what_share_each_metric_reaches(self):
        parts = report_context(payload_of(study(systems=FOUR)))["parts"]
        shown = next(part["shown"] for part in parts if part["name"] == "noise_ceiling")
        (sentence,) = shown["sentences"]
        assert sentence.startswith("Over all outputs, chrF reaches \u2212")
        assert sentence.endswith("of what a human rater would.")


class TestTwoSystems:
    def test_each_metric_and_baseline_stands_beside_people_and_baselines_have_no_verdict(self):
        payload = payload_of(study(), metrics=["chrf", "ter"])
        rows = {row["metric"]: row for row in payload["two_systems"]}
        assert list(rows) == ["chrf", "ter", *BASELINES]
        assert {rows["chrf"]["verdict"], rows["ter"]["verdict"]} == {"opposite"}
        assert all(rows[name]["verdict"] is None for name in BASELINES)
        assert all(row["people_say"] == "worse" for row in rows.values())
        # Base minus lora: people like base less, and both metrics like it more.
        assert rows["ter"]["human_delta"] < 0 < rows["ter"]["metric_delta"]

    def test_the_numbers_are_those_of_the_verdict_table(self):
        payload = payload_of(study())
        pair = row_of(payload, "pairs", metric="chrf")
        row = row_of(payload, "two_systems", metric="chrf")
        for name in ("human_delta", "human_p_adjusted", "metric_delta", "metric_low", "verdict"):
            assert row[name] == pair[name]

    def test_soft_pairwise_accuracy_and_acc_eq_see_that_they_say_the_opposite(self):
        row = row_of(payload_of(study()), "two_systems", metric="chrf")
        assert row["soft_pairwise_accuracy"] < 0.05
        assert (row["acc_eq"], row["constant"], row["coin"]) == (0, 0, 0.5)
        assert row["pearson"] is not None and row["kendall_b"] is not None

    def test_the_page_says_it_in_words(self):
        parts = report_context(payload_of(study()))["parts"]
        shown = next(part["shown"] for part in parts if part["name"] == "two_systems")
        (part,) = shown["parts"]
        assert part["people"].startswith("People prefer lora: by ")
        assert part["sentences"][0].startswith("chrF says the opposite: it prefers base (p ")
        assert "the best baseline, " in part["sentences"][0]

    def test_of_many_systems_there_is_no_such_table(self):
        assert "two_systems" not in payload_of(study(systems=FOUR))
        three = payload_of(study("three", systems=("a", "b", "c")))
        pairs = {(row["system_a"], row["system_b"]) for row in three["two_systems"]}
        assert pairs == {("a", "b"), ("a", "c"), ("b", "c")}


class TestComparability:
    def test_where_all_is_well_there_is_no_warning(self):
        assert "comparability" not in payload_of(study())

    def test_judged_outputs_without_a_value_are_named(self):
        campaign = study()
        scored(campaign, ["chrf"])
        SegmentScore.objects.filter(output__system__name="lora").first().delete()
        payload = build_payload(campaign, settings=FAST)
        row = row_of(payload, "comparability", metric="chrf")
        assert (row["problem"], row["system"]) == ("not_scored", "lora")
        assert (row["n_judged"], row["n_both"]) == (N_SEGMENTS, N_SEGMENTS - 1)
        shown = report_context(payload)["parts"][0]
        assert shown["name"] == "comparability"
        assert "no value for some judged outputs of lora" in shown["shown"]["warnings"][0]

    def test_two_recipes_of_one_metric_are_named(self):
        campaign = study()
        scored(campaign, ["chrf"])
        SegmentScore.objects.filter(output__system__name="lora").update(signature="an older one")
        payload = build_payload(campaign, settings=FAST)
        row = row_of(payload, "comparability", metric="chrf")
        assert (row["problem"], row["others"]) == ("signatures", ["an older one"])
        assert row["why"][0].startswith("lora was scored under another signature than base")

    def test_scored_outputs_that_nobody_judged_are_named(self):
        campaign = study()
        scored(campaign, ["chrf"])
        Rating.objects.filter(item__outputs__system__name="lora").first().delete()
        Rating.objects.filter(item__outputs__system__name="lora").order_by("pk")[0].delete()
        payload = build_payload(campaign, settings=FAST)
        row = row_of(payload, "comparability", metric="chrf")
        assert (row["problem"], row["n_judged"]) == ("not_judged", N_SEGMENTS - 1)
