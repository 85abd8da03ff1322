"""Benchmarks on their pages: who sees what, starting, filters, the file, queries."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from models_app.models import BenchmarkRun, Job
from tests.models_app.benchmarks import base_and_adapter, finished
from tests.people import ada, alice, bob

pytestmark = pytest.mark.django_db


def url(name, *arguments):
    return reverse(f"models_app:{name}", args=arguments)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def asked(**other):
    return {
        "source": "sample", "shots": 0, "limit": 4, "seed": 1, "batch_size": 8,
        "tasks": ["arc_mr"], **other,
    }  # fmt: skip


def test_an_admin_starts_runs_and_a_second_press_starts_no_more():
    base, tuned = base_and_adapter()
    admin = signed_in(ada())
    for _ in range(2):
        answer = admin.post(url("benchmark_start"), asked(systems=[base.pk, tuned.pk]))
        assert answer.status_code == 302
    assert BenchmarkRun.objects.count() == 2
    assert BenchmarkRun.objects.first().created_by == ada()


def test_a_bad_form_is_shown_again_with_its_sentence():
    base, _ = base_and_adapter()
    admin = signed_in(ada())
    answer = admin.post(url("benchmark_start"), asked(systems=[base.pk], source="file"))
    assert answer.status_code == 422
    assert "name the file with the items" in answer.content.decode()


def test_others_may_not_start():
    base, _ = base_and_adapter()
    for person, status in ((alice(), 403), (bob(), 403)):
        answer = signed_in(person).post(url("benchmark_start"), asked(systems=[base.pk]))
        assert answer.status_code == status


def test_items_are_filtered_and_exported():
    run = finished(base_and_adapter()[0], "arc_mr", "ABB", "AAB")
    reader = signed_in(alice())
    page = reader.get(url("benchmark", run.pk), {"show": "wrong"}).content.decode()
    assert ">i1<" in page and ">i0<" not in page and "look-alike" in page
    page = reader.get(url("benchmark", run.pk), {"label": "A"}).content.decode()
    assert ">i0<" in page and ">i2<" not in page
    text = reader.get(url("benchmark_export", run.pk)).content.decode()
    assert [row[1] for row in csv.reader(io.StringIO(text))] == ["key", "i0", "i1", "i2"]


def test_a_stopped_run_is_resumed_and_a_waiting_one_cancelled():
    base, _ = base_and_adapter()
    run = finished(base, "arc_mr", "", "", state=Job.State.FAILED)
    admin = signed_in(ada())
    admin.post(url("benchmark_resume", run.pk))
    run.refresh_from_db()
    assert run.state == Job.State.QUEUED
    admin.post(url("benchmark_cancel", run.pk))
    assert reader_state(run) == "cancelled"


def reader_state(run):
    return signed_in(alice()).get(url("benchmark_progress", run.pk)).json()["state"]


def test_the_list_needs_as_many_queries_for_many_runs(django_assert_num_queries):
    base, tuned = base_and_adapter()
    reader = signed_in(alice())
    for name in ("arc_mr", "xnli_hi", "arc_easy"):
        finished(base, name, "", "")
        finished(tuned, name, "", "")
    reader.get(url("benchmark_list"))
    with django_assert_num_queries(6):
        page = reader.get(url("benchmark_list"))
    assert page.content.decode().count("ground-mr ·") == 3
