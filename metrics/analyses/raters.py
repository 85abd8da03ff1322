"""Who rated: origin, standing, and the profile that a published study may print."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from annotation.models import Annotator, Campaign, Participation, Rating, RatingScore
from annotation.participation import profile_of

ACTIVE, EXCLUDED = Participation.State.ACTIVE.value, Participation.State.EXCLUDED.value


class Rater(NamedTuple):
    """An annotator of a campaign; the profile is empty where it is withheld."""

    code: str
    origin: str
    languages: str = ""
    dialect: str = ""
    region: str = ""
    education: str = ""
    years: int | None = None
    relation: str = ""
    state: str = ACTIVE
    why: str = ""  # of a standing other than active
    withheld: bool = False  # they do not consent, or no longer


class LeftOut(NamedTuple):
    """An excluded rater and what results do not count: items, scores in the main criterion."""

    rater: Rater
    n_items: int
    n_ratings: int


def load_raters(campaign: Campaign, ratings: QuerySet[Rating]) -> dict[int, Rater]:
    """Everybody who gave one of these ratings, by key, in the order of codes. Two queries."""
    standings = {p.annotator_id: p for p in campaign.participations.all()}
    people = Annotator.objects.filter(pk__in=ratings.values("annotator")).order_by("code", "pk")
    return {person.pk: _rater(person, standings.get(person.pk)) for person in people}


def _rater(person: Annotator, standing: Participation | None) -> Rater:
    """With the profile as it was frozen; consent counts as it is now."""
    withheld = person.is_without_profile
    frozen = standing.profile if standing and standing.profile else profile_of(person)
    profile: Mapping[str, Any] = {} if withheld else frozen
    years = profile.get("experience_years")
    return Rater(
        code=person.code,
        origin=person.origin,
        languages=_text(profile.get("native_languages")),
        dialect=_text(profile.get("dialect")),
        region=_text(profile.get("region")),
        education=_text(profile.get("education")),
        years=years if isinstance(years, int) and not isinstance(years, bool) else None,
        relation=_text(profile.get("relation_to_authors")),
        state=standing.state if standing else ACTIVE,
        why=standing.reason if standing else "",
        withheld=withheld,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def load_left_out(
    raters: Mapping[int, Rater], ratings: QuerySet[Rating], criterion: str
) -> tuple[LeftOut, ...]:
    """What each of these raters gave, in the order given. One query where there is anybody."""
    if not raters:
        return ()
    scores = RatingScore.objects.filter(
        rating__in=ratings, rating__annotator__in=raters, criterion=criterion
    ).order_by()
    given = scores.values("rating__annotator").annotate(
        n_items=Count("rating__item", distinct=True), n_scores=Count("pk")
    )
    counts = {row["rating__annotator"]: (row["n_items"], row["n_scores"]) for row in given}
    return tuple(LeftOut(rater, *counts.get(pk, (0, 0))) for pk, rater in raters.items())
