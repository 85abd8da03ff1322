"""A text compared with itself has the metric's best score."""

import numpy as np

from metrics.automatic.doctor import CHECKS
from metrics.automatic.doctor.base import Check, Finding, Patient


@CHECKS.register("identity")
class Identity(Check):
    """Famous failure: ROUGE whose words are a-z and 0-9 gives a Marathi sentence 0."""

    name = "identity"
    label = "a text is best beside itself"

    def examine(self, patient: Patient) -> Finding:
        best = patient.metric.best
        if best is None:
            return self.does_not_apply("the score of a text beside itself is a model's opinion")
        if not patient.texts:
            return self.does_not_apply("there are no texts")
        own = patient.own(patient.texts)
        short = int(np.sum(~(np.abs(own - best) <= 1e-6 * max(1.0, abs(best)))))
        numbers = {"texts": float(len(own)), "itself": float(np.mean(own)), "best": best}
        if not short:
            return self.passed(**numbers)
        return self.failed(
            f"{short} of {len(own)} texts are not best beside themselves: "
            "the tokenizer drops letters of this script",
            "take a metric or a tokenizer that knows the script: chrf, bleu_intl, "
            "or rougeL with tokens=unicode",
            **numbers,
        )
