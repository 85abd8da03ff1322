"""Automatic metrics: text in, numbers out; one file each, no Django.

`METRICS` knows every metric by name. The classes themselves are imported when first named:
`from metrics.automatic import METRICS, BLEU, ChrF`.
"""

import importlib
from typing import Any

from common.registry import Registry
from metrics.automatic.base import Metric, Pair


class Metrics(Registry[Metric]):
    """The registry, which also knows `imported_NAME`: scores that a file brought."""

    def get(self, name: str) -> type[Metric]:
        from metrics.automatic.imported import imported_kind, is_imported

        return imported_kind(name) if is_imported(name) else super().get(name)

    def __contains__(self, name: object) -> bool:
        from metrics.automatic.imported import is_imported

        return (isinstance(name, str) and is_imported(name)) or super().__contains__(name)


METRICS = Metrics("metric", __name__)

_HOMES = {
    "BLEU": "bleu",
    "BLEUChar": "bleu",
    "BLEUIntl": "bleu",
    "ChrF": "chrf",
    "ChrFPlusPlus": "chrf",
    "TER": "ter",
    "Rouge1": "rouge_n",
    "Rouge2": "rouge_n",
    "RougeL": "rouge_l",
    "TokenF1": "token_f1",
    "ExactMatch": "exact_match",
    "Accuracy": "classification",
    "ClassificationF1": "classification",
    "BinaryF1": "classification",
    "NLI": "nli",
    "Embedding": "embedding",
    "Comet": "learned",
    "MetricX": "learned",
    "LengthRatio": "length_ratio",
    "Empty": "unusable",
    "Loops": "unusable",
    "ScriptShare": "adherence",
    "LanguageShare": "adherence",
}

__all__ = ["METRICS", "Metric", "Pair", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
