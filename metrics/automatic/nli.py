"""Entailment by a natural-language-inference checkpoint, as a measure of faithfulness.

Any sequence-classification checkpoint in the transformers format serves, from a folder or the
hub. Its judgement is a model's opinion: compare it with people in your language before use.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from common.errors import BadInput, MissingLibrary, NotFound
from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, MeanMetric, Pair, choose
from metrics.automatic.weights import weights_hash

DIRECTIONS = ("reference_to_output", "output_to_reference", "source_to_output")
ENVIRONMENT = "NIKASH_NLI_CHECKPOINT"


class Judge(NamedTuple):
    """A loaded checkpoint."""

    tokenizer: Any
    model: Any
    weights: str  # first 12 digits of the SHA-256 of all parameters
    max_length: int  # in tokens, as far as the checkpoint can read


@METRICS.register("nli")
class NLI(MeanMetric):
    """Probability that the output is entailed, 0-1, higher is better; best reference.

    Rows: probability, 1. Corpus score: mean over segments. The direction says which text is
    premise and which is hypothesis; `source_to_output` needs no reference (summaries).

    Parameters
    ----------
    checkpoint : folder or hub id; the environment's NIKASH_NLI_CHECKPOINT when empty
    revision : commit or tag of a hub id
    entailment_label : the label to read, when the checkpoint does not call it "entailment"
    max_length : in tokens; of a longer pair the longer text is cut
    """

    name = "nli"
    label = "NLI entailment"
    unit = "probability, 0-1"
    best = None
    effort = 200
    exempt = frozenset({"half", "order", "unseen_words"})  # a text entails its parts

    def __init__(
        self,
        *,
        checkpoint: str = "",
        revision: str = "",
        direction: str = "reference_to_output",
        entailment_label: str = "",
        max_length: int = 512,
        batch_size: int = 16,
        normalize: str = "none",
    ) -> None:
        super().__init__(normalize=normalize)
        self.checkpoint = checkpoint or os.environ.get(ENVIRONMENT, "")
        self.revision = revision
        self.direction = choose(direction, DIRECTIONS, option="direction", metric=self.label)
        self.needs_reference = direction != "source_to_output"
        self.entailment_label = entailment_label
        self.max_length = max_length
        self.batch_size = batch_size

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        owners, texts = self._questions(pairs)
        rows = np.column_stack([np.zeros(len(pairs)), np.ones(len(pairs))])
        np.maximum.at(rows[:, 0], owners, self._probabilities(texts))
        return rows

    def _questions(self, pairs: Sequence[Pair]) -> tuple[list[int], list[tuple[str, str]]]:
        """Whose question it is, and its (premise, hypothesis)."""
        owners: list[int] = []
        texts: list[tuple[str, str]] = []
        for i, pair in enumerate(pairs):
            others = pair.references if self.needs_reference else [pair.source]
            for other in others:
                sides = (self.clean(other), self.clean(pair.hypothesis))
                texts.append(sides[::-1] if self.direction == "output_to_reference" else sides)
                owners.append(i)
        return owners, texts

    def _probabilities(self, texts: Sequence[tuple[str, str]]) -> FloatArray:
        """(n,) entailment probabilities; texts of like length share a batch."""
        if not texts:
            return np.empty(0)
        import torch

        judge = self._judge()
        entailed = self._entailment_index(judge)
        order = sorted(range(len(texts)), key=lambda i: -sum(map(len, texts[i])))
        result = np.empty(len(texts))
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            batch = judge.tokenizer(
                [texts[i][0] for i in chosen],
                [texts[i][1] for i in chosen],
                padding=True,
                truncation="longest_first",
                max_length=min(self.max_length, judge.max_length),
                return_tensors="pt",
            ).to(judge.model.device)
            with torch.inference_mode():
                logits = judge.model(**batch).logits.float()
            result[chosen] = logits.softmax(dim=-1)[:, entailed].cpu().numpy()
        return result

    def ready(self) -> None:
        if not self.checkpoint:
            raise BadInput(
                "NLI entailment has no checkpoint; give the metric a `checkpoint` option or set "
                f"{ENVIRONMENT} to a folder or hub id of an NLI model"
            )

    def _judge(self) -> Judge:
        self.ready()
        return load_judge(self.checkpoint, self.revision)

    def _entailment_index(self, judge: Judge) -> int:
        names = {int(i): str(name) for i, name in judge.model.config.id2label.items()}
        wanted = self.entailment_label.casefold()
        for i, name in names.items():
            folded = name.casefold()
            if folded == wanted if wanted else folded.startswith("entail"):
                return i
        raise BadInput(
            f"the checkpoint {self.checkpoint} has the labels {', '.join(names.values())}; none "
            f"is {self.entailment_label or 'entailment'!r}: use an NLI checkpoint, or name the "
            "right label with the option `entailment_label`"
        )

    def signature(self) -> str:
        import transformers

        judge = self._judge()
        commit = getattr(judge.model.config, "_commit_hash", None) or self.revision
        return self.signed(
            agg="mean",
            ckpt=Path(self.checkpoint).name if Path(self.checkpoint).is_dir() else self.checkpoint,
            rev=commit or "local",
            weights=judge.weights,
            label=judge.model.config.id2label[self._entailment_index(judge)],
            dir=self.direction,
            maxlen=min(self.max_length, judge.max_length),
            lib=f"transformers.{transformers.__version__}",
        )


@lru_cache(maxsize=1)
def load_judge(checkpoint: str, revision: str) -> Judge:
    """Load a checkpoint once per process, on the accelerator if there is one."""
    try:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer
    except ImportError as error:
        raise MissingLibrary(
            "NLI entailment needs torch and transformers; install them with: "
            "pip install 'nikash[ml]'"
        ) from error
    options: dict[str, Any] = {"trust_remote_code": False}
    if revision:
        options["revision"] = revision
    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, **options)
        model = AutoModelForSequenceClassification.from_pretrained(
            checkpoint, use_safetensors=True, **options
        )
    except (OSError, ValueError) as error:
        raise NotFound(
            f"no sequence-classification checkpoint could be loaded from {checkpoint!r} "
            f"({str(error).splitlines()[0]}); write a folder with config.json, weights and "
            "tokenizer, or a hub id this machine can reach"
        ) from error
    model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
    positions = getattr(model.config, "max_position_embeddings", None) or 512
    limit = min(int(tokenizer.model_max_length), int(positions))
    return Judge(tokenizer, model, weights_hash(model), limit)
