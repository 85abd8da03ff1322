"""Energy is the integral of the trace: by hand, against numpy, and after neighbours are joined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.energy.trace import JOULES_PER_KWH, TraceBuilder, integral, steps

ONE_READING = 1e-3  # kWh


def test_two_devices_by_hand():
    builder = TraceBuilder(["processor", "gpu 0"])
    builder.add(10, {"processor": 100 * 10 / JOULES_PER_KWH, "gpu 0": 0})
    builder.add(30, {"processor": 20 * 30 / JOULES_PER_KWH, "gpu 0": 300 * 30 / JOULES_PER_KWH})
    assert builder.trace() == {
        "t": [0.0, 10.0, 40.0],
        "watts": {"processor": [100.0, 20.0], "gpu 0": [0.0, 300.0]},
    }
    assert integral(builder.trace()) == pytest.approx((1000 + 600 + 9000) / JOULES_PER_KWH)
    assert builder.kwh["gpu 0"] == pytest.approx(9000 / JOULES_PER_KWH)
    x, y = steps(builder.trace(), "processor")
    assert x.tolist() == [0, 10, 10, 40] and y.tolist() == [100, 100, 20, 20]


def test_no_single_reading_stands_for_the_whole_time():
    """A burst at the end: reading × time would be 50 times too much."""
    builder = TraceBuilder(["gpu 0"])
    for _ in range(49):
        builder.add(1, {"gpu 0": 0})
    builder.add(1, {"gpu 0": ONE_READING})
    assert integral(builder.trace()) == pytest.approx(ONE_READING, rel=1e-12)


lengths = st.floats(1e-3, 1e3)
energies = st.floats(0, 1e3)


@given(
    st.lists(st.tuples(lengths, energies, energies), min_size=1, max_size=120),
    st.integers(1, 130),
)
def test_the_sum_over_devices_is_the_integral(intervals, most):
    builder = TraceBuilder(["a", "b"], max_intervals=most)
    for seconds, a, b in intervals:
        builder.add(seconds, {"a": a, "b": b})
    assert integral(builder.trace()) == pytest.approx(sum(builder.kwh.values()), rel=1e-9, abs=1e-9)
    assert builder.seconds == pytest.approx(sum(row[0] for row in intervals))
    assert len(builder.trace()["t"]) <= most + 1


def test_joining_keeps_the_order_of_time():
    builder = TraceBuilder(["a"], max_intervals=4)
    for n in range(11):
        builder.add(1, {"a": n / JOULES_PER_KWH})
    trace = builder.trace()
    assert trace["t"][0] == 0 and trace["t"][-1] == 11
    assert np.all(np.diff(trace["t"]) > 0)
    assert np.all(np.diff(trace["watts"]["a"]) > 0)


def test_nothing_measured_is_no_energy():
    assert integral(TraceBuilder(["a"]).trace()) == 0
    with pytest.raises(ValueError, match="longer than 0"):
        TraceBuilder(["a"]).add(0, {"a": 0})
