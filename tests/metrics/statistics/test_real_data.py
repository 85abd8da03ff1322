"""Published WMT numbers, where the data folder lies beside the repository."""

import csv
import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from metrics.statistics import (
    acc_eq,
    clusters,
    grouped_correlation,
    kendall_c,
    pairwise_accuracy,
    perm_both,
    rank_sum_test,
    rater_z_scores,
    soft_pairwise_accuracy,
    system_correlation,
    system_means,
)

WMT = Path(__file__).resolve().parents[4] / "shared" / "data" / "wmt"
pytestmark = pytest.mark.skipif(not WMT.is_dir(), reason=f"no WMT data in {WMT}")

GROUPINGS = {"none": "none", "item": "item", "system": "sys"}
# The files hold six decimals; rounding makes ties that the unrounded scores did not have.
RANK_TOLERANCE = {"sentbleu": 1e-4, "rougeL_ws": 1e-3, "token_f1": 1e-3}


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(WMT / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(folder: str) -> dict:
    return json.loads((WMT / folder / "expected.json").read_text(encoding="utf-8"))


def matrix(scores: dict, like: dict | None = None) -> np.ndarray:
    """(system, segment) -> score as segments x systems, laid out as `like`, nan where missing."""
    systems, segments = (sorted(set(names)) for names in zip(*(like or scores), strict=True))
    return np.array([[scores.get((k, s), np.nan) for k in systems] for s in segments])


def check_segment_level(human: dict, scores: list[dict[str, str]], wanted: dict) -> None:
    """`human`: (system, segment) -> score, for the rated outputs."""
    kept = [row for row in scores if (row["system"], row["seg_id"]) in human]
    x = [human[row["system"], row["seg_id"]] for row in kept]
    items, systems = [row["seg_id"] for row in kept], [row["system"] for row in kept]
    for metric, numbers in wanted.items():
        sign = -1 if metric == "ter" else 1
        y = [sign * float(row[metric]) for row in kept]
        for statistic in ("pearson", "spearman", "kendall_b"):
            tolerance = 1e-6 if statistic == "pearson" else RANK_TOLERANCE.get(metric, 1e-6)
            for grouping, short in GROUPINGS.items():
                found = grouped_correlation(
                    x, y, items, systems, statistic=statistic, grouping=grouping
                )
                value = numbers["segment"][f"{statistic}_{short}"]
                assert found.value == pytest.approx(value, abs=tolerance), (metric, statistic)
                assert found.n == numbers["segment"]["n_rated"]
                if f"{statistic}_item_n_groups_used" in numbers["segment"] and grouping == "item":
                    n_groups = numbers["segment"][f"{statistic}_item_n_groups_used"]
                    assert found.n_groups == n_groups


def check_system_level(means: dict[str, float], corpus: dict, wanted: dict) -> None:
    columns = {"sentbleu": "bleu_13a", "chrf": "chrf", "chrfpp": "chrfpp", "ter": "ter"}
    names = sorted(corpus)
    for metric, column in columns.items():
        sign = -1 if metric == "ter" else 1
        x, y = [means[n] for n in names], [sign * corpus[n][column] for n in names]
        numbers = wanted[metric]["system_corpus_score"]
        for statistic in ("pearson", "spearman", "kendall_b"):
            found = system_correlation(x, y, statistic=statistic)
            assert found.value == pytest.approx(numbers[statistic], abs=1e-6), metric
        share, agreeing, pairs = pairwise_accuracy(x, y)
        assert share == pytest.approx(numbers["pairwise_accuracy"], abs=1e-6)
        assert (agreeing, pairs) == (numbers["agreeing_pairs"], numbers["pairs"])


@pytest.fixture(scope="module")
def ratings():
    return rows("florestest2021_bnhi_da/ratings.csv.gz")


@pytest.fixture(scope="module")
def z(ratings):
    scores = [float(row["score"]) for row in ratings]
    return rater_z_scores(scores, [row["rater"] for row in ratings])


@pytest.fixture(scope="module")
def by_system(ratings, z):
    scores = defaultdict(list)
    for row, value in zip(ratings, z.z, strict=True):
        scores[row["system"]].append(value)
    return dict(scores)


class TestDirectAssessment:
    folder = "florestest2021_bnhi_da"

    def test_raters_use_the_scale_as_published(self, z):
        wanted = expected(self.folder)["da"]["rater_mean_sd_n"]
        for rater in z.raters:
            assert (rater.mean, rater.sd, rater.n) == pytest.approx(wanted[rater.rater], abs=1e-6)

    def test_systems_rank_as_published(self, ratings, z):
        wanted = expected(self.folder)["da"]
        systems = [row["system"] for row in ratings]
        adjusted = system_means(z.z, systems)
        raw = system_means([float(row["score"]) for row in ratings], systems)
        assert [m.system for m in adjusted] == wanted["ranking_by_z"]
        assert [m.system for m in raw] == wanted["ranking_by_raw"]
        for mean in adjusted:
            number = wanted["system"][mean.system]
            assert (mean.mean, mean.n) == (pytest.approx(number["z"], abs=1e-6), number["n"])

    def test_rank_sum_p_values_are_the_published_ones(self, by_system):
        for pair, p in expected(self.folder)["da"]["wilcoxon_rank_sum_one_sided_p"].items():
            better, worse = pair.split(">")
            found = rank_sum_test(by_system[better], by_system[worse])
            assert found.p == pytest.approx(p, rel=1e-6)

    def test_clusters_are_the_published_ones(self, by_system):
        assert clusters(by_system) == expected(self.folder)["da"]["published_clusters"]

    def test_segment_correlations(self, ratings, z):
        human = {(r["system"], r["seg_id"]): v for r, v in zip(ratings, z.z, strict=True)}
        scores = rows(f"{self.folder}/segment_metrics.z.csv.gz")
        check_segment_level(human, scores, expected(self.folder)["z"]["meta_evaluation"])

    def test_system_correlations(self, by_system):
        wanted = expected(self.folder)["z"]
        means = {name: float(np.mean(values)) for name, values in by_system.items()}
        check_system_level(means, wanted["corpus_scores"], wanted["meta_evaluation"])


@pytest.mark.parametrize("pair", ["ende", "zhen"])
class TestErrorAnnotations:
    folder = "ted2021_mqm"

    def human(self, pair: str) -> dict[tuple[str, str], float]:
        """Segment scores: minus the mean over raters of their weights, summed in file order."""
        sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for row in rows(f"{self.folder}/annotations.{pair}.csv.gz"):
            weight = self.weight(row["category"].lower(), row["severity"].lower())
            sums[row["system"], row["seg_id"]][row["rater"]] += weight
        return {k: -sum(v.values()) / len(v) for k, v in sums.items()}

    @staticmethod
    def weight(category: str, severity: str) -> float:
        if severity == "major":
            return 25 if category == "non-translation!" else 5
        if severity == "minor":
            return 0.1 if category == "fluency/punctuation" else 1
        return 0

    def test_segment_correlations(self, pair):
        wanted = expected(self.folder)["lp"][pair]["meta_evaluation"]
        scores = rows(f"{self.folder}/segment_metrics.{pair}.csv.gz")
        check_segment_level(self.human(pair), scores, wanted)

    def test_system_correlations(self, pair):
        wanted = expected(self.folder)["lp"][pair]
        scores = defaultdict(list)
        for (system, _segment), value in self.human(pair).items():
            scores[system].append(value)
        means = {system: float(np.mean(values)) for system, values in scores.items()}
        check_system_level(means, wanted["corpus_scores"], wanted["meta_evaluation"])

    def test_pairwise_statistics(self, pair):
        human, scores = self.human(pair), rows(f"{self.folder}/segment_metrics.{pair}.csv.gz")
        x = matrix(human)
        for metric, numbers in expected(self.folder)["lp"][pair]["meta_evaluation"].items():
            sign = -1 if metric == "ter" else 1
            y = matrix({(r["system"], r["seg_id"]): sign * float(r[metric]) for r in scores}, human)
            wanted = numbers["segment"]
            tolerance = RANK_TOLERANCE.get(metric, 1e-6)
            assert kendall_c(x.ravel(), y.ravel()) == pytest.approx(
                wanted["kendall_c_none"], abs=tolerance
            )
            uncalibrated = acc_eq(x, y, epsilon=0)
            assert uncalibrated.value == pytest.approx(wanted["acc23_item_epsilon0"], abs=tolerance)
            assert uncalibrated.tau_23 == pytest.approx(
                wanted["tau23_item_epsilon0"], abs=2 * tolerance
            )
            for grouping, short in (("item", "item"), ("system", "sys")):
                found = acc_eq(x, y, grouping=grouping).value
                assert found == pytest.approx(wanted[f"acc_eq_{short}"], abs=tolerance), metric

    def test_soft_pairwise_accuracy(self, pair):
        human, scores = self.human(pair), rows(f"{self.folder}/segment_metrics.{pair}.csv.gz")
        scored = {row["system"] for row in scores}
        human = {key: value for key, value in human.items() if key[0] in scored}
        for metric, numbers in expected(self.folder)["lp"][pair]["meta_evaluation"].items():
            sign = -1 if metric == "ter" else 1
            y = matrix({(r["system"], r["seg_id"]): sign * float(r[metric]) for r in scores}, human)
            found = soft_pairwise_accuracy(matrix(human), y, rng=np.random.default_rng(4))
            assert found.value == pytest.approx(numbers["spa_precise"], abs=0.01)

    def test_one_metric_against_another(self, pair):
        human, scores = self.human(pair), rows(f"{self.folder}/segment_metrics.{pair}.csv.gz")
        bleu, chrf = (
            matrix({(r["system"], r["seg_id"]): float(r[name]) for r in scores}, human)
            for name in ("sentbleu", "chrf")
        )
        wanted = expected(self.folder)["lp"][pair]["significance_metric_vs_metric"][
            "sentbleu->chrf"
        ]
        rng = np.random.default_rng(1)
        for name, numbers in wanted.items():
            statistic, grouping = name.removesuffix("_pairs").rsplit("_", 1)
            found = perm_both(
                matrix(human), chrf, bleu, statistic=statistic, grouping=grouping, rng=rng
            )
            assert found.delta == pytest.approx(numbers["delta"], abs=RANK_TOLERANCE["sentbleu"])
            assert found.p == pytest.approx(
                numbers["p_metric2_better"], abs=4 * numbers["mc_standard_error"] + 2e-3
            )
