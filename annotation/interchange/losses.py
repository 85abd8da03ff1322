"""What a format cannot hold, counted in a campaign's own data and told in sentences."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Q

from annotation.interchange.judged import Judged, judged, rater_keys
from annotation.models import Annotator, Campaign, Guess, Rating, RatingEvent, Remark, SecondThought
from annotation.mqm import NON_TRANSLATION
from annotation.protocols.sqm import CANNOT_JUDGE

Words = tuple[str, str]  # for one, for several

WORDS: dict[str, Words] = {
    "note": ("note of a rater", "notes of raters"),
    "flag": ("flag of a rater", "flags of raters"),
    "active": ("active time", "active times"),
    "time": ("time of an answer", "times of answers"),
    "guideline": ("guideline version of an answer", "guideline versions of answers"),
    "cannot_judge": ("answer “cannot judge”", "answers “cannot judge”"),
    "error_note": ("note on an error", "notes on errors"),
    "quoted": ("quoted text without a place", "quoted texts without a place"),
    "draft": ("unfinished answer", "unfinished answers"),
    "history": ("earlier answer of the log", "earlier answers of the log"),
    "profile": ("profile of a rater", "profiles of raters"),
    "control": (
        "answer on a control, training or qualification item",
        "answers on control, training and qualification items",
    ),
    "excluded": (
        "exclusion of a rater, whose ratings go along,",
        "exclusions of raters, whose ratings go along,",
    ),
    "withheld": (
        "rating of somebody who lets no answers leave the site",
        "ratings of people who let no answers leave the site",
    ),
    "guess": ("guess at the tuned model", "guesses at the tuned model"),
    "second": ("second thought after a discussion", "second thoughts after a discussion"),
    "remark": ("remark on an item", "remarks on items"),
    "same": (
        "link between outputs that read the same and were judged at once",
        "links between outputs that read the same and were judged at once",
    ),
}
"""Features of ratings that only some formats hold; `keeps` names them."""

PROFILE = (
    "native_languages",
    "dialect",
    "region",
    "education",
    "relation_to_authors",
)


class Counts(NamedTuple):
    """How often judgements have a feature, or lose something else."""

    features: Counter[str]
    others: Counter[Words]


class Losses:
    """What of a campaign is not in the format called `title`, counted while its files are written.

    lost : what else of one judgement, as (sentence for one, sentence for several) without number
    """

    def __init__(
        self,
        campaign: Campaign,
        title: str,
        keeps: Collection[str],
        lost: Callable[[Judged], Iterator[Words]] = lambda one: iter(()),
    ) -> None:
        self._campaign, self._title, self._keeps, self._lost = campaign, title, keeps, lost
        self._read: dict[int | None, Counts] = {}  # by annotator; None for all of them

    def counting(self, campaign: Campaign, annotator: int | None = None) -> Iterator[Judged]:
        """What `judged` reads, counted on its way."""
        counts = Counts(Counter(), Counter())
        for one in judged(campaign, annotator):
            for name in features(one):
                counts.features[name] += 1
            for words in self._lost(one):
                counts.others[words] += 1
            yield one
        self._read[annotator] = counts

    def told(self) -> list[str]:
        """A sentence for each; reads the ratings where no file was written of all of them."""
        counts: Counter[str] = Counter(_of_campaign(self._campaign))
        others: Counter[Words] = Counter()
        for found in self._all_read():
            counts.update(found.features)
            others.update(found.others)
        told = [
            f"{n} {WORDS[name][n > 1]} {'are' if n > 1 else 'is'} not in {self._title}"
            for name, n in counts.items()
            if n and name not in self._keeps
        ]
        return told + [f"{n} {words[n > 1]}" for words, n in others.items()]

    def _all_read(self) -> list[Counts]:
        if None not in self._read:
            raters = rater_keys(self._campaign).values()
            if set(raters) == set(self._read):
                return list(self._read.values())
            for _ in self.counting(self._campaign):
                pass
        return [self._read[None]]


def features(one: Judged) -> Iterator[str]:
    """Names of WORDS that this judgement has; those of the whole rating at its first output."""
    if one.slot == 0:
        rating = one.rating
        yield "time"
        if rating.note:
            yield "note"
        if rating.flagged:
            yield "flag"
        if rating.active_seconds is not None:
            yield "active"
        if rating.guideline:
            yield "guideline"
    else:
        yield "same"
    if one.score == CANNOT_JUDGE:
        yield "cannot_judge"
    for error in one.errors:
        if error["note"]:
            yield "error_note"
        if error["start"] is None and error["quoted"]:
            yield "quoted"


def is_whole(error: Mapping[str, object]) -> bool:
    """Whether an error is of the whole segment by its kind, not for want of a place."""
    return error["category"] == NON_TRANSLATION


def _of_campaign(campaign: Campaign) -> dict[str, int]:
    judged_items = campaign.items.judged()
    ratings = Rating.objects.filter(item__in=judged_items)
    others = Rating.objects.filter(item__campaign=campaign).exclude(item__in=judged_items)
    events = RatingEvent.objects.filter(item__in=judged_items).count()
    has_profile = Q(experience_years__isnull=False)
    for name in PROFILE:
        has_profile |= ~Q(**{name: ""})
    raters = Annotator.objects.filter(pk__in=ratings.values("annotator"))
    return {
        "draft": ratings.filter(is_complete=False).count(),
        "history": max(0, events - ratings.count()),
        "profile": raters.filter(has_profile).count(),
        "control": others.filter(is_complete=True).count(),
        "withheld": ratings.filter(annotator__withholds_answers=True).count(),
        "excluded": campaign.participations.excluded().count(),
        "guess": Guess.objects.filter(rating__item__campaign=campaign).count(),
        "second": SecondThought.objects.filter(rating__item__campaign=campaign).count(),
        "remark": Remark.objects.filter(item__campaign=campaign).count(),
    }
