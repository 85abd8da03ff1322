"""Numbers of the green report in words: a unit each, and what is missing called missing."""

from typing import Any

from django.utils.translation import gettext as _

from models_app.models import EnergyRecord


def amount(value: float | None) -> str:
    """Three digits that count; "not defined" where there is none."""
    if value is None:
        return _("not defined")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def watt_hours(kwh: float) -> str:
    return amount(1000 * kwh)


def share(value: float | None) -> str:
    return _("not defined") if value is None else f"{100 * value:.0f}"


def total_columns() -> list[str]:
    return [
        _("Records"), _("Seconds"), _("Energy, Wh"), _("with the building's share, Wh"),
        _("CO₂e, g"), _("Estimated, % of the energy"),
    ]  # fmt: skip


def total_cells(row: dict[str, Any]) -> list[Any]:
    return [
        row["n"],
        amount(row["seconds"]),
        watt_hours(row["kwh"]),
        watt_hours(row["building_kwh"]),
        amount(row["co2_grams"]),
        share(row["estimated_share"]),
    ]


def kind_label(kind: str) -> str:
    return str(EnergyRecord.Kind(kind).label)
