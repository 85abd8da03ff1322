"""The green report: totals by kind, what is estimated, what is missing, and the sources."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from models_app.energy.grid import grid_of
from models_app.energy.report import overlap_seconds, total
from models_app.models import EnergyRecord, GenerationRun, System
from tests.models_app.test_pages import signed_in
from tests.people import alice, small_dataset

pytestmark = pytest.mark.django_db
NOON = timezone.now().replace(microsecond=0)


def record(kind="evaluation", *, kwh=0.002, seconds=10.0, at=0.0, country="IND", **fields):
    half = {"label": "a", "by": "a test", "kwh": kwh / 2, "watts": 1.0, "unread_seconds": 0}
    watts = kwh / 2 * 3.6e6 / seconds
    given = {
        "kind": kind, "subject": f"work at {at}", "host": "here", "seconds": seconds, "kwh": kwh,
        "started_at": NOON + timedelta(seconds=at), "is_complete": True, "pue": 1.5,
        "devices": [
            {"name": "processor", "how": "estimated", **half},
            {"name": "gpu 0", "how": "measured", **half},
        ],
        "trace": {"t": [0, seconds], "watts": {"processor": [watts], "gpu 0": [watts]}},
        "grid": grid_of(country)._asdict() if country else None, "library": "CodeCarbon 0",
    }  # fmt: skip
    return EnergyRecord.objects.create(**(given | fields))


def page(name="energy_report", *arguments):
    client = signed_in(alice())
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse(f"models_app:{name}", args=arguments))
    return response.text, sum('"models_app_' in query["sql"] for query in queries)


def test_totals_by_hand():
    records = [record(), record(kwh=0.006, at=20, seconds=30.0)]
    found = total(records)
    assert found["n"] == 2 and found["seconds"] == 40
    assert found["kwh"] == pytest.approx(0.008)
    assert found["building_kwh"] == pytest.approx(0.012)
    assert found["co2_grams"] == pytest.approx(0.012 * 713.441)
    assert found["estimated_share"] == pytest.approx(0.5)


def test_co2_is_not_defined_when_one_record_has_no_grid():
    found = total([record(), record(country="")])
    assert found["co2_grams"] is None and found["n_without_grid"] == 1
    assert total([])["co2_grams"] is None and total([])["estimated_share"] is None


def test_two_jobs_at_once_are_told_of():
    records = [
        record(seconds=10), record(at=4, seconds=10), record(at=5, seconds=1),
        record(at=20, seconds=5), record(at=0, seconds=50, host="elsewhere"),
    ]  # fmt: skip
    assert overlap_seconds(records) == pytest.approx(7)
    assert overlap_seconds(records[3:]) == 0


def test_the_page_shows_totals_sources_and_what_was_not_measured():
    system = System.objects.create(name="echo", kind="model", backend="echo")
    run = GenerationRun.objects.create(system=system, dataset=small_dataset(), state="done")
    GenerationRun.objects.create(system=system, dataset=small_dataset("b"), state="done")
    record("generation", generation_run=run, subject="")
    record("training", subject="adapter")
    text, n_queries = page()
    for part in (
        "echo on small", "adapter", "1 of 2 finished runs were not measured",
        "India, 2023: 713.441 g CO₂e/kWh", "Our World in Data", "By dataset answered",
        ">2.000<", "estimated in part", "NIKASH_ENERGY switches it off",
    ):  # fmt: skip
        assert part in text
    for n in range(5):
        record(at=100.0 * n)
    assert page()[1] == n_queries == 5


def test_an_empty_report_says_so():
    assert "Nothing measured yet" in page()[0]


def test_a_record_shows_its_devices_and_trace():
    one = record(kwh=0.004, country="")
    text, n_queries = page("energy_record", one.pk)
    for part in ("gpu 0", "estimated", "no grid was named", "PUE 1.5", 'data-plotly="trace"'):
        assert part in text
    assert n_queries == 1


def test_the_table_has_a_row_for_each_device():
    record()
    rows = list(csv.DictReader(io.StringIO(page("energy_csv")[0])))
    assert [row["device"] for row in rows] == ["processor", "gpu 0"]
    assert sum(float(row["kwh"]) for row in rows) == pytest.approx(0.002)
    assert sum(float(row["co2_grams"]) for row in rows) == pytest.approx(0.003 * 713.441)
    assert rows[0]["grid_year"] == "2023" and rows[0]["what"] == "work at 0.0"


def test_the_command_says_the_same(tmp_path, capsys):
    record("training", subject="=1+1")
    call_command("green_report", out=str(tmp_path / "energy.csv"))
    said = capsys.readouterr().out
    assert "training: 2 Wh, 2.14 g CO₂e, 50 % estimated (n = 1)" in said
    assert "India 2023: 713.441 g CO₂e/kWh" in said
    rows = list(csv.reader(io.StringIO((tmp_path / "energy.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 3 and rows[1][1] == "'=1+1"
