"""Spans to numbers: MQM penalties under a weight profile. No ORM.

Published rules (Freitag et al. 2021): the most specific of severity/category/subcategory wins,
letter case does not matter, a non-translation overrides every other error of the segment.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from common.errors import BadInput
from common.problems import shown

NON_TRANSLATION = "non-translation"
SEVERITIES = ("neutral", "minor", "major", "critical")
LARGEST_WEIGHT = 1000


class WeightProfile(NamedTuple):
    """Penalties per error; keys are `severity`, `severity/category` or deeper, in lower case."""

    name: str
    weights: Mapping[str, float]

    def penalty(self, severity: str, category: str) -> float:
        """The penalty of one error; 0 for a severity the profile does not know.

        >>> GOOGLE.penalty("Minor", "Fluency/Punctuation"), GOOGLE.penalty("Major", "Style")
        (0.1, 5.0)
        """
        path = [severity.strip().lower(), *_parts(category)]
        while path:
            if (weight := self.weights.get("/".join(path))) is not None:
                return weight
            path.pop()
        return 0.0


GOOGLE = WeightProfile(
    "google",
    {
        "major": 5.0,
        "critical": 5.0,
        "minor": 1.0,
        "minor/fluency/punctuation": 0.1,
        "major/non-translation": 25.0,
        "minor/non-translation": 25.0,
        "critical/non-translation": 25.0,
        "neutral": 0.0,
    },
)
ADAPTMLLM = WeightProfile(
    "adaptmllm",
    {
        "major": 10.0,
        "critical": 10.0,
        "minor": 1.0,
        "major/non-translation": 25.0,
        "minor/non-translation": 25.0,
        "critical/non-translation": 25.0,
        "neutral": 0.0,
    },
)
ESA_WEIGHTS = WeightProfile("esa", {"minor": 1.0, "major": 5.0})
PROFILES = {profile.name: profile for profile in (GOOGLE, ADAPTMLLM)}


def profile_of(given: str | Mapping[str, Any]) -> WeightProfile:
    """A published profile by name, or one of one's own: {"name": ..., "weights": {...}}.

    Raises BadInput where the name is unknown or a weight is not a number from 0 to 1000.
    """
    if isinstance(given, str):
        if given not in PROFILES:
            raise BadInput(
                f"no weight profile {shown(given)}; known: {', '.join(sorted(PROFILES))}"
            )
        return PROFILES[given]
    weights = given.get("weights") if isinstance(given, Mapping) else None
    if not isinstance(weights, Mapping) or not weights:
        raise BadInput('a weight profile is {"name": ..., "weights": {"major": 5, ...}}')
    for path, weight in weights.items():
        is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not is_number or not 0 <= weight <= LARGEST_WEIGHT:
            raise BadInput(
                f"the weight of {shown(path)} is {shown(weight)}; "
                f"write a number from 0 to {LARGEST_WEIGHT}"
            )
    found = {"/".join(_parts(str(path))): float(weight) for path, weight in weights.items()}
    if len(found) < len(weights):
        raise BadInput("two weights are for the same errors; capitals make no difference")
    for path in found:
        if path.split("/")[0] not in SEVERITIES:
            raise BadInput(f"a weight is for {', '.join(SEVERITIES)}, not for {shown(path)}")
    return WeightProfile(str(given.get("name") or "custom"), found)


class Error(NamedTuple):
    severity: str
    category: str


def mqm_penalty(errors: Iterable[Error], profile: WeightProfile = GOOGLE) -> float:
    """Sum of penalties of one rater on one segment, 0 or more; lower is better.

    Rounded to 1e-9: a sum of tenths otherwise differs in the last bit with the order of errors.
    """
    penalties = []
    for error in errors:
        penalty = profile.penalty(error.severity, error.category)
        if NON_TRANSLATION in _parts(error.category):
            return penalty
        penalties.append(penalty)
    return round(sum(penalties), 9)


def mqm_sentence_score(penalty: float, n_words: int) -> float:
    """adaptMLLM's sentence score, 100 x (1 - penalty / words); higher is better, no lower bound.

    >>> mqm_sentence_score(11, 20)
    45.0
    """
    if n_words < 1:
        raise ValueError("a sentence score needs at least one word")
    return 100.0 * (n_words - penalty) / n_words


def _parts(category: str) -> list[str]:
    return [part.strip().rstrip("!").lower() for part in category.split("/") if part.strip()]
