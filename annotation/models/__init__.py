from annotation.models.campaign import Campaign, Guideline
from annotation.models.discussion import Guess, Remark, SecondThought
from annotation.models.item import Assignment, Item, ItemOutput
from annotation.models.participation import Invitation, Participation
from annotation.models.people import Annotator, Due, Membership, Place
from annotation.models.privacy import Erasure, ErasureRequest
from annotation.models.rating import ErrorSpan, Rating, RatingEvent, RatingScore
from annotation.models.summary import Summary

__all__ = [
    "Annotator",
    "Assignment",
    "Campaign",
    "Due",
    "Erasure",
    "ErasureRequest",
    "ErrorSpan",
    "Guess",
    "Guideline",
    "Invitation",
    "Item",
    "ItemOutput",
    "Membership",
    "Participation",
    "Place",
    "Rating",
    "RatingEvent",
    "RatingScore",
    "Remark",
    "SecondThought",
    "Summary",
]
