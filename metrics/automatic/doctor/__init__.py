"""Is a metric fit for a language? Self-tests on the campaign's own texts, one file per check.

    for finding in examine(metric, texts, "mr"): ...

A check changes a text and looks at the score of the changed text against the text itself. What
a reader sees must cost something; what a reader cannot see must cost nothing.
"""

import copy
from collections.abc import Sequence

from common.languages import primary
from common.registry import Registry
from metrics.automatic.base import EVERY_CHECK, Metric
from metrics.automatic.crew import MODELS
from metrics.automatic.doctor.base import (
    DOES_NOT_APPLY,
    FAILED,
    PASSED,
    Check,
    Finding,
    Patient,
)

CHECKS: Registry[Check] = Registry("check", __name__)
MOST_TEXTS, MOST_WORDS = 20, 40
MODEL_TEXTS = 6  # fewer must do where a model reads them

__all__ = [
    "CHECKS",
    "DOES_NOT_APPLY",
    "FAILED",
    "MOST_TEXTS",
    "PASSED",
    "Check",
    "Finding",
    "Patient",
    "choose_texts",
    "examine",
]


def examine(metric: Metric, texts: Sequence[str], language: str) -> list[Finding]:
    """A finding of every check, in the order of their names; serious failures first.

    Parameters
    ----------
    metric : stays as it is; its copy is examined
    texts : in the language; say `choose_texts` of references and outputs
    language : BCP 47 tag
    """
    used = texts[:MODEL_TEXTS] if metric.effort >= MODELS else texts
    patient = Patient(copy.copy(metric), primary(language), _short(used))
    found = [_finding(kind(), patient) for _, kind in CHECKS.items()]
    return sorted(found, key=lambda finding: (finding.state != FAILED, not finding.serious))


def choose_texts(texts: Sequence[str], language: str, n: int = MOST_TEXTS) -> list[str]:
    """At most `n` different texts: two that each check can use, the rest evenly spaced."""
    pool = list(dict.fromkeys(text for text in _short(texts) if text))
    chosen: dict[str, None] = {}
    for _, kind in CHECKS.items():
        check, fitting = kind(), 0
        for text in pool:
            if fitting == 2 or len(chosen) >= n:
                break
            if check.fits(text, primary(language)):
                chosen[text] = None
                fitting += 1
    step = max(1, len(pool) // n)
    for text in [*pool[::step], *pool]:
        if len(chosen) >= n:
            break
        chosen[text] = None
    return list(chosen)


def _finding(check: Check, patient: Patient) -> Finding:
    if patient.metric.exempt & {check.name, *EVERY_CHECK}:
        label = patient.metric.label
        return check.does_not_apply(f"{label} does not promise this: see what it measures")
    return check.examine(patient)


def _short(texts: Sequence[str]) -> list[str]:
    return [" ".join(text.split(" ")[:MOST_WORDS]).strip() for text in texts]
