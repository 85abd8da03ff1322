"""Reports with and without excluded annotators, and the table of who rated."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from annotation.models import Annotator, Campaign, Participation
from annotation.participation import participation_of, set_standing
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.explorer import newest_table
from metrics.models import ReportRun
from metrics.reporting import fresh_report, newest_report, open_report
from metrics.reports.payload import build_payload
from metrics.reports.sections.annotators import Annotators
from metrics.reports.tables import table_csv
from metrics.reports.version import data_version
from models_app.jobs import run_inline
from tests.metrics.studies import N_SEGMENTS, scored, study
from tests.people import alice

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=50, permutations=100)
WITH = FAST._replace(with_excluded=True)
TOLD = {
    "native_languages": "Marathi",
    "dialect": "Varhadi",
    "region": "Nagpur",
    "education": "BA",
    "experience_years": 4,
    "relation_to_authors": "none",
}


def excluded(campaign: Campaign, code: str = "r2", reason: str = "always 3") -> Annotator:
    rater = Annotator.objects.get(code=code)
    set_standing(participation_of(campaign, rater), "excluded", reason=reason, user=alice())
    return rater


def rows_of(campaign: Campaign, settings: Settings = FAST) -> dict[str, dict[str, Any]]:
    payload = build_payload(campaign, settings=settings)
    return {row["annotator"]: row for row in payload["annotators"]}


def test_excluded_annotators_are_left_out_and_named_in_the_table() -> None:
    campaign = study()
    excluded(campaign)
    payload = build_payload(campaign, settings=FAST)
    made = payload["generated_with"]["settings"]
    assert (made["with_excluded"], made["n_excluded"]) == (False, 1)
    assert payload["counts"]["raters"] == 1
    assert payload["counts"]["ratings"] == 2 * N_SEGMENTS
    assert payload["notes"][0] == "Without 1 annotator who was excluded."
    first, second = payload["annotators"]
    assert (first["annotator"], first["state"], first["mean"] is None) == ("r1", "active", False)
    assert (second["annotator"], second["state"], second["mean"]) == ("r2", "excluded", None)
    assert (second["n_items"], second["n_ratings"]) == (2 * N_SEGMENTS, 2 * N_SEGMENTS)
    assert second["reason"] == "excluded: always 3; left out of the results"


def test_taken_in_they_count_like_everybody() -> None:
    campaign = study()
    without_standing = build_payload(campaign, settings=FAST)
    excluded(campaign)
    payload = build_payload(campaign, settings=WITH)
    made = payload["generated_with"]["settings"]
    assert (made["with_excluded"], made["n_excluded"]) == (True, 1)
    assert payload["systems"] == without_standing["systems"]
    assert payload["agreement"] == without_standing["agreement"]
    assert payload["notes"][0] == "With the ratings of 1 annotator who was excluded."
    second = payload["annotators"][1]
    assert second["state"] == "excluded" and second["mean"] is not None
    assert second["reason"] == "excluded: always 3"


def test_nobody_excluded_is_said_with_a_zero() -> None:
    made = build_payload(study(), settings=WITH)["generated_with"]["settings"]
    assert (made["with_excluded"], made["n_excluded"]) == (True, 0)


def test_all_excluded_is_a_report_without_numbers() -> None:
    campaign = study()
    excluded(campaign, "r1")
    excluded(campaign, "r2")
    payload = build_payload(campaign, settings=FAST)
    assert payload["counts"]["raters"] == 0 and payload["notes"][0].startswith("Without 2 annot")
    assert [row["state"] for row in payload["annotators"]] == ["excluded", "excluded"]


def test_somebody_paused_counts_and_says_why() -> None:
    campaign = study()
    rater = Annotator.objects.get(code="r1")
    set_standing(participation_of(campaign, rater), "paused", reason="ill", user=None)
    row = rows_of(campaign)["r1"]
    assert row["state"] == "paused" and row["mean"] is not None and row["reason"] == "paused: ill"


def told(campaign: Campaign, **fields: Any) -> Annotator:
    """The first rater becomes a person, who told their profile when they began."""
    rater = Annotator.objects.get(code="r1")
    for name, value in {"origin": "person", **TOLD, **fields}.items():
        setattr(rater, name, value)
    rater.save()
    participation_of(campaign, rater)
    return rater


def test_the_profile_is_that_of_the_start() -> None:
    campaign = study()
    rater = told(campaign, consented_at=timezone.now())
    rater.region, rater.experience_years = "Pune", 5
    rater.save()
    row = rows_of(campaign)["r1"]
    names = ("languages", "dialect", "region", "education", "years", "relation")
    assert [row[name] for name in names] == ["Marathi", "Varhadi", "Nagpur", "BA", 4, "none"]
    assert row["reason"] is None


def test_without_consent_no_profile_is_printed() -> None:
    campaign = study()
    rater = told(campaign, consented_at=timezone.now())
    rater.consented_at = None
    rater.save()
    row = rows_of(campaign)["r1"]
    assert row["languages"] == row["region"] == row["relation"] == "" and row["years"] is None
    assert row["reason"] == "profile withheld: no consent"
    assert row["mean"] is not None


def test_a_stored_profile_that_makes_no_sense_is_empty() -> None:
    campaign = study()
    told(campaign, consented_at=timezone.now())
    odd = {"native_languages": 7, "dialect": None, "region": ["x"], "experience_years": "many"}
    Participation.objects.update(profile=odd)
    row = rows_of(campaign)["r1"]
    assert (row["languages"], row["dialect"], row["region"], row["years"]) == ("", "", "", None)


def test_the_table_is_anonymous_and_safe_in_a_spreadsheet() -> None:
    campaign = study()
    told(campaign, consented_at=timezone.now(), region="=1+1", author_name="Asha Kulkarni")
    payload = build_payload(campaign, settings=FAST)
    text = table_csv("annotators", payload["annotators"])
    assert "Kulkarni" not in text
    first = next(csv.DictReader(io.StringIO(text)))
    assert (first["annotator"], first["region"], first["state"]) == ("r1", "'=1+1", "active")
    assert (first["years"], first["n_ratings"]) == ("4", "24")


def test_the_page_shows_profiles_only_where_somebody_told_one() -> None:
    campaign = study()
    assert Annotators().shown(build_payload(campaign, settings=FAST))["profiles"] is None
    told(campaign, consented_at=timezone.now())
    shown = Annotators().shown(build_payload(campaign, settings=FAST))["profiles"]
    assert shown["rows"][0][1:7] == ["Marathi", "Varhadi", "Nagpur", "BA", 4, "none"]
    assert set(shown["rows"][1][1:7]) == {"–"}


def test_the_frame_takes_as_many_queries_for_two_raters_as_for_nine(
    django_assert_max_num_queries: Any,
) -> None:
    campaign = study(raters=[f"r{n}" for n in range(9)])
    excluded(campaign, "r3")
    with django_assert_max_num_queries(10):
        frame = load_frame(campaign)
    assert len(frame.raters) == 8 and len(frame.left_out) == 1


def test_the_version_of_the_data_tells_the_kinds_apart_and_sees_standings() -> None:
    campaign = study()
    plain = data_version(campaign)
    kinds = {plain, data_version(campaign, with_excluded=True)}
    assert len(kinds) == 2 and all(len(version) <= 64 for version in kinds)
    excluded(campaign)
    assert data_version(campaign) != plain


def test_a_consent_that_was_withdrawn_makes_a_new_report() -> None:
    campaign = study()
    rater = told(campaign, consented_at=timezone.now())
    before = data_version(campaign)
    Annotator.objects.filter(pk=rater.pk).update(consented_at=None)
    assert data_version(campaign) != before


def made(campaign: Campaign, *, with_excluded: bool) -> ReportRun:
    run, is_new = open_report(campaign, with_excluded=with_excluded)
    assert is_new
    return run_inline(run)


def test_both_kinds_are_kept_side_by_side() -> None:
    campaign = study()
    excluded(campaign)
    without, with_them = (made(campaign, with_excluded=kind) for kind in (False, True))
    assert fresh_report(campaign) == without
    assert fresh_report(campaign, with_excluded=True) == with_them
    again = made(campaign, with_excluded=True)
    assert newest_report(campaign, with_excluded=True) == again
    assert newest_report(campaign) == without
    with_them.refresh_from_db()
    assert with_them.payload is None


def test_the_command_takes_them_in_when_told(tmp_path: Any) -> None:
    campaign = study()
    excluded(campaign)
    call_command("report", campaign="judged", out=tmp_path / "a")
    call_command("report", "--campaign=judged", f"--out={tmp_path / 'b'}", "--with-excluded")
    found = [
        json.loads((tmp_path / name / "report.json").read_text(encoding="utf-8"))
        for name in ("a", "b")
    ]
    assert [payload["counts"]["raters"] for payload in found] == [1, 2]
    call_command("report", campaign="judged", out=tmp_path / "a", with_excluded=True)
    assert ReportRun.objects.count() == 2


@pytest.fixture
def reader(client: Any) -> Any:
    client.force_login(alice())
    return client


def test_the_page_asks_with_or_without_where_somebody_is_excluded(reader: Any) -> None:
    campaign = study()
    address = reverse("metrics:report", args=[campaign.pk])
    made(campaign, with_excluded=False)
    assert "with_excluded" not in reader.get(address).content.decode()
    excluded(campaign)
    made(campaign, with_excluded=False)
    assert 'name="with_excluded" value="1">' in reader.get(address).content.decode()
    start = reverse("metrics:report_start", args=[campaign.pk])
    asked = reader.post(start, {"with_excluded": "1"})
    assert asked.url == f"{address}?with_excluded=1"
    waiting = reader.get(asked.url).content.decode()
    assert f'{reverse("metrics:report_progress", args=[campaign.pk])}?with_excluded=1"' in waiting
    run_inline(ReportRun.objects.order_by("-pk").first())
    page = reader.get(asked.url).content.decode()
    assert "With the ratings of 1 annotator who was excluded." in page
    assert 'name="with_excluded" value="1" checked' in page
    assert "download/json/?with_excluded=1" in page
    assert reader.post(start).url == address
    assert ReportRun.objects.unfinished().count() == 0


def test_each_download_is_of_the_kind_asked_for(reader: Any) -> None:
    campaign = study()
    excluded(campaign)
    for kind in (False, True):
        made(campaign, with_excluded=kind)
    address = reverse("metrics:report_download", args=[campaign.pk, "json"])
    for query, n_raters in (("", 1), ("?with_excluded=1", 2), ("?with_excluded=x", 1)):
        assert json.loads(reader.get(address + query).content)["counts"]["raters"] == n_raters


def test_a_failed_report_can_be_asked_for_again_in_its_kind(reader: Any) -> None:
    campaign = study()
    excluded(campaign)
    address = reverse("metrics:report", args=[campaign.pk]) + "?with_excluded=1"
    reader.get(address)
    ReportRun.objects.update(state="failed", error="The disk is full.")
    page = reader.get(address).content.decode()
    assert "The disk is full." in page and 'value="1" checked' in page
    assert ReportRun.objects.count() == 1


def test_the_explorer_has_a_table_of_each_kind(reader: Any) -> None:
    campaign = study()
    scored(campaign, ("bleu",))
    excluded(campaign)
    made(campaign, with_excluded=False)
    made(campaign, with_excluded=True)
    plain, whole = (newest_table(campaign, with_excluded=kind) for kind in (False, True))
    assert plain and whole and plain != whole
    address = reverse("metrics:outputs", args=[campaign.pk])
    assert "Of the report without excluded annotators" in reader.get(address).content.decode()
    page = reader.get(address + "?with_excluded=1&quadrant=both+high")
    assert page.context["table"] == whole
    assert page.context["query"] == "quadrant=both+high&with_excluded=1"
    assert "Of the report with excluded annotators" in page.content.decode()
