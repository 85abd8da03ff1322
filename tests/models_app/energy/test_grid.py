"""The grid's table is CodeCarbon's own, and so is the arithmetic."""

import pytest

from common.errors import BadInput
from models_app.energy.grid import LIBRARY, grid_of, grids


def test_every_country_has_a_code_that_can_be_chosen():
    assert len(grids()) > 200
    for code, grid in grids().items():
        assert len(code) == 3 and code.isalpha() and code.isupper()
        assert grid_of(code) is grid and grid.g_per_kwh >= 0 and grid.year > 2000
        assert grid.name.strip() == grid.name and "Our World in Data" in grid.source
    assert grid_of("CHN").name == "China"


def test_the_factors_are_those_of_the_installed_library():
    library = pytest.importorskip("codecarbon", reason="CodeCarbon is not installed")
    from codecarbon.input import DataSource

    theirs = DataSource().get_global_energy_mix_data()
    if f"CodeCarbon {library.__version__}" == LIBRARY:
        assert set(theirs) == set(grids())
    for code, grid in grids().items():
        assert theirs[code]["carbon_intensity"] == grid.g_per_kwh
        assert theirs[code]["year"] == grid.year


def test_the_grams_are_those_codecarbon_computes():
    pytest.importorskip("codecarbon", reason="CodeCarbon is not installed")
    from codecarbon.core.emissions import Emissions
    from codecarbon.core.units import Energy
    from codecarbon.external.geography import GeoMetadata
    from codecarbon.input import DataSource

    for code in ("IND", "IRL", "CHN"):
        theirs = Emissions(DataSource()).get_private_infra_emissions(
            Energy.from_energy(kWh=2.5), GeoMetadata(country_iso_code=code)
        )
        assert 2.5 * grid_of(code).g_per_kwh == pytest.approx(1000 * theirs)


def test_an_unknown_country_is_refused():
    with pytest.raises(BadInput, match="'XYZ'; write a three-letter"):
        grid_of("XYZ")
