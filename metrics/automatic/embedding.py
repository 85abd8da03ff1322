"""Embedding similarity: tokens matched by the nearness of their vectors (Zhang et al., 2020).

What BERTScore does, with any encoder; without its baseline rescaling and its weights by
frequency, so that its published numbers are others.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, MeanMetric, Pair, choose, ratio
from metrics.automatic.encoder import Encoder, embed, load_encoder

PARTS = ("precision", "recall", "f1")
ENVIRONMENT = "NIKASH_ENCODER_CHECKPOINT"


@METRICS.register("embedding")
class Embedding(MeanMetric):
    """Greedy matching of token vectors by cosine, at most 1, higher is better; best reference.

    Precision: mean over the output's tokens of the nearest token's cosine; recall: the same
    over the reference's tokens; F1: their harmonic mean, 0 where one of them is not positive.
    Rows: the three and 1. Corpus score: mean over segments of the chosen part. Two texts
    without tokens score 1, one 0.

    Parameters
    ----------
    checkpoint : folder of an encoder; the environment's NIKASH_ENCODER_CHECKPOINT when empty
    part : precision, recall or f1
    layer : hidden state, counted from the end when negative
    max_length : in tokens; longer texts are cut
    """

    name = "embedding"
    label = "Embedding similarity"
    unit = "cosine, at most 1"
    minimum = -1.0
    n_columns = 4
    effort = 200
    columns: ClassVar[tuple[str, ...]] = PARTS

    def __init__(
        self,
        *,
        checkpoint: str = "",
        part: str = "f1",
        layer: int = -1,
        max_length: int = 512,
        batch_size: int = 32,
        normalize: str = "none",
    ) -> None:
        super().__init__(normalize=normalize)
        self.checkpoint = checkpoint or os.environ.get(ENVIRONMENT, "")
        self.part = choose(part, PARTS, option="part", metric=self.label)
        self.layer, self.max_length, self.batch_size = layer, max_length, batch_size

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        texts = {self.clean(text) for pair in pairs for text in (pair.hypothesis, *pair.references)}
        vectors = self._vectors(sorted(texts))
        rows = [
            max(
                (
                    _match(vectors[self.clean(pair.hypothesis)], vectors[self.clean(reference)])
                    for reference in pair.references
                ),
                key=lambda row: row[PARTS.index(self.part)],
            )
            for pair in pairs
        ]
        return np.array(rows).reshape(len(pairs), self.n_columns)

    def score_sums(self, sums: FloatArray) -> FloatArray:
        return ratio(sums[:, PARTS.index(self.part)], sums[:, 3])

    def ready(self) -> None:
        if not self.checkpoint:
            raise BadInput(
                "embedding similarity has no encoder; give the metric a `checkpoint` option or "
                f"set {ENVIRONMENT} to a folder with an encoder's config, weights and tokenizer"
            )

    def _vectors(self, texts: Sequence[str]) -> dict[str, FloatArray]:
        if not texts:
            return {}
        found = embed(
            self._encoder(),
            texts,
            layer=self.layer,
            max_length=self.max_length,
            batch_size=self.batch_size,
        )
        return dict(zip(texts, found, strict=True))

    def _encoder(self) -> Encoder:
        self.ready()
        return load_encoder(self.checkpoint)

    def signature(self) -> str:
        import transformers

        encoder = self._encoder()
        return self.signed(
            agg="mean",
            part=self.part,
            ckpt=Path(self.checkpoint).name,
            weights=encoder.weights,
            layer=self.layer if self.layer >= 0 else encoder.n_layers + 1 + self.layer,
            maxlen=min(self.max_length, encoder.max_length),
            idf="no",
            baseline="no",
            lib=f"transformers.{transformers.__version__}",
        )


def _match(hypothesis: FloatArray, reference: FloatArray) -> tuple[float, float, float, float]:
    if not len(hypothesis) or not len(reference):
        equal = float(len(hypothesis) == len(reference))
        return equal, equal, equal, 1.0
    cosines = hypothesis @ reference.T
    precision, recall = float(cosines.max(axis=1).mean()), float(cosines.max(axis=0).mean())
    positive = precision > 0 and recall > 0
    f1 = 2 * precision * recall / (precision + recall) if positive else 0.0
    return precision, recall, f1, 1.0
