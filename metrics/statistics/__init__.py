"""Pure numbers: arrays in, plain values out, and no Django."""

from metrics.statistics.agreement import (
    alpha_interval,
    krippendorff_alpha,
    percent_agreement,
)
from metrics.statistics.intervals import (
    bootstrap_counts,
    mean_interval,
    mean_intervals,
    percentile_interval,
    proportion_interval,
)
from metrics.statistics.kappa import (
    cohen_kappa,
    kappa_from_table,
    mean_pairwise_kappa,
    pairwise_kappas,
    rater_matrix,
)
from metrics.statistics.ranking import clusters, rater_z_scores, system_means
from metrics.statistics.significance import (
    effect_size,
    holm,
    paired_t_test,
    rank_sum_test,
    sign_flip_test,
    signed_rank_test,
    win_tie_loss,
)

__all__ = [
    "alpha_interval",
    "bootstrap_counts",
    "clusters",
    "cohen_kappa",
    "effect_size",
    "holm",
    "kappa_from_table",
    "krippendorff_alpha",
    "mean_interval",
    "mean_intervals",
    "mean_pairwise_kappa",
    "paired_t_test",
    "pairwise_kappas",
    "percent_agreement",
    "percentile_interval",
    "proportion_interval",
    "rank_sum_test",
    "rater_matrix",
    "rater_z_scores",
    "sign_flip_test",
    "signed_rank_test",
    "system_means",
    "win_tie_loss",
]
