"""Systems, checkpoints and runs on their pages: what they show, and who may press what."""

import pytest
from django.test import Client
from django.urls import reverse

from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.checkpoints import register_system
from models_app.generation import start_generation
from models_app.jobs import run_inline
from models_app.models import Adapter, Checkpoint, GenerationRun, PromptTemplate
from tests.people import ada, alice, bob, small_dataset, small_system

pytestmark = pytest.mark.django_db
BADGES = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}


def url(name, *arguments):
    return reverse(f"models_app:{name}", args=arguments)


def signed_in(person, **options):
    client = Client(**options)
    client.force_login(person)
    return client


@pytest.fixture
def admin():
    return signed_in(ada())


@pytest.fixture
def reader():
    return signed_in(alice())


def add_system(number):
    """A system on a checkpoint of its own, with a run over a dataset of its own."""
    base = Checkpoint.objects.create(
        name=f"base {number}", location=f"x/{number}", architecture="causal"
    )
    lora = Adapter.objects.create(name=f"lora {number}", checkpoint=base, location="x/lora")
    system = register_system(
        name=f"system {number}", backend="echo", checkpoint=base, adapter=lora,
        template=PromptTemplate.objects.create(name=f"prompt {number}", text="Say: {source}"),
        decoding={"seed": number},
    )  # fmt: skip
    (run,) = start_generation([system], small_dataset(f"data {number}"), ada(), queue=False)
    return run


@pytest.fixture
def run():
    return add_system(0)


LISTS = {"system_list": 6, "checkpoint_list": 6, "run_list": 6}


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_the_database_as_often_for_many_as_for_one(
    page, run, reader, django_assert_num_queries
):
    with django_assert_num_queries(LISTS[page]):
        one = reader.get(url(page))
    for number in range(1, 9):
        run_inline(add_system(number))
    with django_assert_num_queries(LISTS[page]):
        many = reader.get(url(page))
    assert len(many.text) > len(one.text)
    assert {"system_list": "system 8", "checkpoint_list": "lora 8", "run_list": "data 8"}[
        page
    ] in many.text


def test_a_system_shows_what_it_is_and_its_outputs_on_each_dataset(
    run, reader, django_assert_max_num_queries
):
    run_inline(run)
    small_system("neighbour", run.dataset)
    for number in range(3):
        small_system(run.system.name, small_dataset(f"more {number}", 2 + number))
    with django_assert_max_num_queries(7):
        response = reader.get(url("system_detail", run.system_id))
    assert {d.name: d.n_outputs for d in response.context["datasets"]} == {
        "data 0": 6, "more 0": 2, "more 1": 3, "more 2": 4,
    }  # fmt: skip
    for part in ("base 0", "lora 0", "echo", "Say: {source}", "&#x27;seed&#x27;: 0"):
        assert part in response.text


def test_a_run_shows_its_first_outputs_in_order_and_how_they_were_made(
    run, reader, django_assert_max_num_queries
):
    run_inline(run)
    run.dataset.segments.update(position=10)
    for position, key in enumerate(["s5", "s4", "s3"]):
        run.dataset.segments.filter(key=key).update(position=position)
    with django_assert_max_num_queries(6):
        response = reader.get(url("run_detail", run.pk))
    outputs = list(response.context["outputs"])
    assert [output.segment.key for output in outputs][:3] == ["s5", "s4", "s3"]
    assert len(outputs) == 5
    assert dict(response.context["environment"]) == {
        "backend": "echo", "decoding seed": 0, "template": "prompt 0",
        "template_sha256": run.environment["template_sha256"],
    }  # fmt: skip
    assert f'lang="{run.dataset.target_lang}"' in response.text


@pytest.mark.parametrize(("state", "label"), BADGES.items())
def test_a_badge_says_the_state_in_words(state, label, run, reader):
    GenerationRun.objects.update(state=state)
    for page in (
        url("run_list"), url("run_detail", run.pk), url("system_detail", run.system_id),
    ):  # fmt: skip
        response = reader.get(page)
        assert f'class="badge state-{state}"' in response.text
        assert f">{label}</span>" in response.text


@pytest.mark.parametrize("state", BADGES)
def test_only_an_admin_finds_the_button_that_fits_the_state(state, run, admin, reader):
    GenerationRun.objects.update(state=state)
    cancel, resume = url("run_cancel", run.pk), url("run_resume", run.pk)
    page = admin.get(url("run_detail", run.pk)).text
    assert (f'action="{cancel}"' in page) == (state in {"queued", "running"})
    assert (f'action="{resume}"' in page) == (state in {"failed", "cancelled"})
    page = reader.get(url("run_detail", run.pk)).text
    assert cancel not in page and resume not in page


def test_progress_is_json(run, reader, django_assert_max_num_queries):
    GenerationRun.objects.update(state="failed", n_done=4, error="the disk is full; make room")
    with django_assert_max_num_queries(4):
        response = reader.get(url("run_progress", run.pk))
    assert response.json() == {
        "state": "failed", "label": "failed", "n_done": 4, "n_total": 6, "message": "",
        "error": "the disk is full; make room", "finished": True,
    }  # fmt: skip
    assert reader.get(url("run_progress", run.pk + 1)).status_code == 404
    assert signed_in(bob()).get(url("run_progress", run.pk)).status_code == 403


def test_what_a_system_says_is_shown_not_run(run, reader):
    run.dataset.segments.update(source="<script>alert(1)</script>")
    GenerationRun.objects.update(error="<b>no</b>")
    run_inline(run)
    GenerationRun.objects.update(error="<b>no</b>")
    page = reader.get(url("run_detail", run.pk)).text
    assert "<script>alert" not in page and "<b>no" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("name", ["run_start", "run_cancel", "run_resume"])
def test_what_changes_something_is_a_post_by_an_admin_from_our_page(name, run, admin, reader):
    arguments = [] if name == "run_start" else [run.pk]
    assert admin.get(url(name, *arguments)).status_code == 405
    assert reader.post(url(name, *arguments)).status_code == 403
    assert signed_in(bob()).post(url(name, *arguments)).status_code == 403
    strict = signed_in(ada(), enforce_csrf_checks=True)
    assert strict.post(url(name, *arguments)).status_code == 403
    run.refresh_from_db()
    assert (run.state, run.cancel_requested) == ("queued", False)


def test_an_admin_cancels_and_resumes(run, admin):
    answer = admin.post(url("run_cancel", run.pk), follow=True)
    assert answer.redirect_chain == [(url("run_detail", run.pk), 302)]
    assert GenerationRun.objects.get().state == "cancelled"
    admin.post(url("run_resume", run.pk))
    assert GenerationRun.objects.get().state == "queued"
    answer = admin.post(url("run_resume", run.pk), follow=True)
    assert "Only a failed or cancelled run can be resumed." in answer.text


def start(admin, dataset, *systems):
    fields = {"dataset": dataset.pk, "systems": [system.pk for system in systems]}
    return admin.post(url("run_start"), fields, follow=True)


def test_an_admin_starts_runs_once(admin):
    dataset = small_dataset()
    a, b = (register_system(name=name, backend="echo") for name in "ab")
    assert start(admin, dataset, a).redirect_chain[0][0] == url(
        "run_detail", GenerationRun.objects.get().pk
    )
    assert "2 runs are queued." in start(admin, dataset, a, b).text
    assert GenerationRun.objects.count() == 2
    for run in GenerationRun.objects.all():
        run_inline(run)
    assert "Every output is there already; nothing to do." in start(admin, dataset, a, b).text


def test_a_run_that_cannot_start_is_a_sentence(admin):
    echo = register_system(name="a", backend="echo")
    empty = small_dataset(n_segments=0)
    response = start(admin, empty, echo)
    assert response.status_code == 422
    assert "has no segments; load some first" in response.text
    imported = small_system("imported", empty)
    response = start(admin, empty, imported)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"systems"}


def test_an_empty_house_says_what_belongs_there(admin):
    assert "No system yet" in admin.get(url("system_list")).text
    assert "No checkpoint yet" in admin.get(url("checkpoint_list")).text
    assert "No run yet" in admin.get(url("run_list")).text
