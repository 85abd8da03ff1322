"""A sweep on its page and by the command: every trial, every figure, and who may do what."""

import csv
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from models_app import jobs
from models_app.jobs import run_inline
from models_app.models import EnergyRecord, Sweep, TrainingRun
from tests.models_app.sweeps.planned import described, failing, planned, pretend
from tests.models_app.test_pages import signed_in
from tests.people import ada, alice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_training(monkeypatch, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    monkeypatch.setitem(jobs._works, TrainingRun, pretend)


def url(name, *arguments):
    return reverse(f"models_app:{name}", args=arguments)


def asked(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    return response.text, sum('"models_app_' in query["sql"] for query in queries)


def finished(monkeypatch):
    rule = {"condition": {"rank": 4, "bits": 16, "seed": 2}, "reason": "no time for it"}
    sweep = planned(seeds=2, drop=[rule])
    monkeypatch.setitem(jobs._works, TrainingRun, failing(lambda run: run.trial == 3))
    sweep = run_inline(sweep)
    device = {"how": "measured", "kwh": 0.001}
    EnergyRecord.objects.create(
        kind="training", training_run=sweep.runs.get(trial=1), host="h", kwh=0.001, devices=[device]
    )
    return sweep


def test_the_page_of_a_finished_sweep(monkeypatch):
    sweep = finished(monkeypatch)
    page, n_queries = asked(signed_in(alice()), url("sweep_detail", sweep.pk))
    for part in (
        "6 done, 1 failed, 1 dropped", "no time for it", "The loss is not a number at step 3.",
        "Conditions over seeds", "rank × bits", "fANOVA", 'data-plotly="parallel"',
        'data-plotly="pareto-memory"', "1 of 6 finished trials were measured", "Dodge et al. 2019",
        "Adjusted mean", 'data-plotly="pair-rank-bits"', "ranks 4",
    ):  # fmt: skip
        assert part in page
    assert n_queries == 3
    assert "<form" not in page.split("<main")[1]


def test_the_page_of_a_planned_sweep_and_of_a_search():
    client = signed_in(alice())
    page, _ = asked(client, url("sweep_detail", planned().pk))
    assert "4 waiting" in page and "Best of n" not in page
    pytest.importorskip("optuna", reason="Optuna is not installed")
    space = {"rank": {"low": 2, "high": 16}, "bits": [16, 32]}
    found = planned("found", kind="search", factors=space, max_trials=6, prune=False)
    page, _ = asked(client, url("sweep_detail", run_inline(found).pk))
    assert "Not defined for a search" in page and "fANOVA" in page


def test_the_list_asks_as_often_for_many_as_for_one():
    client = signed_in(alice())
    assert "No sweep yet" in asked(client, url("sweep_list"))[0]
    planned()
    _, n_queries = asked(client, url("sweep_list"))
    for n in range(4):
        planned(f"more {n}")
    page, again = asked(client, url("sweep_list"))
    assert again == n_queries and "more 3" in page


def test_the_table_has_every_planned_trial(monkeypatch):
    sweep = finished(monkeypatch)
    text = signed_in(alice()).get(url("sweep_csv", sweep.pk)).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["state"] for row in rows].count("done") == 6 and len(rows) == 8
    assert rows[0]["kwh"] == "0.001" and rows[1]["kwh"] == ""
    assert rows[2]["reason"].startswith("The loss") and rows[2]["eval_loss"] == ""


def test_an_admin_plans_drops_cancels_and_resumes():
    client = signed_in(ada())
    text = json.dumps(described())
    page = client.post(url("sweep_start"), {"name": "mine", "description": text}, follow=True)
    assert "4 waiting" in page.text
    sweep = Sweep.objects.get(name="mine")
    assert sweep.created_by.username == "ada"
    fields = {"trial": 2, "reason": "not needed"}
    page = client.post(url("sweep_drop", sweep.pk), fields, follow=True)
    assert "not needed" in page.text and "3 waiting, 1 dropped" in page.text
    assert "Only a trial that waits" in client.post(
        url("sweep_drop", sweep.pk), fields, follow=True
    ).text  # fmt: skip
    client.post(url("sweep_cancel", sweep.pk))
    sweep.refresh_from_db()
    assert sweep.state == "cancelled"
    client.post(url("sweep_resume", sweep.pk))
    sweep.refresh_from_db()
    assert sweep.state == "queued" and run_inline(sweep).message == "3 done, 1 dropped"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{", "valid JSON"), ("[]", "This field is required"), ('{"factors": {}}', "at least one")],
)
def test_what_cannot_be_planned_is_said(text, sentence):
    response = signed_in(ada()).post(url("sweep_start"), {"name": "x", "description": text})
    assert response.status_code == 422 and sentence in response.text


def test_the_command_plans_trains_shows_drops_and_resumes(tmp_path, capsys):
    file = tmp_path / "ranks.json"
    file.write_text(json.dumps(described(max_trials=2)), encoding="utf-8")
    call_command("sweep", "ranks", config=str(file), wait=True)
    call_command("sweep", "ranks", show=True)
    said = capsys.readouterr()
    assert "4 trials planned" in said.err and "2 done, 2 dropped" in said.err
    assert "1\trank 4, bits 16, seed 1\tdone\t1.938" in said.out
    assert "4\trank 8, bits 32, seed 1\tdropped\t–\tthe sweep's budget is used up" in said.out
    call_command("sweep", "ranks", resume=True, max_trials=9, wait=True)
    assert "4 done" in capsys.readouterr().err
    with pytest.raises(CommandError, match="trial 1 cannot be dropped"):
        call_command("sweep", "ranks", drop=1, reason="late")
    with pytest.raises(CommandError, match="no sweep called 'other'; known: ranks"):
        call_command("sweep", "other", show=True)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CommandError, match="is not JSON"):
        call_command("sweep", "next", config=str(file))
