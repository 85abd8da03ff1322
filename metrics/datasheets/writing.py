"""A datasheet as Markdown and as a page of HTML."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from annotation.models import Campaign
from metrics.datasheets.facts import gather_facts
from metrics.datasheets.questions import Part, datasheet, n_open
from metrics.reports.html import styles

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
_STARTS = re.compile(r"^([^\S\n]*)([-+]|\d+[.)])", re.MULTILINE)


def datasheet_context(campaign: Campaign, report: Mapping[str, Any]) -> dict[str, Any]:
    """What the templates of a datasheet show."""
    parts = datasheet(gather_facts(campaign, report))
    return {"report": report, "datasheet": parts, "n_open": n_open(parts)}


def datasheet_files(campaign: Campaign, report: Mapping[str, Any]) -> dict[str, str]:
    """datasheet.md and datasheet.html, which loads nothing."""
    context = datasheet_context(campaign, report)
    page = render_to_string("metrics/datasheet_file.html", context | {"styles": styles()})
    return {"datasheet.md": _markdown(report, context["datasheet"]), "datasheet.html": page}


def _markdown(report: Mapping[str, Any], parts: Sequence[Part]) -> str:
    title = _("Datasheet of %(campaign)s") % {"campaign": report["campaign"]}
    lines = [f"# {_plain(title)}", ""]
    for number, part in enumerate(parts, start=1):
        lines += [f"## {number}. {part.title}", ""]
        for place, question in enumerate(part.questions, start=1):
            lines += [f"**{number}.{place} {question.text}**", ""]
            lines += [f"- {_plain(answer)}" for answer in question.answers]
            lines += [] if question.answers else [f"*{_('not recorded')}*"]
            lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text that Markdown prints as it is, on one line."""
    return _STARTS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", " ".join(text.split())))
