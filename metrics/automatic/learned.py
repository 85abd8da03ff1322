"""Learned metrics by somebody else's scorer: COMET (Rei et al., 2020), MetricX (Juraska et al.,
2023). Nothing of them is installed or downloaded here; a scorer that the machine has is run.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from common.errors import BadInput
from metrics.automatic import METRICS
from metrics.automatic.base import FloatArray, MeanMetric, Pair
from metrics.automatic.scorers import Question, ask_comet, ask_command, comet_identity


class Learned(MeanMetric):
    """A trained scorer's mean opinion; with several references the best counts. Rows: value, 1.

    Parameters
    ----------
    command : a program that reads one JSON object per line (source, hypothesis, reference) and
        prints one number, or an object with `score` or `prediction`, per line. With {input} and
        {output} in it, it is given the names of two files instead.
    reference_free : the scorer reads source and output only
    """

    best: ClassVar[float | None] = None
    effort = 1000
    command_variable: ClassVar[str]

    def __init__(
        self, *, command: str = "", reference_free: bool = False, normalize: str = "none"
    ) -> None:
        super().__init__(normalize=normalize)
        self.command = command or os.environ.get(self.command_variable, "")
        self.reference_free = reference_free
        self.needs_reference = not reference_free

    def statistics(self, pairs: Sequence[Pair]) -> FloatArray:
        self.check(pairs)
        owners: list[int] = []
        questions: list[Question] = []
        for i, pair in enumerate(pairs):
            for reference in [""] if self.reference_free else pair.references:
                texts = (pair.source, pair.hypothesis, reference)
                questions.append(Question(*map(self.clean, texts)))
                owners.append(i)
        sign = 1.0 if self.higher_is_better else -1.0
        best = np.full(len(pairs), -np.inf)
        if questions:
            np.maximum.at(best, owners, sign * np.array(self._answers(questions)))
        return np.column_stack([sign * best, np.ones(len(pairs))])

    def _answers(self, questions: Sequence[Question]) -> list[float]:
        self.ready()
        return ask_command(self.command, questions, self.label)

    def ready(self) -> None:
        if not self.command:
            raise BadInput(
                f"{self.label} is computed by a scorer of your own and none is known; give the "
                f"metric a `command` option or set {self.command_variable} to a command that "
                "reads JSON lines and prints numbers, or compute the scores elsewhere and load "
                "them with load_scores"
            )

    def signature(self) -> str:
        self.ready()
        return self.signed(agg="mean", refs="no" if self.reference_free else "yes", **self._by())

    def _by(self) -> dict[str, str]:
        return {"cmd": hashlib.sha256(self.command.encode()).hexdigest()[:12]}


@METRICS.register("comet")
class Comet(Learned):
    """COMET by the library unbabel-comet and a checkpoint on this machine, or by a command.

    About 0-1, higher is better.

    Parameters
    ----------
    checkpoint : file of the model, a .ckpt; the environment's NIKASH_COMET_CHECKPOINT when empty
    """

    name = "comet"
    label = "COMET"
    unit = "the model's own scale, about 0-1"
    minimum, maximum = -np.inf, np.inf
    command_variable = "NIKASH_COMET_COMMAND"

    def __init__(
        self,
        *,
        command: str = "",
        checkpoint: str = "",
        reference_free: bool = False,
        normalize: str = "none",
    ) -> None:
        super().__init__(command=command, reference_free=reference_free, normalize=normalize)
        self.checkpoint = checkpoint or os.environ.get("NIKASH_COMET_CHECKPOINT", "")

    def ready(self) -> None:
        if not self.checkpoint:
            super().ready()

    def _answers(self, questions: Sequence[Question]) -> list[float]:
        if self.command or not self.checkpoint:
            return super()._answers(questions)
        return ask_comet(self.checkpoint, questions)

    def _by(self) -> dict[str, str]:
        if self.command:
            return super()._by()
        return comet_identity(self.checkpoint)


@METRICS.register("metricx")
class MetricX(Learned):
    """MetricX by a command; 0-25 predicted MQM error, **lower is better**."""

    name = "metricx"
    label = "MetricX"
    unit = "predicted error, 0-25, lower is better"
    maximum = 25.0
    higher_is_better = False
    command_variable = "NIKASH_METRICX_COMMAND"
