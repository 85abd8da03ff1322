from annotation.models.campaign import Campaign, Guideline
from annotation.models.item import Assignment, Item, ItemOutput
from annotation.models.people import Annotator, Membership
from annotation.models.rating import ErrorSpan, Rating, RatingEvent, RatingScore

__all__ = [
    "Annotator",
    "Assignment",
    "Campaign",
    "ErrorSpan",
    "Guideline",
    "Item",
    "ItemOutput",
    "Membership",
    "Rating",
    "RatingEvent",
    "RatingScore",
]
