"""Code that comes with a model runs only where the machine's keeper and an admin both say so."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from common.errors import BadInput
from models_app.checkpoints import register_checkpoint, register_system
from models_app.forms import AdapterForm, CheckpointForm
from models_app.forms_benchmarks import BenchmarkForm
from models_app.generation import producer_of
from models_app.models import Checkpoint
from models_app.remote_code import set_trust, trusts
from studies.configuration import read_configuration
from studies.forms import StudyForm
from tests import people

pytestmark = pytest.mark.django_db
BASE = "fixtures/models/base"


def checkpoint() -> Checkpoint:
    return register_checkpoint(name="base", location=BASE, architecture="causal")


def test_both_switches_are_needed(settings):
    found = checkpoint()
    assert not trusts(found) and not trusts(None)
    with pytest.raises(BadInput, match="NIKASH_ALLOW_REMOTE_CODE"):
        set_trust(found, trusted=True, user=people.ada())
    settings.REMOTE_CODE_ALLOWED = True
    assert not trusts(found)
    set_trust(found, trusted=True, user=people.ada())
    assert trusts(found)
    system = register_system(name="s", backend="huggingface", checkpoint=found)
    assert producer_of(system).trust_remote_code
    settings.REMOTE_CODE_ALLOWED = False
    assert not trusts(found) and not producer_of(system).trust_remote_code


def test_only_an_admin_switches_and_each_act_is_in_the_log(settings):
    settings.REMOTE_CODE_ALLOWED = True
    found = checkpoint()
    with pytest.raises(BadInput, match="admin"):
        set_trust(found, trusted=True, user=people.alice())
    address = reverse("models_app:checkpoint_code", args=[found.pk])
    client = Client()
    client.force_login(people.alice())
    assert client.post(address, {"trusted": "1"}).status_code == 403
    client.force_login(people.ada())
    for trusted in ("1", "1", "0"):
        assert client.post(address, {"trusted": trusted}).status_code == 302
    acts = AuditEntry.objects.filter(action__endswith="_code").order_by("pk")
    assert [(one.action, one.actor_name, one.subject_name) for one in acts] == [
        ("checkpoint.trust_code", "ada", "base"),
        ("checkpoint.distrust_code", "ada", "base"),
    ]
    found.refresh_from_db()
    assert not found.trust_remote_code


def test_the_button_is_there_only_where_the_site_allows_it(settings):
    found = checkpoint()
    client = Client()
    client.force_login(people.ada())
    address = reverse("models_app:checkpoint_code", args=[found.pk])
    assert address not in client.get(reverse("models_app:checkpoint_list")).content.decode()
    settings.REMOTE_CODE_ALLOWED = True
    assert address in client.get(reverse("models_app:checkpoint_list")).content.decode()


def checkpoint_form(location) -> CheckpointForm:
    return CheckpointForm({"name": "x", "location": str(location), "architecture": "causal"})


def test_a_page_names_only_folders_that_are_open_to_pages(settings, tmp_path):
    assert not checkpoint_form(tmp_path).is_valid()
    assert not checkpoint_form("/etc").is_valid()
    assert not checkpoint_form("fixtures/models/../../config").is_valid()
    assert checkpoint_form(BASE).is_valid()
    assert checkpoint_form("owner/name").is_valid()
    settings.MODEL_FOLDERS = [str(tmp_path)]
    assert checkpoint_form(tmp_path).is_valid()
    (tmp_path / "README.md").symlink_to("/etc/passwd")
    assert not checkpoint_form(tmp_path).is_valid()
    assert not AdapterForm({"location": "/etc", "name": "a"}).is_valid()


def test_a_link_leads_no_page_out_of_its_folders(settings, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(), outside.mkdir()
    (inside / "way").symlink_to(outside)
    settings.MODEL_FOLDERS = [str(inside)]
    assert not checkpoint_form(inside / "way").is_valid()


def test_a_benchmark_of_a_page_reads_no_file_of_the_machine():
    assert "file" in BenchmarkForm({"file": "/etc/passwd"}).errors


@pytest.mark.parametrize("place", ["/etc/passwd", "../../../../etc/passwd", "~/x.csv"])
def test_a_study_sent_to_a_page_reads_no_file_of_the_machine(place):
    given, _folder = read_configuration("marathi-lora")
    entry = next(one for one in given["datasets"].values() if "file" in one)
    assert _sent(given).is_valid()
    entry["file"] = place
    form = _sent(given)
    assert not form.is_valid()
    assert "NIKASH_STUDY_FOLDERS" in str(form.errors), form.errors


def _sent(given: dict) -> StudyForm:
    file = SimpleUploadedFile("s.json", json.dumps(given).encode())
    return StudyForm({"name": "x"}, {"file": file})
