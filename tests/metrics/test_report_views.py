import io
import json
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics.models import ReportRun, ScoringRun
from metrics.reporting import fresh_report, open_report
from metrics.reports.chapters import CHAPTERS
from metrics.reports.display import report_context
from models_app.jobs import run_inline
from models_app.models import Job
from tests.metrics.studies import scored, study
from tests.people import ada, alice, bob, charlie

pytestmark = pytest.mark.django_db

CAMPAIGN_PAGES = ("report", "report_progress", "report_start", "report_download", "segment")


@pytest.fixture
def campaign():
    made = study()
    scored(made, ["bleu", "ter"])
    return made


def made_report(client, campaign):
    client.get(reverse("metrics:report", args=[campaign.pk]))
    return run_inline(ReportRun.objects.get())


def address(name, campaign):
    extra = {"report_download": ["json"], "segment": [campaign.dataset.segments.first().pk]}
    return reverse(f"metrics:{name}", args=[campaign.pk, *extra.get(name, [])])


@pytest.mark.parametrize("name", CAMPAIGN_PAGES)
@pytest.mark.parametrize("stranger", [bob, charlie])
def test_who_is_no_researcher_of_the_campaign_does_not_find_it(client, campaign, name, stranger):
    client.force_login(stranger())
    method = client.post if name == "report_start" else client.get
    assert method(address(name, campaign)).status_code == 404


@pytest.mark.parametrize("reader", [alice, ada])
def test_the_first_visit_starts_the_report_and_shows_its_progress(client, campaign, reader):
    client.force_login(reader())
    page = client.get(address("report", campaign))
    assert "data-job-url" in page.content.decode()
    client.get(address("report", campaign))
    run = ReportRun.objects.get()
    assert run.state == Job.State.QUEUED
    answer = client.get(address("report_progress", campaign)).json()
    assert answer["state"] == "queued"


def test_the_finished_report_says_what_was_found(client, campaign):
    client.force_login(alice())
    assert made_report(client, campaign).state == "done"
    page = client.get(address("report", campaign)).content.decode()
    assert "People preferred lora over base by" in page
    assert "BLEU and TER say the opposite." in page
    assert 'id="figure-verdicts"' in page
    assert reverse("metrics:segment", args=[campaign.pk, campaign.dataset.segments.first().pk])


def test_a_failed_report_is_shown_and_not_started_over(client, campaign):
    client.force_login(alice())
    client.get(address("report", campaign))
    ReportRun.objects.update(state="failed", error="The disk is full; free some space.")
    page = client.get(address("report", campaign)).content.decode()
    assert "The disk is full; free some space." in page
    assert ReportRun.objects.count() == 1
    assert client.post(address("report_start", campaign)).status_code == 302
    assert ReportRun.objects.count() == 2


def test_a_changed_answer_makes_a_new_report(client, campaign):
    client.force_login(alice())
    made_report(client, campaign)
    campaign.items.first().ratings.first().delete()
    client.get(address("report", campaign))
    assert ReportRun.objects.unfinished().count() == 1


def test_a_worker_with_other_code_is_not_asked_for_ever(client, campaign, monkeypatch):
    client.force_login(alice())
    client.get(address("report", campaign))
    with monkeypatch.context() as worker:
        worker.setattr("metrics.reports.version.code_version", lambda: "0.0+0123456789")
        run_inline(ReportRun.objects.get())
    assert "People preferred" in client.get(address("report", campaign)).content.decode()
    assert ReportRun.objects.count() == 1


def test_a_report_that_was_asked_for_before_the_metrics_is_fresh_after_them(client, campaign):
    run, _is_new = open_report(campaign)
    scored(campaign, ["chrf"])
    run_inline(run)
    assert fresh_report(campaign) == run


def test_the_queries_of_the_report_page_do_not_grow(
    client, campaign, django_assert_max_num_queries
):
    client.force_login(alice())
    made_report(client, campaign)
    with django_assert_max_num_queries(16):
        client.get(address("report", campaign))


def test_every_section_stands_in_one_chapter(client, campaign):
    client.force_login(alice())
    made_report(client, campaign)
    seen = []
    for chapter in CHAPTERS:
        page = client.get(address("report", campaign), {"chapter": chapter.name})
        assert page.context["chapter"] == chapter.name
        seen += [part["name"] for part in page.context["parts"]]
    run = campaign.reports.get(payload__isnull=False)
    assert seen == [part["name"] for part in report_context(run.payload)["parts"]]
    odd = client.get(address("report", campaign), {"chapter": "<nowhere>"})
    assert odd.context["chapter"] == "findings"


def test_disagreements_can_be_filtered(client, campaign):
    client.force_login(alice())
    made_report(client, campaign)
    chosen = {"chapter": "disagreement", "metric": "ter", "kind": "pairs"}
    page = client.get(address("report", campaign), chosen)
    assert "base vs. lora" in page.content.decode().partition('id="disagreements"')[2]
    odd = client.get(address("report", campaign), {"metric": "'; drop", "domain": "<x>"})
    assert odd.status_code == 200


def test_the_downloads_are_what_they_say(client, campaign):
    client.force_login(alice())
    assert client.get(address("report_download", campaign)).status_code == 404
    made_report(client, campaign)

    def get(kind):
        return client.get(reverse("metrics:report_download", args=[campaign.pk, kind]))

    assert json.loads(get("json").content)["campaign"] == "judged"
    assert get("html").content.startswith(b"<!doctype html>")
    tables = get("csv").url
    client.get(tables)
    run_inline(campaign.packages.get())
    packed = b"".join(client.get(tables).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist()[0] == "pairs.csv"
    assert get("pdf").status_code == 404


def test_the_segment_page_shows_texts_answers_and_metrics(
    client, campaign, django_assert_max_num_queries
):
    client.force_login(alice())
    with django_assert_max_num_queries(14):
        page = client.get(address("segment", campaign)).content.decode()
    for text in ("The dog number 0 ran home.", "कुत्रा क्रमांक 0", "base", "r2", "eff:yes"):
        assert text in page


def test_a_segment_of_another_campaign_is_not_found(client, campaign):
    other = study("other", systems=("x", "y"))
    client.force_login(alice())
    foreign = other.dataset.segments.first().pk
    url = reverse("metrics:segment", args=[campaign.pk, foreign])
    assert client.get(url).status_code == 404


def test_the_list_shows_only_what_one_may_read(client, campaign):
    url = reverse("metrics:report_list")
    client.force_login(alice())
    assert "judged" in client.get(url).content.decode()
    client.force_login(charlie())
    assert "judged" not in client.get(url).content.decode()
    client.force_login(bob())
    assert client.get(url).status_code == 403


def test_the_list_s_queries_do_not_grow(client, campaign, django_assert_num_queries):
    client.force_login(ada())
    url = reverse("metrics:report_list")
    client.get(url)
    with CaptureQueriesContext(connection) as first:
        client.get(url)
    study("second", systems=("x", "y"))
    study("third", systems=("v", "w"))
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_a_researcher_starts_metrics_and_follows_them(client, campaign):
    client.force_login(alice())
    start = reverse("metrics:scoring_start")
    assert "chrF" in client.get(start, {"campaign": campaign.pk}).content.decode()
    answer = client.post(start, {"campaign": campaign.pk, "metrics": ["chrf"]})
    run = ScoringRun.objects.order_by("-pk").first()
    assert answer.url == reverse("metrics:scoring_detail", args=[run.pk])
    assert run_inline(run).state == "done"
    page = client.get(answer.url).content.decode()
    assert "chrF2|nrefs:1" in page or "nrefs:1" in page
    progress = client.get(reverse("metrics:scoring_progress", args=[run.pk])).json()
    assert progress["n_done"] == progress["n_total"] > 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"metrics": ["chrf"]}, "Choose a campaign or a dataset"),
        ({"metrics": []}, "required"),
        ({"metrics": ["blue"]}, "blue"),
        ({"metrics": ["nli"]}, "needs a classifier"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(client, campaign, data, sentence, monkeypatch):
    monkeypatch.delenv("NIKASH_NLI_CHECKPOINT", raising=False)
    client.force_login(alice())
    answer = client.post(reverse("metrics:scoring_start"), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_stranger_can_neither_start_nor_see_a_campaign_s_metrics(client, campaign):
    client.force_login(charlie())
    run = ScoringRun.objects.get()
    for name in ("scoring_detail", "scoring_progress"):
        assert client.get(reverse(f"metrics:{name}", args=[run.pk])).status_code == 404
    for name in ("scoring_cancel", "scoring_resume"):
        assert client.post(reverse(f"metrics:{name}", args=[run.pk])).status_code == 404
    data = {"campaign": campaign.pk, "metrics": ["chrf"]}
    assert client.post(reverse("metrics:scoring_start"), data).status_code == 422


def test_a_waiting_run_is_cancelled_and_taken_up_again(client, campaign):
    client.force_login(alice())
    start = reverse("metrics:scoring_start")
    client.post(start, {"campaign": campaign.pk, "metrics": ["chrf"]})
    run = ScoringRun.objects.order_by("-pk").first()
    client.post(reverse("metrics:scoring_cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "cancelled"
    client.post(reverse("metrics:scoring_resume", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "queued"


def test_annotators_have_no_door_to_metrics(client, campaign):
    client.force_login(bob())
    for name in ("scoring_list", "scoring_start"):
        assert client.get(reverse(f"metrics:{name}")).status_code == 403


def test_importing_the_views_loads_neither_scipy_nor_torch():
    import os
    import subprocess
    import sys

    code = (
        "import django; django.setup(); import metrics.urls, sys; "
        "sys.exit(bool({'scipy', 'torch', 'transformers'} & set(sys.modules)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
