"""Pure numbers: arrays in, plain values out, and no Django."""

from metrics.statistics.agreement import (
    alpha_interval,
    krippendorff_alpha,
    percent_agreement,
    percent_agreement_interval,
)
from metrics.statistics.blinding import (
    BlindingIndex,
    bang_blinding_index,
    james_blinding_index,
)
from metrics.statistics.bradley_terry import BradleyTerry, Coefficient, Strength, bradley_terry
from metrics.statistics.chance_corrected import fleiss_kappa, gwet_ac
from metrics.statistics.consistency import Drift, IntraRater, drift, intra_rater
from metrics.statistics.correlation import (
    correlation_interval,
    correlation_intervals,
    grouped_correlation,
    kendall_b,
    pearson,
    spearman,
)
from metrics.statistics.detection import Discrimination, Sensitivity, auc_detection, d_prime
from metrics.statistics.gap import (
    QUADRANTS,
    Reversals,
    quadrants,
    reversal_shares,
    standardised_gap,
)
from metrics.statistics.gap_model import CauseEffect, GapModel, gap_model
from metrics.statistics.heterogeneity import domain_test, domain_tests
from metrics.statistics.icc import icc
from metrics.statistics.intervals import (
    bootstrap_counts,
    mean_interval,
    mean_intervals,
    percentile_interval,
    proportion_interval,
)
from metrics.statistics.kappa import (
    PairKappa,
    cohen_kappa,
    kappa_from_table,
    kappa_interval,
    mean_pairwise_kappa,
    pairwise_kappas,
    rater_matrix,
)
from metrics.statistics.leave_one_out import WithoutRater, alpha_without_each
from metrics.statistics.mcnemar import mcnemar_exact
from metrics.statistics.metric_ranks import metric_clusters
from metrics.statistics.mixed import (
    Adjusted,
    Component,
    Contrast,
    MixedModel,
    mixed_contrasts,
    mixed_model,
)
from metrics.statistics.pair_accuracy import PairAccuracy, acc_eq_interval
from metrics.statistics.pair_agreement import CategoryBalance, PairAgreement, pair_agreement
from metrics.statistics.pairwise import TieCalibration, acc_eq, kendall_b_by_item, kendall_c
from metrics.statistics.perm_both import MetricComparison, perm_both
from metrics.statistics.power import (
    detectable_win_rate,
    fisher_interval,
    paired_sample_size,
    sign_test_power,
    sign_test_sample_size,
    win_rate_power,
    win_rate_sample_size,
)
from metrics.statistics.power_agreement import agreement_sample_size, agreement_spread
from metrics.statistics.power_correlation import (
    correlation_power,
    correlation_sample_size,
    dependent_correlations_power,
    simulated_correlation_power,
    williams_test,
)
from metrics.statistics.power_design import (
    Design,
    DesignPower,
    PairPower,
    design_power,
    draw_study,
)
from metrics.statistics.power_means import difference_sd, paired_t_power, paired_t_sample_size
from metrics.statistics.ranking import clusters, rater_z_scores, system_means
from metrics.statistics.rater_pairs import RaterPair, rater_pairs
from metrics.statistics.rater_share import RaterShare, rater_shares
from metrics.statistics.reliability import (
    CorrectedCorrelation,
    NoiseCeiling,
    corrected_correlation,
    corrected_correlations,
    noise_ceiling,
)
from metrics.statistics.sequential import (
    Look,
    Sequential,
    conditional_power,
    look_sizes,
    sequential_verdict,
)
from metrics.statistics.shapley import r2_shares
from metrics.statistics.significance import (
    effect_size,
    holm,
    paired_t_test,
    rank_sum_test,
    sign_flip_test,
    signed_rank_test,
    win_tie_loss,
)
from metrics.statistics.soft_pairwise import SoftPairwise, pairwise_p_values, soft_pairwise_accuracy
from metrics.statistics.span_agreement import (
    MarkedSpan,
    MatchedSpans,
    PresenceKappa,
    SpanF1,
    match_spans,
    matched_span_agreement,
    presence_kappas,
    span_f1,
)
from metrics.statistics.spending import obrien_fleming_bounds, spent_alpha
from metrics.statistics.split_half import split_half
from metrics.statistics.swaps import Swaps
from metrics.statistics.system_level import (
    pairwise_accuracy,
    system_correlation,
    system_correlation_interval,
)
from metrics.statistics.system_pairs import (
    SystemPairs,
    pairwise_accuracy_interval,
    soft_pairwise_interval,
)
from metrics.statistics.tau_c import kendall_c_interval
from metrics.statistics.types import (
    Agreement,
    Correlation,
    Interval,
    RaterScale,
    RaterZ,
    Significance,
    SystemMean,
    Verdict,
    WinTieLoss,
)
from metrics.statistics.unitizing import CategoryUnits, UnitizingAlpha, unitizing_alpha
from metrics.statistics.variance import VarianceComponents, variance_components
from metrics.statistics.verdicts import side, verdict

__all__ = [
    "QUADRANTS",
    "Adjusted",
    "Agreement",
    "BlindingIndex",
    "BradleyTerry",
    "CategoryBalance",
    "CategoryUnits",
    "CauseEffect",
    "Coefficient",
    "Component",
    "Contrast",
    "CorrectedCorrelation",
    "Correlation",
    "Design",
    "DesignPower",
    "Discrimination",
    "Drift",
    "GapModel",
    "Interval",
    "IntraRater",
    "Look",
    "MarkedSpan",
    "MatchedSpans",
    "MetricComparison",
    "MixedModel",
    "NoiseCeiling",
    "PairAccuracy",
    "PairAgreement",
    "PairKappa",
    "PairPower",
    "PresenceKappa",
    "RaterPair",
    "RaterScale",
    "RaterShare",
    "RaterZ",
    "Reversals",
    "Sensitivity",
    "Sequential",
    "Significance",
    "SoftPairwise",
    "SpanF1",
    "Strength",
    "Swaps",
    "SystemMean",
    "SystemPairs",
    "TieCalibration",
    "UnitizingAlpha",
    "VarianceComponents",
    "Verdict",
    "WinTieLoss",
    "WithoutRater",
    "acc_eq",
    "acc_eq_interval",
    "agreement_sample_size",
    "agreement_spread",
    "alpha_interval",
    "alpha_without_each",
    "auc_detection",
    "bang_blinding_index",
    "bootstrap_counts",
    "bradley_terry",
    "clusters",
    "cohen_kappa",
    "conditional_power",
    "corrected_correlation",
    "corrected_correlations",
    "correlation_interval",
    "correlation_intervals",
    "correlation_power",
    "correlation_sample_size",
    "d_prime",
    "dependent_correlations_power",
    "design_power",
    "detectable_win_rate",
    "difference_sd",
    "domain_test",
    "domain_tests",
    "draw_study",
    "drift",
    "effect_size",
    "fisher_interval",
    "fleiss_kappa",
    "gap_model",
    "grouped_correlation",
    "gwet_ac",
    "holm",
    "icc",
    "intra_rater",
    "james_blinding_index",
    "kappa_from_table",
    "kappa_interval",
    "kendall_b",
    "kendall_b_by_item",
    "kendall_c",
    "kendall_c_interval",
    "krippendorff_alpha",
    "look_sizes",
    "match_spans",
    "matched_span_agreement",
    "mcnemar_exact",
    "mean_interval",
    "mean_intervals",
    "mean_pairwise_kappa",
    "metric_clusters",
    "mixed_contrasts",
    "mixed_model",
    "noise_ceiling",
    "obrien_fleming_bounds",
    "pair_agreement",
    "paired_sample_size",
    "paired_t_power",
    "paired_t_sample_size",
    "paired_t_test",
    "pairwise_accuracy",
    "pairwise_accuracy_interval",
    "pairwise_kappas",
    "pairwise_p_values",
    "pearson",
    "percent_agreement",
    "percent_agreement_interval",
    "percentile_interval",
    "perm_both",
    "presence_kappas",
    "proportion_interval",
    "quadrants",
    "r2_shares",
    "rank_sum_test",
    "rater_matrix",
    "rater_pairs",
    "rater_shares",
    "rater_z_scores",
    "reversal_shares",
    "sequential_verdict",
    "side",
    "sign_flip_test",
    "sign_test_power",
    "sign_test_sample_size",
    "signed_rank_test",
    "simulated_correlation_power",
    "soft_pairwise_accuracy",
    "soft_pairwise_interval",
    "span_f1",
    "spearman",
    "spent_alpha",
    "split_half",
    "standardised_gap",
    "system_correlation",
    "system_correlation_interval",
    "system_means",
    "unitizing_alpha",
    "variance_components",
    "verdict",
    "williams_test",
    "win_rate_power",
    "win_rate_sample_size",
    "win_tie_loss",
]
