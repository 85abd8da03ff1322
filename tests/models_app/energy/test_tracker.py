"""What stands in a record after the work: every device, its trace, its grid, its failures."""

import threading
import time

import pytest
from django.test import override_settings

from common.errors import MissingLibrary
from models_app import jobs, tasks  # noqa: F401 - makes the jobs known
from models_app.energy import tracker
from models_app.energy.trace import integral
from models_app.energy.tracker import energy_of, is_measuring, measured
from models_app.generation import start_generation
from models_app.models import EnergyRecord, GenerationRun, System
from tests.models_app.energy.meters import WATTS, FakeMeters
from tests.people import small_dataset

pytestmark = pytest.mark.django_db


@pytest.fixture
def meters(monkeypatch, settings):
    settings.ENERGY, settings.GRID_COUNTRY, settings.PUE = True, "IND", 1.5
    monkeypatch.setattr(tracker, "Meters", FakeMeters)
    monkeypatch.setattr(tracker, "version", lambda: "CodeCarbon 0")
    monkeypatch.setattr(tracker, "EVERY", 0.01)


def test_every_device_counts_and_the_sum_is_the_integral(meters):
    with measured("evaluation", subject="a benchmark") as record:
        assert FakeMeters.last.read_often.wait(60)
    record.refresh_from_db()
    assert record.is_complete and record.what == "a benchmark"
    assert {device["name"]: device["watts"] for device in record.devices} == pytest.approx(WATTS)
    assert record.kwh == pytest.approx(sum(d["kwh"] for d in record.devices), rel=1e-12)
    assert record.kwh == pytest.approx(integral(record.trace), rel=1e-9)
    assert record.kwh == pytest.approx(340 * record.seconds / 3.6e6, rel=1e-9)
    assert len(record.trace["t"]) > 2
    assert record.co2_grams == pytest.approx(record.kwh * 1.5 * 713.441)
    assert record.grid["country"] == "IND" and record.grid["year"] == 2023
    assert "Our World in Data" in record.grid["source"]
    assert record.is_estimated


def test_work_that_fails_has_its_energy_counted_and_still_fails(meters):
    with pytest.raises(RuntimeError), measured("training"):
        raise RuntimeError
    assert EnergyRecord.objects.get().kwh > 0


def test_without_a_country_there_is_energy_but_no_co2(meters, settings):
    settings.GRID_COUNTRY = ""
    with measured("training") as record:
        pass
    assert record.kwh > 0 and record.grid is None and record.co2_grams is None


def test_nothing_is_measured_where_it_is_switched_off():
    with measured("training") as record:
        assert record is None
    assert not EnergyRecord.objects.exists()


def test_it_is_on_where_codecarbon_is_and_says_so_where_it_must_be(monkeypatch):
    with override_settings(ENERGY=None):
        monkeypatch.setattr(tracker, "is_installed", lambda: False)
        assert not is_measuring()
        monkeypatch.setattr(tracker, "is_installed", lambda: True)
        assert is_measuring()
    monkeypatch.setitem(__import__("sys").modules, "codecarbon", None)
    with (
        override_settings(ENERGY=True),
        pytest.raises(MissingLibrary, match="make install-train"),
        measured("training"),
    ):
        pass


@pytest.mark.django_db(transaction=True)
def test_a_record_is_written_while_the_work_goes_on(meters, monkeypatch):
    monkeypatch.setattr(tracker, "WRITE_EVERY", 2)
    write, written = tracker._Sampler._write, threading.Event()

    def once(sampler):
        """The tests' database in memory lets nobody read while another writes."""
        if not written.is_set():
            write(sampler)
            written.set()

    monkeypatch.setattr(tracker._Sampler, "_write", once)
    with measured("training") as record:
        assert written.wait(60)
        seen = EnergyRecord.objects.get(pk=record.pk)
        assert seen.kwh > 0 and not seen.is_complete
        assert seen.kwh == pytest.approx(integral(seen.trace), rel=1e-9)


def test_a_job_keeps_its_name_and_gets_a_record(meters):
    def work(run, progress):
        """Nothing."""

    accounted = energy_of("generation", lambda run: {"generation_run": run})(work)
    assert accounted.__name__ == "work" and accounted.__doc__ == "Nothing."


def test_generating_is_measured(meters):
    system = System.objects.create(name="echo", kind="model", backend="echo")
    run = jobs.run_inline(start_generation([system], small_dataset("d", 2), queue=False)[0])
    assert run.state == "done"
    record = run.energy_records.get()
    assert record.kind == "generation" and record.kwh > 0
    assert record.what == "echo on d"
    assert jobs._works[GenerationRun].__name__ == "generate_outputs"


def test_this_machine_can_be_read():
    """CodeCarbon itself: processor and memory at least, all named, and more than nothing drawn."""
    pytest.importorskip("codecarbon", reason="CodeCarbon is not installed")
    from models_app.energy.meters import Meters

    meters = Meters("IND")
    names = [device.name for device in meters.devices]
    assert {"processor", "memory"} <= set(names) and len(set(names)) == len(names)
    for device in meters.devices:
        assert device.how in ("measured", "estimated") and device.by and device.label
    time.sleep(0.05)
    seconds, kwh = meters.read()
    assert 0.05 <= seconds < 60 and set(kwh) == set(names)
    assert kwh["memory"] > 0 and kwh["processor"] > 0
    assert not any(meters.unread.values())
