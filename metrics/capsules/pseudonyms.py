"""What a capsule says of people: codes, and the profile of those who consent; no name, no address.

Codes that tell nothing stay. Where one is an e-mail address or an account's name, all of the
campaign's codes are numbered anew in their own order, so that no table changes its order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from annotation.authorship import written_by
from annotation.formats.nikash import Record
from annotation.interchange.judged import codes_of
from annotation.models import Annotator, Campaign
from annotation.participation import PROFILE
from common.errors import BadInput

EMPTY = {name: Annotator._meta.get_field(name).get_default() for name in PROFILE}
NAMING = ("annotator", "rater")  # parts of the names of a report's columns that hold codes


class Pseudonyms:
    """The codes and authors of one campaign, and what stands for them in its capsule."""

    def __init__(self, campaign: Campaign) -> None:
        codes = codes_of(campaign)
        people = Annotator.objects.filter(pk__in=codes)
        stored = Counter(people.values_list("code", flat=True))
        if twice := sorted(code for code, n in stored.items() if n > 1):
            raise BadInput(
                f"two annotators of {campaign} have the code {twice[0]!r}, which a report cannot "
                "tell apart; load the ratings again with codes of their own"
            )
        self.codes = _numbered("A", stored) if _tells_who(stored) else {}
        self._withheld = set(people.without_profile().values_list("code", flat=True))
        authors = campaign.dataset.segments.filter(extra__has_key="author")
        found = authors.values_list("extra__author", flat=True)
        self._authors = _numbered("author ", {name for one in found for name in written_by(one)})

    def records(self, records: Iterable[Record]) -> Iterable[Record]:
        """The lines of a campaign's file, without what tells who somebody is."""
        return map(self._record, records)

    def report(self, value: Any, column: str = "") -> Any:
        """A report with the capsule's codes."""
        if isinstance(value, Mapping):
            return {name: self.report(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.report(inner, column) for inner in value]
        if isinstance(value, str) and any(part in column for part in NAMING):
            return self.codes.get(value, value)
        return value

    def _record(self, record: Record) -> Record:
        kind = record["record"]
        if kind == "annotator":
            return self._annotator(record)
        if kind == "segment" and "author" in record["extra"]:
            names = [self._authors[name] for name in sorted(written_by(record["extra"]["author"]))]
            return record | {"extra": record["extra"] | {"author": names}}
        if "annotator" not in record:
            return record
        code = record["annotator"]
        hidden: Record = {"annotator": self.codes.get(code, code)}
        if kind == "participation" and code in self._withheld:
            hidden["profile"] = {k: v for k, v in record["profile"].items() if k not in PROFILE}
        return record | hidden

    def _annotator(self, record: Record) -> Record:
        code = record["code"]
        profile = EMPTY if code in self._withheld else {}
        return record | {"code": self.codes.get(code, code), "author_name": ""} | profile


def _tells_who(codes: Iterable[str]) -> bool:
    accounts = get_user_model().objects
    if any("@" in code for code in codes):
        return True
    return accounts.filter(username__in=list(codes)).exists()


def _numbered(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Names to numbers of one width, in the order of the names."""
    ordered = sorted(names)
    width = len(str(len(ordered)))
    return {name: f"{prefix}{n:0{width}}" for n, name in enumerate(ordered, start=1)}
