"""A report as templates show it, from report.json alone: its head, its sections, its recipe."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from metrics.reports.chapters import chapter_of
from metrics.reports.linked import linked_words
from metrics.reports.sections import Link, in_order
from metrics.reports.words import DASH, headline, interval, joined, number

Payload = Mapping[str, Any]


def report_context(payload: Payload, link: Link | None = None, chapter: str = "") -> dict[str, Any]:
    """What the page and the file both show; `link` leads to a segment's page.

    chapter : only its sections; empty for all of them
    """
    parts = [
        {
            "name": section.name,
            "title": section.title,
            "template": f"metrics/sections/{section.name}.html",
            "shown": shown,
        }
        for section in in_order()
        if chapter in ("", chapter_of(section).name)
        if all(name in payload for name in section.always)  # an older release may have had fewer
        if (shown := section.shown(payload, link)) is not None
    ]
    return {
        "report": payload,
        "headline": headline(payload),
        "alpha": _main_alpha(payload),
        "parts": parts,
        "linked": linked_words(payload),
        "recipe": recipe(payload),
    }


def _main_alpha(payload: Payload) -> dict[str, Any]:
    """Agreement in the main criterion, for the head of the report."""
    main = payload["protocol_details"]["main_criterion"]
    for row in payload["agreement"]:
        if row["criterion"] == main and row["statistic"] == "krippendorff_alpha":
            known = row["low"] is not None
            return {
                "value": number(row["value"], 2),
                "interval": interval(row["low"], row["high"], 2) if known else "",
                "note": row["reason"] or row["level"],
            }
    return {"value": DASH, "interval": "", "note": ""}


def recipe(payload: Payload) -> str:
    """The line at a report's foot: what made its numbers."""
    made = payload["generated_with"]
    settings = made["settings"]
    versions = joined([f"{name} {value}" for name, value in made["versions"].items()])
    return _(
        "Nikash %(nikash)s; %(versions)s; seed %(seed)s, %(resamples)s resamples, %(permutations)s "
        "permutations, %(coverage)s%% intervals; data %(data)s."
    ) % {
        "nikash": made["nikash"],
        "versions": versions,
        "seed": settings["seed"],
        "resamples": settings["resamples"],
        "permutations": settings["permutations"],
        "coverage": round(100 * settings["coverage"]),
        "data": made["data"][:12],
    }
