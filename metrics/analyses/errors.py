"""The errors marked in a campaign, by system and segment: what MQM's tables are made of."""

from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from annotation.models import Campaign, ErrorSpan, Rating, RatingScore
from annotation.scoring import Error, WeightProfile, mqm_penalty
from common.text import words
from metrics.analyses.frame import AT_ONCE, FloatArray, Frame, counted
from models_app.models import Output

Spot = tuple[int, int]  # a segment's row and a system's column, as in the frame


@dataclass(frozen=True)
class Marked:
    """One entry for each output that a rating judged, without an error too."""

    spots: list[Spot]
    errors: list[tuple[Error, ...]]
    n_words: FloatArray  # (segments, systems) words of each output, 0 where there is none

    def penalties(self, profile: WeightProfile) -> FloatArray:
        """(segments, systems) mean over raters of the penalty, nan where not rated."""
        total, n = np.zeros(self.n_words.shape), np.zeros(self.n_words.shape)
        known = {errors: mqm_penalty(errors, profile) for errors in set(self.errors)}
        for spot, errors in zip(self.spots, self.errors, strict=True):
            total[spot] += known[errors]
            n[spot] += 1
        means = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
        return np.round(means, 10)


def load_errors(campaign: Campaign, frame: Frame, *, with_excluded: bool = False) -> Marked:
    """Three queries, whatever the size; with_excluded as the frame was loaded."""
    where = {int(pk): (int(i), int(j)) for (i, j), pk in np.ndenumerate(frame.outputs) if pk}
    ratings = counted(campaign, with_excluded=with_excluded)
    scores = RatingScore.objects.filter(
        rating__in=ratings, criterion=frame.protocol.main_criterion
    ).order_by("pk")
    errors = _errors(ratings)
    judged = scores.values_list("rating", "output").iterator(AT_ONCE)
    found = [(where[key[1]], errors.get(key, ())) for key in judged if key[1] in where]
    n_words = np.zeros(frame.outputs.shape)
    for pk, text in (
        Output.objects.filter(slots__item__campaign=campaign).distinct().values_list("pk", "text")
    ):
        if pk in where:
            n_words[where[pk]] = count_words(text)
    return Marked([spot for spot, _ in found], [said for _, said in found], n_words)


def _errors(ratings: QuerySet[Rating]) -> dict[tuple[int, int], tuple[Error, ...]]:
    """By rating and output; what many say alike is kept once."""
    errors: dict[tuple[int, int], tuple[Error, ...]] = {}
    alike: dict[tuple[Error, ...], tuple[Error, ...]] = {}
    spans = ErrorSpan.objects.filter(rating__in=ratings).order_by("pk")
    for *key, severity, category in spans.values_list(
        "rating", "output", "severity", "category"
    ).iterator(AT_ONCE):
        place = (key[0], key[1])
        said = (*errors.get(place, ()), Error(severity, category))
        errors[place] = alike.setdefault(said, said)
    return errors


def count_words(text: str) -> int:
    """What stands between blanks and holds a letter or a digit, in any script.

    >>> count_words("d'fhéach sé — २०२४ मध्ये ।")
    4
    """
    return sum(bool(words(part)) for part in text.split())
