"""Annotators: how they used the scale, and who they are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, number, points

PROFILE = ("languages", "dialect", "region", "education", "years", "relation")
STATES = {
    "active": gettext_lazy("active"),
    "paused": gettext_lazy("paused"),
    "excluded": gettext_lazy("excluded"),
}


@SECTIONS.register("annotators")
class Annotators(Section):
    name = "annotators"
    title = gettext_lazy("Annotators")
    place = 42
    always = ("annotators",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.annotators import annotator_table

        return {"annotators": lambda: annotator_table(material.frame)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        """Two tables; no profiles where nobody has one."""
        rows = payload["annotators"]
        told = any(row.get(name) not in ("", None) for row in rows for name in PROFILE)
        use = {"columns": _use_columns(), "rows": [_use(row) for row in rows], "numeric_from": 3}
        profiles = {"columns": _profile_columns(), "rows": [_profile(row) for row in rows]}
        return {"use": use, "profiles": profiles if told else None}


def _use_columns() -> list[str]:
    return [
        _("Annotator"),
        _("Origin"),
        _("Standing"),
        _("Items"),
        _("Scores"),
        _("Mean"),
        _("SD"),
        _("Median seconds an item"),
    ]


def _use(row: Mapping[str, Any]) -> list[Any]:
    return [
        row["annotator"],
        row["origin"],
        _state(row),
        row["n_items"],
        row["n_ratings"],
        points(row["mean"]),
        points(row["sd"]),
        number(row["median_seconds"], 0),
    ]


def _profile_columns() -> list[str]:
    return [
        _("Annotator"),
        _("Native languages"),
        _("Dialect"),
        _("Region"),
        _("Education"),
        _("Years of experience"),
        _("Relation to the authors"),
        _("Scores"),
        _("Standing"),
    ]


def _profile(row: Mapping[str, Any]) -> list[Any]:
    told = [DASH if row.get(name) in ("", None) else row[name] for name in PROFILE]
    return [row["annotator"], *told, row["n_ratings"], _state(row)]


def _state(row: Mapping[str, Any]) -> str:
    state = row.get("state", "active")
    return str(STATES.get(state, state))
