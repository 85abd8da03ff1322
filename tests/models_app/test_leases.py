"""Clocks that jump, brokers that are away, messages that come twice: no job is stuck or doubled."""

import logging
import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotation.tasks import expire_leases
from common import bell
from config import queues
from config.celery import app
from config.tasks import tidy_up
from models_app import generation, jobs, tasks
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.generation import generate_together, start_generation
from models_app.jobs import requeue_lost, run_inline
from models_app.models import GenerationRun, PlaygroundRequest
from tests.people import alice, small_dataset

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def run():
    system = register_system(name="a", backend="echo")
    return start_generation([system], small_dataset(n_segments=20), queue=False)[0]


@pytest.fixture
def rung(monkeypatch):
    ids = []
    monkeypatch.setattr(tasks.generation, "delay", ids.append)
    monkeypatch.setattr(bell, "_away_since", None)
    return ids


@pytest.fixture
def away(monkeypatch):
    """A broker that refuses; the times it was asked."""
    asked = []

    def refuse(*arguments):
        asked.append(arguments)
        raise OperationalError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")

    monkeypatch.setattr(tasks.generation, "delay", refuse)
    monkeypatch.setattr(bell, "_away_since", None)
    monkeypatch.setattr(bell, "REST", 0.0)
    return asked


def rows(run):
    return GenerationRun.objects.filter(pk=run.pk)


def clock_of(monkeypatch, by):
    """This process's clock is wrong from now on."""
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + by)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_worker_with_a_wrong_clock_takes_no_job_from_another(run, rung, monkeypatch, by):
    assert GenerationRun.objects.claim(run.pk, "right")
    clock_of(monkeypatch, by)
    assert not GenerationRun.objects.claim(run.pk, "wrong")
    assert requeue_lost() == 0 and rung == []
    assert rows(run).get().holder == "right"


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_worker_with_a_wrong_clock_keeps_its_own(run, rung, monkeypatch, by):
    with monkeypatch.context() as wrong:
        clock_of(wrong, by)
        assert GenerationRun.objects.claim(run.pk, "wrong")
    assert requeue_lost() == 0
    assert not GenerationRun.objects.claim(run.pk, "right")


def test_a_clock_put_back_leaves_no_job_stuck(run, rung, django_capture_on_commit_callbacks):
    """The machine's clock was an hour ahead when its worker died; then it was put right."""
    rows(run).update(state="running", holder="gone", lease_until=timezone.now() + HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
    assert rung == [run.pk]
    assert run_inline(run).state == "done"


def test_a_job_queued_in_the_future_is_rung_for(run, rung, django_capture_on_commit_callbacks):
    rows(run).update(queued_at=timezone.now() + HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
        assert requeue_lost() == 0
    rows(run).update(lease_until=timezone.now() + HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
    assert rung == [run.pk, run.pk]


def test_a_clock_that_jumps_on_lets_two_work_but_one_finish(run, monkeypatch):
    """The lease runs out under a worker; another finishes; the first writes nothing any more."""
    heard = []
    generate = Echo.generate

    def interrupted(self, requests):
        answers = generate(self, requests)
        if not heard:
            heard.append(True)
            rows(run).update(lease_until=timezone.now() - HOUR)
            assert run_inline(run).state == "done"
        return answers

    monkeypatch.setattr(Echo, "generate", interrupted)
    assert run_inline(run).state == "done"
    done = rows(run).get()
    assert (done.tries, done.n_done, done.outputs.count()) == (2, 20, 20)
    holder = done.holder
    assert rows(run).get().holder == holder


def test_a_message_that_comes_again_does_nothing(run):
    tasks.generation(run.pk)
    finished = rows(run).get().finished_at
    tasks.generation(run.pk)
    assert rows(run).get().finished_at == finished and rows(run).get().tries == 1


def test_two_beats_at_once_ring_once(run, rung, django_capture_on_commit_callbacks):
    rows(run).update(queued_at=timezone.now() - HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.requeue_lost_jobs()
        tasks.requeue_lost_jobs()
        for _ in range(2):
            expire_leases()
            tidy_up()
    assert rung == [run.pk]


def test_a_broker_that_is_away_keeps_the_job_and_is_logged_once(
    away, rung_later, caplog, django_capture_on_commit_callbacks
):
    system = register_system(name="a", backend="echo")
    with (
        caplog.at_level(logging.WARNING, "common.bell"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        (run,) = start_generation([system], small_dataset(n_segments=2))
        assert rows(run).get().state == "queued"
    rows(run).update(queued_at=timezone.now() - HOUR)
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            assert requeue_lost() == 1
    assert len(away) == 4
    assert [entry.getMessage().split(" (")[0] for entry in caplog.records] == [
        "the broker takes no messages"
    ]
    ids = rung_later()
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_lost() == 0
    assert ids == [run.pk]


@pytest.fixture
def rung_later(monkeypatch):
    def back():
        ids = []
        monkeypatch.setattr(tasks.generation, "delay", ids.append)
        return ids

    return back


def test_a_refused_broker_is_left_in_peace_for_a_moment(away, monkeypatch):
    monkeypatch.setattr(bell, "REST", 60.0)
    assert [bell.ring(tasks.generation, n) for n in range(3)] == [False] * 3
    assert len(away) == 1


def test_another_error_is_not_taken_for_an_absence(monkeypatch):
    def wrong(*arguments):
        raise TypeError("a task without arguments")

    monkeypatch.setattr(tasks.generation, "delay", wrong)
    monkeypatch.setattr(bell, "_away_since", None)
    with pytest.raises(TypeError):
        bell.ring(tasks.generation, 1)


def test_together_a_slow_model_keeps_its_leases(run, monkeypatch):
    """Within a chunk nothing is written; the heartbeat renews what was taken, and only that."""
    kept = []

    class Beat:
        def __init__(self, found):
            kept.append(found)

        def start(self):
            kept.append(sorted(kept[0].values_list("pk", flat=True)))

        def stop(self):
            kept.append("stopped")

    monkeypatch.setattr(jobs, "_Heartbeat", Beat)
    monkeypatch.setattr(type(generation.connection), "in_atomic_block", False, raising=False)
    monkeypatch.setattr(generation, "connection", type("Outside", (), {"in_atomic_block": False})())
    generate_together([run])
    assert kept[1:] == [[run.pk], "stopped"]


def test_together_what_was_lost_is_not_finished_twice(run, monkeypatch):
    def lose(self, requests):
        rows(run).update(holder="another")
        return list(generate(self, requests))

    generate = Echo.generate
    monkeypatch.setattr(Echo, "generate", lose)
    generate_together([run])
    assert (rows(run).get().state, rows(run).get().holder) == ("running", "another")


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_renews_while_the_work_is_silent(run, settings, monkeypatch):
    settings.JOB_LEASE_SECONDS = 0.3
    assert GenerationRun.objects.claim(run.pk, "me")
    before = rows(run).get().lease_until
    lease, beaten = jobs._lease, threading.Event()
    monkeypatch.setattr(jobs, "_lease", lambda: beaten.set() or lease())
    with jobs.leases_kept(rows(run).filter(holder="me")):
        assert beaten.wait(60)
    assert rows(run).get().lease_until > before


def test_every_task_has_its_queue_and_its_place():
    router = app.amqp.router.route
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    found = {name: router({}, name)["queue"].name for name in ours}
    assert set(found.values()) <= set(queues.ALL)
    assert found[tasks.training.name] == found[tasks.sweeping.name] == "training"
    assert found[tasks.generation.name] == found[tasks.corpus_translation.name] == "generation"
    assert found["metrics.tasks.score_outputs"] == found["metrics.tasks.make_report"] == "scoring"
    assert found[tasks.corpus_report.name] == "default"
    assert found["models_app.tasks.requeue_lost_jobs"] == "housekeeping"


def test_who_waits_at_a_page_goes_first_on_every_broker():
    assert [queues.priority("redis://h", n) for n in range(3)] == [0, 3, 6]
    assert [queues.priority("amqp://h", n) for n in range(3)] == [9, 5, 1]
    for queue in queues.declared():
        assert queue.queue_arguments == {"x-max-priority": 9}


def test_old_playground_requests_leave_and_open_ones_stay():
    old = timezone.now() - timedelta(days=31)
    fields = {"text": "x", "created_by": alice(), "queued_at": old}
    gone = PlaygroundRequest.objects.create(state="done", **fields)
    stays = PlaygroundRequest.objects.create(state="queued", **fields)
    assert tidy_up()["playground requests"] == 1
    assert list(PlaygroundRequest.objects.all()) == [stays] and gone.pk
