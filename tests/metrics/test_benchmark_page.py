"""The comparison of systems on benchmarks, as a page and as JSON."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.models_app.benchmarks import base_and_adapter, finished
from tests.people import alice

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    client = Client()
    client.force_login(alice())
    return client


def test_without_a_run_it_says_what_to_do(reader):
    page = reader.get(reverse("metrics:benchmarks")).content.decode()
    assert "No benchmark has been run" in page
    assert reader.get(reverse("metrics:benchmarks_json")).json() == {"tasks": []}


def test_it_shows_values_changes_retention_means_and_flags(reader):
    base, tuned = base_and_adapter()
    finished(base, "indic_copa_mr", "AB" * 20, "AB" * 10 + "AA" * 10)
    finished(tuned, "indic_copa_mr", "AB" * 20, "A" * 40)
    page = reader.get(reverse("metrics:benchmarks")).content.decode()
    for words in (
        "0.750 [0.598, 0.858]", "English retention, mean of 0 tasks",
        "no English task was run with both", "always the same answer", "McNemar, exact",
        "By resource class", "Marathi", "binary F1 of B", "look-alikes, for trials",
    ):  # fmt: skip
        assert words in page, words


def test_the_file_has_the_same_numbers_and_the_recipes(reader):
    base, tuned = base_and_adapter()
    finished(base, "arc_easy", "AB", "AB")
    finished(tuned, "arc_easy", "AB", "AA")
    finished(tuned, "loresmt_en_mr", ["क"], [""])
    found = json.loads(reader.get(reverse("metrics:benchmarks_json")).content)
    assert found["changes"][0]["delta"] == -0.5 and found["retention"][0]["n_tasks"] == 1
    assert "McNemar" in found["recipes"]["test"]
    texts = next(task for task in found["tasks"] if task["name"] == "loresmt_en_mr")
    assert {"chrf", "empty"} <= {value["name"] for value in texts["systems"][0]["values"]}


def test_a_frame_is_chosen_by_its_settings(reader):
    base, _ = base_and_adapter()
    finished(base, "arc_mr", "AB", "AB")
    finished(base, "xnli_hi", ["neutral"], ["neutral"], settings={"shots": 5, "limit": 0})
    page = reader.get(reverse("metrics:benchmarks"), {"frame": "sample-5-0-None-None"})
    assert "XNLI (Hindi)" in page.content.decode() and "ARC (Marathi" not in page.content.decode()


def test_a_second_look_reads_no_items(reader, django_assert_max_num_queries):
    base, _ = base_and_adapter()
    finished(base, "arc_mr", "AB", "AB")
    reader.get(reverse("metrics:benchmarks"))
    with django_assert_max_num_queries(6):
        reader.get(reverse("metrics:benchmarks"))
