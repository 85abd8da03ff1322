from annotation.models.campaign import Campaign, Guideline
from annotation.models.item import Assignment, Item, ItemOutput
from annotation.models.people import Annotator, Membership, Place
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
    "Place",
    "Rating",
    "RatingEvent",
    "RatingScore",
]
