"""Training's pages: what they show, who may press what, how many queries they take."""

from dataclasses import fields
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from models_app import tasks
from models_app.jobs import run_inline
from models_app.models import Checkpoint, Job, System, TrainingPoint, TrainingRun
from models_app.training import curves
from models_app.training.settings import TrainingSettings
from models_app.training.start import start_training
from tests.models_app.small_models import registered
from tests.models_app.training.training import QUICK, begun, questions, trained
from tests.people import ada, alice, bob

pytest.importorskip("torch", reason="torch is not installed; it comes with the extra [ml]")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning"),
]


def url(name: str, *arguments: Any) -> str:
    return reverse(f"models_app:{name}", args=arguments)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def asked(**changed: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    settings = {
        field.name: field.default
        for field in fields(TrainingSettings)
        if field.default is not None and field.default is not False
    }
    base = Checkpoint.objects.filter(name="base").first() or registered()
    what = {
        "name": "tuned", "checkpoint": base.pk, "method": "lora", "start_adapter": "",
        "corpus": questions().pk, "subset": "", "prompt": "question_mr", "accelerate": "",
    }  # fmt: skip
    return settings | QUICK | what | changed


def test_an_admin_starts_a_run_with_the_settings_of_the_form():
    answer = signed_in(ada()).post(url("training_new"), asked(rank=4, use_rslora="on"))
    run = TrainingRun.objects.get()
    assert answer.headers["Location"] == url("training", run.pk)
    wanted = TrainingSettings.of(QUICK | {"rank": 4, "use_rslora": True})
    assert TrainingSettings.of(run.settings) == wanted
    assert (run.created_by.username, run.state) == ("ada", "queued")


def test_the_form_has_every_setting_with_its_default():
    html = signed_in(ada()).get(url("training_new")).content.decode()
    for field in fields(TrainingSettings):
        assert f'name="{field.name}"' in html


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"method": "full", "bits": 4}, "weights of 4 bits cannot be trained themselves"),
        ({"accelerate": "{"}, "Write a JSON object."),
        ({"accelerate": "[1]"}, "Write a JSON object."),
        ({"dropout": 2}, "dropout must be at least 0 and below 1"),
        ({"prompt": "chat"}, "no chat template"),
    ],
)
def test_what_cannot_be_trained_is_said_on_the_form(changed: dict[str, Any], words: str):
    answer = signed_in(ada()).post(url("training_new"), asked(**changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not TrainingRun.objects.exists()


def test_a_finished_run_shows_its_curves_its_card_and_what_to_do_next():
    run = trained()
    page = signed_in(ada()).get(url("training", run.pk)).content.decode()
    assert page.count("<polyline") == 2
    assert "the checkpoint with the lowest eval_loss" in page
    assert run.card["data"]["hash"] in page and "peak_memory" in page
    assert "Not while these fields of the card are empty:" in page and "base.licence" in page
    assert url("training_try", run.pk) in page
    reader = signed_in(alice()).get(url("training", run.pk)).content.decode()
    assert url("training_try", run.pk) not in reader and "csrfmiddleware" in reader
    part = signed_in(alice()).get(url("training_curves", run.pk)).content.decode()
    assert "<polyline" in part and "<html" not in part


def test_a_failed_run_says_why_and_can_be_resumed():
    run = trained(method="full", settings={"learning_rate": 1e20, "warmup_ratio": 0})
    admin = signed_in(ada())
    page = admin.get(url("training", run.pk)).content.decode()
    assert "The loss is not a number at step" in page and url("training_resume", run.pk) in page
    admin.post(url("training_resume", run.pk))
    run.refresh_from_db()
    assert run.state == Job.State.QUEUED
    admin.post(url("training_cancel", run.pk))
    run.refresh_from_db()
    assert run.state == Job.State.CANCELLED


def test_a_run_is_tried_as_a_system_that_asks_as_it_was_trained():
    run = trained()
    answer = signed_in(ada()).post(url("training_try", run.pk))
    system = System.objects.get()
    assert answer.headers["Location"] == url("system_detail", system.pk)
    assert system.adapter == run.adapter
    assert system.template and system.template.registered == "question_mr"
    assert signed_in(ada()).post(url("training_try", run.pk)).status_code == 302
    assert System.objects.count() == 1


def test_publishing_is_refused_at_once_or_left_to_the_worker(monkeypatch: pytest.MonkeyPatch):
    run = trained()
    admin = signed_in(ada())
    answer = admin.post(url("training_publish", run.pk), follow=True).content.decode()
    assert "tuned cannot be published while these fields of its card are empty" in answer
    Checkpoint.objects.update(licence="MIT")
    left: list[Any] = []
    monkeypatch.setattr(tasks.publish_training, "delay", lambda *a: left.append(a))
    admin.post(url("training_publish", run.pk), {"hub": " team/x "})
    assert left == [(run.pk, "team/x")]
    tasks.publish_training(run.pk)
    tasks.publish_training(run.pk, "team/x")
    page = admin.get(url("training", run.pk)).content.decode()
    assert "published/tuned" in page and "set HF_TOKEN where the worker is started" in page


def test_only_admins_start_and_stop_and_annotators_see_nothing():
    run = begun()
    names = ("cancel", "resume", "try", "publish")
    for name in names:
        assert signed_in(alice()).post(url(f"training_{name}", run.pk)).status_code == 403
        assert signed_in(ada()).get(url(f"training_{name}", run.pk)).status_code == 405
    for client, status in ((signed_in(alice()), 200), (signed_in(bob()), 403)):
        for address in (
            url("training_list"), url("training", run.pk),
            url("training_curves", run.pk), url("training_progress", run.pk),
        ):  # fmt: skip
            assert client.get(address).status_code == status
    assert signed_in(alice()).get(url("training_new")).status_code == 403


def test_the_list_takes_as_many_queries_for_many_runs(django_assert_num_queries: Any):
    base, corpus = registered(), questions()
    for number in range(4):
        start_training(
            name=f"r{number}", checkpoint=base, corpus=corpus, prompt="question_mr",
            queue=False,
        )  # fmt: skip
    client = signed_in(ada())
    client.get(url("training_list"))
    with django_assert_num_queries(5):
        page = client.get(url("training_list")).content.decode()
    assert page.count("state-queued") == 4


def test_a_page_takes_as_many_queries_for_many_points(django_assert_num_queries: Any):
    run = begun()
    TrainingPoint.objects.bulk_create(
        TrainingPoint(run=run, step=step, name="loss", value=1 / (step + 1))
        for step in range(1, 1000)
    )
    client = signed_in(ada())
    client.get(url("training", run.pk))
    with django_assert_num_queries(6):
        client.get(url("training", run.pk))


def test_long_curves_are_thinned_and_axes_hold_every_point():
    curve = [(step, 7.3 / step) for step in range(1, 1001)]
    (chart,) = curves.charts({"loss": curve, "learning_rate": curve}, best_step=500)
    points = [tuple(map(float, pair.split(","))) for pair in chart.lines[0].points.split()]
    assert len(points) <= curves.DRAWN + 1
    assert all(curves.LEFT <= x <= curves.WIDTH - curves.RIGHT for x, _ in points)
    assert all(curves.TOP <= y <= curves.HEIGHT - curves.BOTTOM for _, y in points)
    assert [tick.text for tick in chart.up] == ["0", "2", "4", "6", "8"]
    (flat,) = curves.charts({"eval_exact": [(4, 0.0), (8, 0.0)]}, best_step=None)
    assert flat.chosen is None and len(flat.lines[0].dots) == 2


def test_progress_is_told_as_other_jobs_tell_it():
    run = run_inline(begun(settings={"max_steps": 4}))
    told = signed_in(alice()).get(url("training_progress", run.pk)).json()
    assert (told["state"], told["n_done"], told["n_total"]) == ("done", 4, 4)
