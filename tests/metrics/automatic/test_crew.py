"""Helpers compute what this process would, in the same order; a lost one is replaced by us."""

import os
import signal

import numpy as np
import pytest

from common.errors import BadInput
from metrics.automatic import BLEU, TER, ChrF, Metric, Pair, crew
from metrics.automatic.crew import WORTHWHILE, Crew

BATCHES = [
    [Pair("", f"the cat {n} sat on the mat", (f"a cat {n + k} sat here",)) for n in range(5)]
    for k in range(7)
]


@pytest.mark.parametrize("metric", [BLEU(), ChrF(lowercase=True, normalize="irish"), TER()])
def test_helpers_give_the_same_numbers_in_the_same_order(metric: Metric):
    expected = [metric.statistics(batch) for batch in BATCHES]
    with Crew(WORTHWHILE, n_helpers=2) as helpers:
        found = list(helpers.statistics(metric, BATCHES))
        again = list(helpers.statistics(BLEU(), BATCHES))
        assert len(helpers._helpers) == 2
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    assert np.array_equal(again[3], BLEU().statistics(BATCHES[3]))


@pytest.mark.parametrize(("effort", "n_helpers"), [(WORTHWHILE - 1, 2), (10 * WORTHWHILE, 1)])
def test_little_work_and_one_core_stay_here(effort: int, n_helpers: int):
    with Crew(effort, n_helpers=n_helpers) as helpers:
        assert len(list(helpers.statistics(ChrF(), BATCHES))) == len(BATCHES)
        assert helpers._helpers == []


def test_models_stay_here(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ChrF, "effort", crew.MODELS)
    with Crew(WORTHWHILE, n_helpers=2) as helpers:
        list(helpers.statistics(ChrF(), BATCHES))
        assert helpers._helpers == []


def test_a_metric_that_cannot_travel_stays_here():
    class Inner(ChrF):
        """Within a function: no other process can import it."""

    with Crew(WORTHWHILE, n_helpers=2) as helpers:
        assert len(list(helpers.statistics(Inner(), BATCHES))) == len(BATCHES)
        assert helpers._helpers == []


def test_when_helpers_are_killed_the_work_is_finished_here():
    with Crew(WORTHWHILE, n_helpers=2) as helpers:
        found = helpers.statistics(ChrF(), BATCHES)
        first = next(found)
        for helper in helpers._helpers:
            os.kill(helper._process.pid, signal.SIGKILL)
        rest = list(found)
    expected = [ChrF().statistics(batch) for batch in BATCHES]
    assert all(np.array_equal(a, b) for a, b in zip([first, *rest], expected, strict=True))


def test_what_goes_wrong_in_a_helper_is_told_here():
    bad = [*BATCHES, [Pair("", "no reference")]]
    with (
        Crew(WORTHWHILE, n_helpers=2) as helpers,
        pytest.raises(BadInput, match="segment 1 of 1 has no reference"),
    ):
        list(helpers.statistics(ChrF(), bad))


def test_a_cancelled_job_leaves_no_process_behind():
    class Cancelled(Exception):
        pass

    with pytest.raises(Cancelled), Crew(WORTHWHILE, n_helpers=2) as helpers:
        for _rows in helpers.statistics(TER(), BATCHES * 20):
            raise Cancelled
    assert all(helper._process.poll() is not None for helper in helpers._helpers)
