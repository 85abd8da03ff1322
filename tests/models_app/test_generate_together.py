"""Several systems at once, their prompts, and what cannot be generated."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from common.errors import BadInput, NikashError
from models_app.backends.echo import Echo
from models_app.checkpoints import register_system
from models_app.generation import generate_together, prompt_for, start_generation
from models_app.models import Dataset, GenerationRun, Output, PromptTemplate, System
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset():
    return small_dataset(n_segments=20)


def echo(name, template=None):
    if template is not None:
        template = PromptTemplate.objects.create(name=f"of {name}", text=template)
    return register_system(name=name, backend="echo", template=template)


@pytest.fixture
def runs(dataset):
    return start_generation([echo("a"), echo("b", "say {source}")], dataset, queue=False)


def held_elsewhere(run):
    lease = timezone.now() + timedelta(minutes=1)
    held = GenerationRun.objects.filter(pk=run.pk)
    held.update(state="running", holder="another", lease_until=lease)


def test_each_system_gets_its_own_texts(runs, dataset):
    reports = []
    generate_together(runs, lambda done, total: reports.append((done, total)))
    for run in GenerationRun.objects.all():
        assert (run.state, run.n_done, run.n_total) == ("done", 20, 20)
        assert run.environment["backend"] == "echo"
        assert run.outputs.count() == 20
    third = dataset.segments.get(position=2)
    assert Output.objects.get(system__name="a", segment=third).text == "times. 2 ran dog The"
    assert Output.objects.get(system__name="b", segment=third).text == "times. 2 ran dog The say"
    assert reports == [(32, 40), (40, 40)]


def test_a_run_that_a_worker_has_is_left_to_it(runs):
    held_elsewhere(runs[0])
    generate_together(runs)
    assert [run.state for run in GenerationRun.objects.order_by("pk")] == ["running", "done"]
    assert not Output.objects.filter(run=runs[0]).exists()


def test_the_command_says_so_where_workers_have_all_of_them(runs):
    for run in runs:
        held_elsewhere(run)
    with pytest.raises(CommandError, match="did not finish: running"):
        call_command("generate", "--dataset=small", "--system=a", "--system=b", "--wait")
    assert not Output.objects.exists()


def test_all_say_why_they_failed(runs, monkeypatch):
    def fail(self, requests):
        raise NikashError("the disk is full; make room")

    monkeypatch.setattr(Echo, "generate", fail)
    with pytest.raises(NikashError):
        generate_together(runs)
    for run in GenerationRun.objects.all():
        assert (run.state, run.error) == ("failed", "the disk is full; make room")


def test_without_a_template_the_source_is_the_prompt(dataset):
    segment = dataset.segments.first()
    assert prompt_for(echo("a"), segment) == segment.source


def test_a_template_is_filled_in_once(dataset):
    segment = dataset.segments.first()
    segment.source, segment.context = "what does {context} mean in {source}?", "a secret"
    system = echo("a", "{domain}: {source} {unknown} ({context})")
    expected = "health: what does {context} mean in {source}? {unknown} (a secret)"
    assert prompt_for(system, segment) == expected


def test_outputs_from_a_file_are_not_generated(dataset):
    system = small_system("imported", small_dataset("other"))
    with pytest.raises(BadInput, match="'imported' does not generate here"):
        start_generation([echo("a"), system], dataset)
    assert not GenerationRun.objects.exists()


def test_an_empty_dataset_is_refused():
    empty = Dataset.objects.create(name="empty", source_lang="en", target_lang="mr")
    with pytest.raises(BadInput, match="'empty' has no segments; load some first"):
        start_generation([echo("a")], empty)


def test_a_backend_that_is_gone_fails_the_run_with_the_known_ones(dataset):
    system = System.objects.create(name="old", kind="model", backend="gone")
    with pytest.raises(CommandError, match="no backend called 'gone'; known: echo, huggingface"):
        call_command("generate", "--dataset=small", f"--system={system.name}", "--wait")


def test_a_cancelled_run_stops_and_the_others_go_on(runs, monkeypatch):
    monkeypatch.setattr("models_app.backends.huggingface.SMALL_BATCH", 1)
    first = runs[0]

    def cancel_first(done, total):
        GenerationRun.objects.filter(pk=first.pk).update(cancel_requested=True)

    generate_together(runs, cancel_first)
    states = [GenerationRun.objects.get(pk=run.pk).state for run in runs]
    assert states == ["cancelled", *["done"] * (len(runs) - 1)]
    n_outputs = [run.system.outputs.count() for run in runs]
    assert n_outputs[0] < min(n_outputs[1:])
