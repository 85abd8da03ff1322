"""A small study from its configuration to its tables, and its pages."""

import json

import pytest
from django.urls import reverse

from annotation.models import Campaign
from common.errors import BadInput
from models_app.jobs import run_inline
from models_app.models import EnergyRecord, Job, System, TrainingRun
from studies.configuration import read_configuration
from studies.models import Study
from studies.running import start_study
from studies.words import as_markdown
from tests import people

pytestmark = pytest.mark.django_db


def small() -> dict:
    """Two steps of training, eight questions' answers, one metric, two raters."""
    configuration, _ = read_configuration("maple-grid")
    entry = configuration["training"][0]
    entry["settings"] |= {"max_steps": 2, "eval_steps": 1, "batch_size": 2}
    entry["grid"] = {"rank": [2, 4]}
    entry["size"] = 4
    keys = ("title", "question", "languages", "seed", "checkpoints", "systems")
    return {key: configuration[key] for key in keys} | {
        "corpora": {"basics-mr": configuration["corpora"]["basics-mr"]},
        "datasets": {"test-mr": {"corpus": "basics-mr", "split": "test", "size": 6}},
        "training": [entry],
        "scoring": [{"dataset": "test-mr", "metrics": ["chrf"]}],
        "campaigns": [configuration["campaigns"][0]],
        "tables": [
            {"table": "runs"},
            {"table": "effects", "training": "grid", "outcome": "chrf", "datasets": ["test-mr"]},
            {"table": "scores", "dataset": "test-mr"},
            {"table": "people"},
            {"table": "verdicts"},
            {"table": "correlations"},
            {"table": "agreement"},
        ],
    }


def run(configuration: dict, tmp_path, **options) -> Study:
    study = start_study("mine", configuration, tmp_path, queue=False, **options)
    return run_inline(study)


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
@pytest.mark.usefixtures("data_dir")
def test_a_study_runs_to_its_tables_and_again_changes_nothing(tmp_path, client, settings):
    settings.ENERGY = True
    study = run(small(), tmp_path, user=people.alice())
    assert (study.state, study.error, study.stage) == (Job.State.DONE, "", "")
    tables = {table["title"]: table for table in study.results}
    runs = tables["Training runs"]["rows"]
    assert [row["state"] for row in runs] == ["done", "done"]
    assert [row["trainable"] for row in runs] == [22016, 44032]
    effects = tables["What each factor does"]["rows"]
    assert {row["reason"] for row in effects} == {"fewer than three trials"}
    scores = tables["Automatic metrics"]["rows"]
    assert scores[0]["system"] == "base"
    assert all(row["low"] <= row["score"] <= row["high"] and row["n"] == 6 for row in scores)
    assert "simulated" in tables["What people said of each system"]["notes"][0]
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.origin) == ("mine: fixed subset", "simulated")

    kinds = set(EnergyRecord.objects.values_list("kind", flat=True))
    assert kinds == {"training", "generation", "evaluation"}
    assert all(row["energy"] > 0 for row in runs)

    made = (TrainingRun.objects.count(), System.objects.count(), study.results)
    again = run(small(), tmp_path, user=people.alice())
    assert (TrainingRun.objects.count(), System.objects.count(), again.results) == made

    client.force_login(people.alice())
    page = client.get(reverse("studies:detail", args=[study.pk]))
    assert page.status_code == 200
    assert "22\u202f016" in page.content.decode()
    assert "not what people think" in as_markdown(study)
    assert "own small models" in as_markdown(study)
    assert "own small models" in page.content.decode()
    for kind in ("configuration", "tables", "markdown"):
        answer = client.get(reverse(f"studies:{kind}", args=[study.pk]))
        assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    client.force_login(people.charlie())
    assert client.get(reverse("studies:detail", args=[study.pk])).status_code == 404


@pytest.mark.usefixtures("data_dir")
def test_a_missing_file_fails_with_its_stage_and_a_sentence(tmp_path):
    configuration = small()
    configuration["corpora"]["basics-mr"]["file"] = "gone.jsonl"
    study = run(configuration, tmp_path)
    assert study.state == Job.State.FAILED
    assert study.stage == "data"
    assert study.error.startswith("there is no file ")


def test_another_configuration_under_the_same_name_is_refused(tmp_path):
    start_study("mine", small(), tmp_path, queue=False)
    with pytest.raises(BadInput, match="exists with another configuration"):
        start_study("mine", small() | {"seed": 2}, tmp_path, queue=False)


def test_only_admins_start_studies(client, tmp_path):
    new = reverse("studies:new")
    client.force_login(people.alice())
    assert client.get(new).status_code == 403
    client.force_login(people.bob())
    assert client.get(reverse("studies:list")).status_code == 403
    client.force_login(people.ada())
    assert client.get(new).status_code == 200
    assert client.get(reverse("studies:list")).status_code == 200
    answer = client.post(new, {"template": "adaptmllm", "name": "a\\b"})
    assert answer.status_code == 422
    path = tmp_path / "study.json"
    path.write_text(json.dumps({"title": "x"}), encoding="utf-8")
    with path.open("rb") as file:
        answer = client.post(new, {"name": "x", "file": file})
    assert answer.status_code == 422
    assert "required property" in answer.content.decode()


def test_a_study_for_people_waits_for_them(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    configuration = small() | {"training": [], "tables": [{"table": "people"}]}
    configuration["systems"] = [configuration["systems"][0] | {"backend": "echo"}]
    del configuration["campaigns"][0]["simulated"]
    configuration["campaigns"][0] |= {"systems": ["base"]}
    study = run(configuration, tmp_path)
    assert study.state == Job.State.DONE
    assert Campaign.objects.get().state == Campaign.State.DRAFT
    assert study.results[0]["rows"][0]["reason"].startswith("nobody has rated yet")
