"""Several GPUs, as CodeCarbon reports them: a line each, added up, and silence is told."""

from types import SimpleNamespace as Plain

import pytest

from models_app.energy import meters

pytest.importorskip("codecarbon", reason="CodeCarbon is not installed")


class GPU:
    """What Meters uses of CodeCarbon's GPU: two devices, one of them without a counter."""

    def __init__(self):
        self.rows = [
            {"gpu_index": 0, "delta_energy_consumption": Plain(kWh=2e-6)},
            {"gpu_index": 1, "delta_energy_consumption": Plain(kWh=5e-6)},
        ]
        self.n_read = 0
        devices = [self._device(0, 1.0), self._device(1, None), self._device(2, 1.0)]
        self.devices = Plain(devices=devices, get_delta=self._delta)

    def _device(self, place, counter):
        named = {"name": f"card {place}"}
        return Plain(gpu_index=place, last_energy=counter, get_static_details=lambda: named)

    def _get_gpu_ids(self):
        return [0, 1]

    def _delta(self, duration):
        self.n_read += 1
        return self.rows

    def start(self):
        pass


@pytest.fixture
def machine(monkeypatch):
    part = GPU()
    monkeypatch.setattr(meters, "_hardware", lambda country: [part])
    return part


def test_each_chosen_gpu_has_its_own_energy(machine):
    found = meters.Meters()
    assert [(d.name, d.label, d.how, d.by) for d in found.devices] == [
        ("gpu 0", "card 0", "measured", "energy counter of the GPU"),
        ("gpu 1", "card 1", "measured", "power readings of the GPU"),
    ]
    assert found.read()[1] == {"gpu 0": 2e-6, "gpu 1": 5e-6}
    assert machine.n_read == 1  # a second reading would find nothing left to report


def test_a_gpu_that_does_not_answer_is_told(machine):
    found = meters.Meters()
    machine.rows = machine.rows[:1]
    seconds, kwh = found.read()
    assert kwh == {"gpu 0": 2e-6, "gpu 1": 0.0}
    assert found.unread == {"gpu 0": 0.0, "gpu 1": seconds}
