"""Generating: one output for every segment, whatever stops the work in between."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import NikashError
from common.text import text_hash
from models_app import jobs, tasks
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.generation import start_generation
from models_app.jobs import request_cancel, requeue_lost, resume, run_inline
from models_app.models import GenerationRun, Output
from tests.people import ada, small_dataset

pytestmark = pytest.mark.django_db
CHUNK = Echo.chunk
N_SEGMENTS = 2 * CHUNK + 3


@pytest.fixture
def dataset():
    return small_dataset(n_segments=N_SEGMENTS)


@pytest.fixture
def system():
    return register_system(name="echo", backend="echo", decoding={"seed": 3})


@pytest.fixture
def run(system, dataset):
    (run,) = start_generation([system], dataset, ada(), queue=False)
    return run


@pytest.fixture
def at_chunk(monkeypatch):
    """Have something happen as the backend is asked for its n-th chunk, from 1."""
    generate = Echo.generate

    def arrange(n, happen):
        asked = []

        def answer(self, requests):
            asked.append(len(requests))
            if len(asked) == n:
                happen()
            return generate(self, requests)

        monkeypatch.setattr(Echo, "generate", answer)
        return asked

    return arrange


def fail(problem):
    def happen():
        raise problem

    return happen


def stored():
    return list(Output.objects.order_by("pk").values_list("pk", "segment_id", "text", "run_id"))


def test_every_segment_gets_one_output_in_order(run, dataset):
    run = run_inline(run)
    assert (run.state, run.error, run.n_done, run.n_total) == ("done", "", N_SEGMENTS, N_SEGMENTS)
    outputs = Output.objects.filter(run=run).order_by("pk").select_related("segment")
    assert [output.segment.position for output in outputs] == list(range(N_SEGMENTS))
    third = outputs[2]
    assert third.text == "times. 2 ran dog The"
    assert third.text_hash == text_hash(third.text)
    assert (third.n_tokens, third.finish_reason) == (5, "stop")


def test_the_run_says_who_when_and_how(run):
    run = run_inline(run)
    assert run.created_by.username == "ada"
    assert run.queued_at <= run.started_at <= run.finished_at
    assert run.lease_until is None and run.tries == 1 and run.message == ""
    assert run.environment == {
        "backend": "echo", "decoding": {"seed": 3}, "template": None, "template_sha256": None,
    }  # fmt: skip


def test_what_is_complete_is_not_generated_again(run, system, dataset):
    run_inline(run)
    before = stored()
    assert start_generation([system], dataset) == []
    assert stored() == before


def test_a_task_that_comes_twice_does_nothing_twice(run, at_chunk):
    asked = at_chunk(0, fail(AssertionError))
    tasks.generation(run.pk)
    tasks.generation(run.pk)
    assert asked == [CHUNK, CHUNK, 3]
    assert len(stored()) == N_SEGMENTS


def test_an_open_run_is_given_back_not_doubled(run, system, dataset):
    assert start_generation([system], dataset, queue=False) == [run]
    with pytest.raises(IntegrityError), transaction.atomic():
        GenerationRun.objects.create(system=system, dataset=dataset)


def test_only_missing_outputs_are_generated(system, dataset):
    kept = dataset.segments.get(position=1)
    Output.objects.create(system=system, segment=kept, text="mine", text_hash=text_hash("mine"))
    (run,) = start_generation([system], dataset, queue=False)
    assert (run.n_done, run.n_total) == (1, N_SEGMENTS)
    run_inline(run)
    assert Output.objects.filter(run=run).count() == N_SEGMENTS - 1
    assert Output.objects.get(system=system, segment=kept).text == "mine"


def test_a_failure_keeps_its_sentence_and_what_was_stored(run, at_chunk):
    at_chunk(2, fail(NikashError("the disk is full; make room")))
    run = run_inline(run)
    assert (run.state, run.error) == ("failed", "the disk is full; make room")
    assert (run.n_done, run.n_total) == (CHUNK, N_SEGMENTS)
    assert len(stored()) == CHUNK


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (MemoryError(), "Not enough memory; use a smaller batch or a larger machine."),
        (KeyError("x"), "Something unexpected went wrong (KeyError: 'x'); the worker's log has"),
    ],
)
def test_an_accident_is_a_sentence_too(problem, sentence, run, at_chunk):
    at_chunk(1, fail(problem))
    run = run_inline(run)
    assert run.state == "failed"
    assert run.error.startswith(sentence)


def test_a_resumed_run_goes_on_after_what_is_there(run, at_chunk):
    at_chunk(2, fail(NikashError("no")))
    run = run_inline(run)
    before = stored()
    asked = at_chunk(0, fail(AssertionError))
    assert resume(run)
    run = run_inline(run)
    assert (run.state, run.error, run.n_done) == ("done", "", N_SEGMENTS)
    assert asked == [CHUNK, 3]
    assert stored()[:CHUNK] == before
    assert not resume(run)


def test_a_running_job_stops_at_the_next_step(run, at_chunk):
    at_chunk(2, lambda: request_cancel(run))
    run = run_inline(run)
    assert (run.state, run.error) == ("cancelled", "")
    assert (run.n_done, len(stored())) == (2 * CHUNK, 2 * CHUNK)
    assert resume(run)
    assert run_inline(run).state == "done"
    assert len(stored()) == N_SEGMENTS


def test_a_waiting_job_is_cancelled_at_once(run, at_chunk):
    asked = at_chunk(0, fail(AssertionError))
    request_cancel(run)
    tasks.generation(run.pk)
    run.refresh_from_db()
    assert run.state == "cancelled" and run.finished_at
    assert asked == []


def test_progress_is_written_as_it_goes(run, at_chunk, monkeypatch):
    monkeypatch.setattr(jobs, "WRITE_EVERY", 0)
    seen = []
    at_chunk(3, lambda: seen.append(GenerationRun.objects.get(pk=run.pk).as_progress()))
    run_inline(run)
    assert seen == [
        {
            "state": "running", "label": "running", "n_done": 2 * CHUNK, "n_total": N_SEGMENTS,
            "message": "generating", "error": "", "finished": False,
        }
    ]  # fmt: skip


@pytest.fixture
def rung(monkeypatch):
    """The ids for which a worker's bell was rung."""
    ids = []
    monkeypatch.setattr(tasks.generation, "delay", ids.append)
    return ids


def lose(run, **fields):
    """As a worker that was killed leaves its run."""
    past = timezone.now() - timedelta(seconds=1)
    lost = {"state": "running", "holder": "gone", "lease_until": past, "tries": 1, **fields}
    GenerationRun.objects.filter(pk=run.pk).update(**lost)


def test_a_lost_job_is_queued_again_once(run, rung, django_capture_on_commit_callbacks):
    lose(run)
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
    assert rung == [run.pk]
    assert GenerationRun.objects.get(pk=run.pk).state == "queued"
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 0
    assert rung == [run.pk]


def test_a_job_whose_lease_holds_is_left_alone(run, rung):
    lose(run, lease_until=timezone.now() + timedelta(seconds=5))
    assert requeue_lost() == 0
    tasks.generation(run.pk)
    assert GenerationRun.objects.get(pk=run.pk).holder == "gone"
    assert stored() == []


def test_the_bell_rings_again_for_a_job_that_waited_long(
    run, rung, settings, django_capture_on_commit_callbacks
):
    long_ago = timezone.now() - timedelta(seconds=4 * settings.JOB_LEASE_SECONDS + 1)
    GenerationRun.objects.filter(pk=run.pk).update(queued_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
        assert requeue_lost() == 0
    assert rung == [run.pk]


def test_who_lost_the_job_writes_no_more_of_it(run, at_chunk):
    at_chunk(2, lambda: lose(run, holder="another"))
    run = run_inline(run)
    assert (run.state, run.holder) == ("running", "another")
    assert run.finished_at is None
    lose(run)
    assert run_inline(run).state == "done"
    assert len(stored()) == N_SEGMENTS


def test_a_job_that_kills_every_worker_is_given_up(run):
    lose(run, tries=GenerationRun.MAX_TRIES)
    run = run_inline(run)
    assert run.state == "failed"
    assert run.error == "Its worker was lost 5 times; look at the worker's log, then resume."
    assert resume(run)
    assert run_inline(run).state == "done"
