"""Files to take away: made once by a worker, whole or not at all, for who may see the campaign."""

import errno
import io
import os
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.models import Campaign
from metrics.archives import packing
from metrics.models import Package
from metrics.packages import files
from metrics.packages.files import folder, path_of
from metrics.packages.kinds import KINDS
from models_app.jobs import requeue_lost, run_inline
from tests import people
from tests.answers import close
from tests.metrics.packing import report_of
from tests.metrics.studies import scored, study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def campaign(client: Client) -> Campaign:
    made = study()
    scored(made, ["bleu", "ter"])
    report_of(made)
    client.force_login(people.alice())
    return made


def address(name: str, *arguments: Any) -> str:
    return reverse(f"metrics:{name}", args=arguments)


def link(campaign: Campaign, kind: str) -> str:
    if kind in ("archive", "capsule"):
        return address(kind, campaign.pk)
    return address("tables", campaign.pk, kind)


def asked(client: Client, campaign: Campaign, kind: str = "csv") -> Package:
    """What the link makes a worker do, done."""
    close(client.get(link(campaign, kind)))
    return run_inline(Package.objects.order_by("-pk")[0])  # type: ignore[return-value]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_made_once_and_then_served_at_once(
    client: Client, campaign: Campaign, kind: str
) -> None:
    answer = client.get(link(campaign, kind))
    assert answer.url == address("package", campaign.pk, kind) + "?download=1"
    client.get(link(campaign, kind))
    waiting = Package.objects.get()
    page = client.get(answer.url).content.decode()
    assert address("package_progress", campaign.pk, waiting.pk) in page
    assert client.get(address("package_download", campaign.pk, waiting.pk)).status_code == 404
    done = run_inline(waiting)
    assert (done.state, done.error) == ("done", "")
    progress = client.get(address("package_progress", campaign.pk, done.pk)).json()
    assert progress["n_done"] == progress["n_total"] > 0
    assert "data-download-now" in client.get(answer.url).content.decode()
    for where in (link(campaign, kind), address("package_download", campaign.pk, done.pk)):
        served = client.get(where)
        name = f'attachment; filename="judged-{KINDS[kind].suffix}.zip"'
        assert served.headers["Content-Disposition"] == name
        assert zipfile.ZipFile(io.BytesIO(b"".join(served.streaming_content))).testzip() is None
    assert Package.objects.count() == 1


def test_the_page_says_size_time_and_version(client: Client, campaign: Campaign) -> None:
    done = asked(client, campaign)
    page = client.get(address("package", campaign.pk, "csv")).content.decode()
    assert "KB" in page and done.code_version in page and done.data_version in page
    assert "data-download-now" not in page
    assert client.get(address("package", campaign.pk, "exe")).status_code == 404
    assert client.get(address("tables", campaign.pk, "archive")).status_code == 404


def test_changed_data_ask_for_a_new_file_and_leave_the_old(
    client: Client, campaign: Campaign
) -> None:
    old = asked(client, campaign)
    campaign.items.first().ratings.first().delete()
    assert client.get(link(campaign, "csv")).url == address("report", campaign.pk)
    report_of(campaign)
    page = client.get(address("package", campaign.pk, "csv")).content.decode()
    assert "The data or the code have changed since this file was made last." in page
    assert address("package_download", campaign.pk, old.pk) in page
    assert asked(client, campaign).version != old.version
    served = client.get(address("package_download", campaign.pk, old.pk))
    assert zipfile.ZipFile(io.BytesIO(b"".join(served.streaming_content))).namelist()


def test_a_new_claim_makes_a_new_capsule_and_no_new_tables(
    client: Client, campaign: Campaign
) -> None:
    asked(client, campaign), asked(client, campaign, "capsule")
    campaign.claims.create(sentence="It holds.", path="counts.raters", data_version="x")
    for kind in ("csv", "capsule"):
        close(client.get(link(campaign, kind)))
    assert [one.kind for one in Package.objects.unfinished()] == ["capsule"]


def test_another_campaign_s_files_are_not_found(client: Client, campaign: Campaign) -> None:
    done = asked(client, campaign)
    other = study("other", systems=("x", "y"))
    report_of(other)
    for name in ("package_download", "package_progress"):
        assert client.get(address(name, other.pk, done.pk)).status_code == 404
    for name in ("package_cancel", "package_resume"):
        assert client.post(address(name, other.pk, done.pk)).status_code == 404
    for stranger in (people.charlie(), people.bob()):
        client.force_login(stranger)
        assert client.get(link(campaign, "csv")).status_code == 404
        assert client.get(address("package", campaign.pk, "csv")).status_code == 404
        assert client.get(address("package_download", campaign.pk, done.pk)).status_code == 404
        assert client.post(address("package_start", campaign.pk, "csv")).status_code == 404
        assert client.post(address("package_cancel", campaign.pk, done.pk)).status_code == 404


def full(*_given: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_a_sentence_and_nothing_half_written(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as disk:
        disk.setattr(files.os, "fsync", full)
        failed = asked(client, campaign)
    assert failed.state == "failed" and "disk" in failed.error and "full" in failed.error
    assert list(folder().iterdir()) == []
    page = client.get(link(campaign, "csv"), follow=True).content.decode()
    assert failed.error in page.replace("&#x27;", "'") and Package.objects.count() == 1
    client.post(address("package_resume", campaign.pk, failed.pk))
    assert run_inline(failed).state == "done"


def test_a_full_disk_in_the_middle_of_an_archive_leaves_nothing(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing.zipfile.ZipFile, "writestr", full)
    assert "full" in asked(client, campaign, "archive").error
    assert list(folder().iterdir()) == []


def test_a_killed_worker_s_file_is_made_by_the_next(client: Client, campaign: Campaign) -> None:
    client.get(link(campaign, "archive"))
    lost = Package.objects.get()
    assert Package.objects.claim(lost.pk, "a worker that is killed")
    folder().mkdir(parents=True)
    (folder() / f".{lost.pk}.half").write_bytes(b"PK")
    assert client.get(address("package_download", campaign.pk, lost.pk)).status_code == 404
    Package.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert requeue_lost() == 1
    done = run_inline(lost)
    assert (done.state, done.tries) == ("done", 2)
    assert [path.name for path in folder().iterdir()] == [f"{done.pk}.zip"]


def test_it_can_be_stopped_and_taken_up_again(
    client: Client, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(link(campaign, "archive"))
    package = Package.objects.get()
    with monkeypatch.context() as slow:
        slow.setattr("models_app.jobs.WRITE_EVERY", 0.0)
        slow.setattr(
            packing,
            "archive_files",
            lambda campaign, run: ((f"segments/{cancel(client, package)}", b"") for _n in range(9)),
        )
        assert run_inline(package).state == "cancelled"
    assert list(folder().iterdir()) == []
    assert (
        "somebody stopped it" in client.get(link(campaign, "archive"), follow=True).content.decode()
    )
    client.post(address("package_resume", campaign.pk, package.pk))
    assert run_inline(package).state == "done"


def cancel(client: Client, package: Package) -> str:
    client.post(address("package_cancel", package.campaign_id, package.pk))
    return "1.html"


def test_data_that_changed_before_the_worker_came_are_no_archive(
    client: Client, campaign: Campaign
) -> None:
    client.get(link(campaign, "archive"))
    package = Package.objects.get()
    campaign.items.first().ratings.first().delete()
    assert "changed while the archive was written" in run_inline(package).error
    report_of(campaign)
    client.post(address("package_resume", campaign.pk, package.pk))
    assert "changed before the file was made" in run_inline(package).error
    assert list(folder().iterdir()) == []


def test_the_newest_few_are_kept(client: Client, campaign: Campaign) -> None:
    asked(client, campaign, "capsule")
    for _n in range(5):
        client.post(address("package_start", campaign.pk, "csv"))
        run_inline(Package.objects.order_by("-pk")[0])
    (folder() / "999999.zip").write_bytes(b"PK")  # of a campaign that is deleted
    last = asked(client, campaign, "latex")
    kept = Package.objects.all()
    assert sorted(one.kind for one in kept) == ["capsule", "csv", "csv", "csv", "latex"]
    assert {path.name for path in folder().iterdir()} == {path_of(one).name for one in kept}
    assert path_of(last).stat().st_mode & 0o077 == 0


def test_a_file_that_is_gone_or_cut_off_is_made_again(client: Client, campaign: Campaign) -> None:
    done = asked(client, campaign)
    path_of(done).write_bytes(b"PK")
    assert client.get(address("package_download", campaign.pk, done.pk)).status_code == 404
    again = asked(client, campaign)
    assert again.pk != done.pk and again.state == "done"
    path_of(again).unlink()
    assert (
        "not been made yet" in client.get(address("package", campaign.pk, "csv")).content.decode()
    )


def test_each_language_has_its_own(client: Client, campaign: Campaign) -> None:
    asked(client, campaign, "archive")
    client.cookies["django_language"] = "mr"
    made = asked(client, campaign, "archive")
    assert (made.language, Package.objects.count()) == ("mr", 2)
    with zipfile.ZipFile(path_of(made)) as packed:
        assert 'lang="mr"' in packed.read("index.html").decode()


def test_no_campaigns_name_gets_into_a_header_but_as_plain_letters(
    client: Client, campaign: Campaign
) -> None:
    addresses = [
        address("report_download", campaign.pk, "json"),
        address("slice_export", campaign.pk),
        reverse("annotation:campaign_export", args=[campaign.pk, "ratings"]),
        f"/api/v1/campaigns/{campaign.pk}/exports/ratings/",
    ]
    for name in ('a";\r\nX: y', "../../x", "मराठी", "\u202egpj.exe", "…", "x" * 100):
        Campaign.objects.filter(pk=campaign.pk).update(name=name)
        for where in addresses:
            answer = client.get(where)
            assert answer.status_code == 200 and "X" not in answer.headers
            said = answer.headers["Content-Disposition"]
            assert re.fullmatch(r'attachment; filename="[a-z0-9][a-z0-9_.-]{0,150}"', said), said
