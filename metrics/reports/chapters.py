"""The chapters of a report's page: sections by their place, a few screens each."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from metrics.reports.sections import Section, in_order


class Chapter(NamedTuple):
    name: str
    title: Any
    first: int  # smallest place of its sections


CHAPTERS = (
    Chapter("findings", _("Findings"), 0),
    Chapter("systems", _("Systems"), 20),
    Chapter("people", _("People"), 40),
    Chapter("metrics", _("Metrics beside people"), 50),
    Chapter("disagreement", _("Disagreement"), 80),
)


def chapter_of(section: Section) -> Chapter:
    return [chapter for chapter in CHAPTERS if chapter.first <= section.place][-1]


def chapters_in(payload: Mapping[str, Any]) -> list[Chapter]:
    """The chapters of which a report has at least one table."""
    found = {
        chapter_of(section)
        for section in in_order()
        if any(name in payload for name in (*section.always, *section.sometimes))
    }
    return [chapter for chapter in CHAPTERS if chapter in found]
