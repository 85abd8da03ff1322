"""Grams of CO₂-equivalents that a country's grid gives off for a kWh, with source and year.

grid.csv is CodeCarbon's own table (global_energy_mix.json of the version below), which takes the
carbon intensity of electricity from Our World in Data; of a country, the latest year there is.
"""

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from common.errors import BadInput

LIBRARY = "CodeCarbon 3.3.2"
SOURCE = (
    "Our World in Data, https://ourworldindata.org/grapher/carbon-intensity-electricity, "
    f"as {LIBRARY} ships it"
)


class Grid(NamedTuple):
    """country: ISO 3166-1 alpha-3;  g_per_kwh: g CO₂e for a kWh, the mean of `year`."""

    country: str
    name: str
    g_per_kwh: float
    year: int
    source: str = SOURCE


@lru_cache(maxsize=1)
def grids() -> dict[str, Grid]:
    with Path(__file__).with_name("grid.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["country"]: Grid(row["country"], row["name"], float(row["g_per_kwh"]), int(row["year"]))
        for row in rows
    }


def grid_of(country: str) -> Grid:
    """The grid of a country; BadInput for a code that is not in the table."""
    try:
        return grids()[country]
    except KeyError:
        raise BadInput(
            f"no grid factor is known for {country!r}; write a three-letter country code such as "
            "IND or IRL"
        ) from None
