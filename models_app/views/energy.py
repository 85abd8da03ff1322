"""The green report: totals, every record, and the trace that a record was integrated from."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.access import site_reader_required
from common.tables import write_csv
from models_app.energy import report
from models_app.energy.tracker import is_measuring
from models_app.energy.words import (
    amount,
    kind_label,
    share,
    total_cells,
    total_columns,
    watt_hours,
)
from models_app.models import EnergyRecord

SHOWN = 50


@site_reader_required
def energy_report(request: HttpRequest) -> HttpResponse:
    """Queries: the records, two counts for each kind of run."""
    found = list(report.records())
    kinds = report.grouped(found, lambda record: record.kind)
    groups = [
        (
            _("By kind of work"),
            _("Work"),
            [{**row, "name": kind_label(row["name"])} for row in kinds],
        ),
        (_("By sweep"), _("Sweep"), report.grouped(found, report.sweep_of)),
        (_("By dataset answered"), _("Dataset"), report.grouped(found, report.dataset_of)),
        (_("By machine"), _("Machine"), report.grouped(found, lambda record: record.host)),
    ]
    context = {
        "total": report.total(found),
        "cells": dict(zip(("n", "seconds", "wh", "building_wh", "grams", "estimated"),
                          total_cells(report.total(found)), strict=True)),
        "tables": [_table(*group) for group in groups if group[2]],
        "page": Paginator(found, SHOWN).get_page(request.GET.get("page")),
        "grids": _grids(found),
        "missing": [
            {"kind": kind_label(kind), "n": n, "n_done": n_done}
            for kind, (n, n_done) in report.unmeasured().items()
            if n
        ],
        "overlap": report.overlap_seconds(found),
        "is_measuring": is_measuring(),
    }  # fmt: skip
    return render(request, "models_app/energy_report.html", context)


def _table(caption: str, what: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "caption": caption,
        "columns": [what, *total_columns()],
        "rows": [[row["name"], *total_cells(row)] for row in rows],
        "numeric_from": 1,
    }


def _grids(found: list[EnergyRecord]) -> list[dict[str, Any]]:
    grids = {(grid["country"], grid["year"]): grid for r in found if (grid := r.grid)}
    return [grids[key] for key in sorted(grids)]


@site_reader_required
def energy_record(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        EnergyRecord.objects.select_related(
            "training_run__sweep", "generation_run__system", "generation_run__dataset"
        ),
        pk=pk,
    )
    columns = [
        _("Device"), _("Model"), _("How"), _("From"), _("Energy, Wh"), _("Mean power, W"),
        _("Without a reading, s"),
    ]  # fmt: skip
    how = {"measured": _("measured"), "estimated": _("estimated")}
    rows = [
        [
            *(d["name"], d["label"], how[d["how"]], d["by"]),
            *(watt_hours(d["kwh"]), amount(d["watts"]), amount(d["unread_seconds"])),
        ]
        for d in found.devices
    ]
    rows.append([_("together"), "", "", "", watt_hours(found.kwh), "", ""])
    context = {
        "record": found,
        "grams": amount(found.co2_grams),
        "watt_hours": watt_hours(found.kwh),
        "estimated": share(report.total([found])["estimated_share"]),
        "devices": {"columns": columns, "rows": rows, "numeric_from": 4},
        "figure": _trace_figure(found) if found.trace.get("watts") else None,
    }
    return render(request, "models_app/energy_record.html", context)


def _trace_figure(record: EnergyRecord) -> dict[str, Any]:
    edges = record.trace["t"]
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": edges,
            "y": [*watts, watts[-1] if watts else 0],
            "line": {"shape": "hv"},
        }
        for name, watts in record.trace["watts"].items()
    ]
    return {
        "id": "trace",
        "title": _("Power while the work was done"),
        "note": _("watts of each device, mean between two readings"),
        "spec": {
            "data": lines,
            "layout": {
                "xaxis": {"title": {"text": _("seconds")}},
                "yaxis": {"title": {"text": _("watts")}, "rangemode": "tozero"},
            },
        },
    }


@site_reader_required
def energy_csv(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="energy.csv"'
    write_csv(response, report.COLUMNS, report.rows(report.records()))
    return response
