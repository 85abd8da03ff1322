"""Kappa of labels that come in texts, with an interval that draws whole texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.statistics.intervals import CELLS_AT_ONCE, bootstrap_chunks, percentile_interval
from metrics.statistics.kappa import Weights, disagreement_weights, kappa_of_counts, label_codes
from metrics.statistics.types import NAN, Interval


def kappa_of_texts(
    pairs: Sequence[tuple[str, str]],
    texts: Sequence[int],
    n_texts: int,
    *,
    labels: Sequence[str] | None = None,
    weights: Weights = None,
    rng: np.random.Generator,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> Interval:
    """Cohen's kappa of two people's labels, with a percentile interval that draws whole texts.

    Parameters
    ----------
    pairs : what each of the two said of the same thing
    texts : the text, 0 to n_texts - 1, that each pair stands in; a text may have none
    labels, weights : as in `cohen_kappa`

    Returns
    -------
    nan without a pair or where only one label was used; no bounds from a single text, or where
    kappa is not defined in half of the samples.

    Source: Cohen (1960, 1968); texts as clusters, Davison and Hinkley (1997), sec. 3.8.
    """
    if not pairs:
        return Interval(NAN, NAN, NAN)
    codes, n_labels = label_codes(np.array(pairs, dtype=object).T, labels)
    penalty = disagreement_weights(n_labels, weights)
    ones = np.ones((1, len(pairs)))
    value = float(kappa_of_counts(codes[0], codes[1], penalty, ones)[0])
    if np.isnan(value) or n_texts < 2:
        return Interval(value, NAN, NAN)
    place = np.asarray(texts, dtype=np.int64)
    cells = max(n_texts, CELLS_AT_ONCE * n_texts // max(n_texts, len(pairs)))
    draws = [
        kappa_of_counts(codes[0], codes[1], penalty, counts[:, place])
        for counts in bootstrap_chunks(n_texts, resamples, rng, cells)
    ]
    return percentile_interval(value, np.concatenate(draws), coverage)
