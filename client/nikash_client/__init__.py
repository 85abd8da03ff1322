"""A typed client for Nikash's API; docs/api.md shows it at work.

>>> from nikash_client import Client
>>> with Client("https://nikash.example.org", token="nik_...") as nikash:  # doctest: +SKIP
...     for campaign in nikash.campaigns():
...         print(campaign.name, campaign.state)
"""

from nikash_client.client import Client
from nikash_client.errors import ApiError, JobFailed
from nikash_client.types import Campaign, Item, Job, Loaded, Next, Rating, Saved, Score, Shown, Span

__all__ = [
    "ApiError",
    "Campaign",
    "Client",
    "Item",
    "Job",
    "JobFailed",
    "Loaded",
    "Next",
    "Rating",
    "Saved",
    "Score",
    "Shown",
    "Span",
]
