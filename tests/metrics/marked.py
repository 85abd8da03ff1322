"""A small MQM campaign whose every penalty can be worked out by hand."""

from collections.abc import Mapping, Sequence

from annotation.models import Annotator, Campaign, ErrorSpan, Rating, RatingScore
from annotation.planning import make_items
from models_app.models import Output
from tests import people

Errors = Sequence[tuple[str, str]]  # severity and category
MAJOR, MINOR = ("major", "Accuracy/Mistranslation"), ("minor", "Style/Awkward")


def mqm_campaign(name: str = "mqm", n_segments: int = 2, **options: object) -> Campaign:
    """Outputs of 3 words by the base, of 6 by the other."""
    campaign = people.small_campaign(name, "mqm", n_segments=n_segments, options=options)
    make_items(campaign)
    return campaign


def rate(
    campaign: Campaign, marked: Mapping[tuple[str, int], Errors], code: str = "r1"
) -> list[Rating]:
    """A rater's errors, by system ("base" or "lora") and the segment's number."""
    annotator, _ = Annotator.objects.get_or_create(code=code)
    return [
        _rating(campaign, annotator, system, number, errors)
        for (system, number), errors in marked.items()
    ]


def _rating(
    campaign: Campaign, annotator: Annotator, system: str, number: int, errors: Errors
) -> Rating:
    output = Output.objects.get(
        system__name=f"secret-{system} of {campaign.name}", segment__key=f"s{number}"
    )
    rating = Rating.objects.create(
        item=campaign.items.get(outputs=output), annotator=annotator, is_complete=True
    )
    RatingScore.objects.create(rating=rating, output=output, criterion="penalty", value=0)
    ErrorSpan.objects.bulk_create(
        ErrorSpan(rating=rating, output=output, severity=severity, category=category)
        for severity, category in errors
    )
    return rating
