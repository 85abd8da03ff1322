"""Metrics against people over all campaigns that one may read, by language."""

import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.audit import record
from annotation.access import campaign_reader_required
from annotation.models import Campaign
from common.language_registry import find_language
from common.tables import write_csv
from metrics.reports.words import DASH, estimate, interval, number

BY = {
    "all": lambda: _("All campaigns"),
    "languages": lambda: _("Language pair"),
    "family": lambda: _("Family of the target language"),
    "script": lambda: _("Script of the target language"),
    "resource_class": lambda: _("Resource class of the target language"),
}


@require_GET
@campaign_reader_required
def across(request: HttpRequest) -> HttpResponse:
    """A fixed number of queries, however many campaigns."""
    from metrics.analyses.across import across_rows, gather  # scipy, only when needed

    found = gather(Campaign.objects.visible_to(request.user))
    rows = across_rows(found.told)
    labels = {m["metric"]: m["label"] for one in found.told for m in one.metrics}
    context = {
        "parts": [
            {
                "title": words(),
                "verdicts": _verdicts(mine, labels),
                "reversals": _shares(mine, labels),
            }
            for by, words in BY.items()
            if (mine := [row for row in rows if row["by"] == by])
        ],
        "campaigns": [_linked(one.campaign) for one in found.told],
        "left_out": [
            (_("the report is older than the data"), [_linked(c) for c in found.stale]),
            (_("no report yet"), [_linked(c) for c in found.without]),
            (_("simulated ratings"), [_linked(c) for c in found.simulated]),
        ],
    }
    return render(request, "metrics/across.html", context)


@require_GET
@campaign_reader_required
def across_csv(request: HttpRequest) -> HttpResponse:
    """The same rows as CSV, an empty cell for what is not defined."""
    from metrics.analyses.across import FIELDS, across_rows, gather

    rows = across_rows(gather(Campaign.objects.visible_to(request.user)).told)
    record(None, "across.export")
    file = io.StringIO()
    write_csv(file, FIELDS, ([_cell(row[name]) for name in FIELDS] for row in rows))
    disposition = {"Content-Disposition": 'attachment; filename="across.csv"'}
    return HttpResponse(file.getvalue(), "text/csv; charset=utf-8", headers=disposition)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " | ".join(value)
    return "" if value != value else value


def _linked(campaign: Campaign) -> dict[str, str]:
    return {"name": campaign.name, "href": reverse("metrics:report", args=[campaign.pk])}


def _verdicts(rows: list[dict[str, Any]], labels: dict[str, str]) -> dict[str, Any]:
    columns = [
        _("Metric"),
        _("Group"),
        _("Campaigns"),
        _("Pairs of systems"),
        _("agree"),
        _("opposite"),
        _("only people"),
        _("only metric"),
        _("neither"),
    ]
    names = ("n_campaigns", "pairs", "agree", "opposite", "only_people", "only_metric", "neither")
    cells = [[labels[r["metric"]], _group(r), *(str(r[name]) for name in names)] for r in rows]
    return {"columns": columns, "rows": cells, "numeric_from": 2}


def _shares(rows: list[dict[str, Any]], labels: dict[str, str]) -> dict[str, Any]:
    columns = [
        _("Metric"),
        _("Group"),
        _("Campaigns"),
        _("Recipes"),
        _("Pairs of outputs"),
        _("Prefers what people reject (95% interval)"),
        _("Lowest to highest campaign"),
        _("I²"),
    ]
    cells = [
        [
            labels[row["metric"]],
            _group(row),
            str(row["n_campaigns"]),
            str(len(row["signatures"])),
            str(row["reversals_n"]),
            _share(row),
            DASH if row["lowest"] != row["lowest"] else interval(row["lowest"], row["highest"], 2),
            DASH if row["i2"] != row["i2"] else number(row["i2"], 2),
        ]
        for row in rows
    ]
    return {"columns": columns, "rows": cells, "numeric_from": 2}


def _share(row: dict[str, Any]) -> str:
    if row["reversals"] != row["reversals"]:
        return _("not defined: %(reason)s") % {"reason": row["reason"]}
    if row["low"] != row["low"]:
        return number(row["reversals"], 2)
    return estimate(row["reversals"], row["low"], row["high"])


def _group(row: dict[str, Any]) -> str:
    """Names of languages where the registry has them."""
    if row["by"] == "all":
        return _("all")
    if row["by"] != "languages":
        return row["group"] or _("not in the registry")
    sides = [(side, find_language(side)) for side in _sides(row["group"])]
    return " → ".join(found.name if found else tag for tag, found in sides)


def _sides(pair: str) -> tuple[str, str]:
    source, _arrow, target = pair.partition("→")
    return source, target
