"""Sentences pinned to cells: they hold, turn stale with the cell, and are pinned again."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.models import Campaign, Rating, RatingScore
from annotation.participation import participation_of, set_standing
from common.errors import BadInput, NotFound
from metrics.capsules.writing import write_capsule
from metrics.claims import checked_claims, found_cells, pin_again, pin_claim
from metrics.models import Claim, ReportRun
from metrics.reports.cells import cell, cells, differences, key_columns
from tests import people
from tests.metrics.packing import FAST, report_of
from tests.metrics.studies import scored, study

PATH = "systems[system=lora].score"
WORDS = "lora is liked more than base."
stored = pytest.mark.django_db

texts = st.text("ab =,[]\"\\'é\n", max_size=6) | st.sampled_from(
    ["null", "a,b", "x]", 'q"', " a", "a=b", "true"]
)
rows = st.lists(
    st.fixed_dictionaries(
        {"system": texts, "metric": texts | st.none(), "score": st.floats(allow_nan=False)}
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_every_cell_is_found_under_its_name(given_rows: list[dict[str, Any]]) -> None:
    report = {"counts": {"raters": 3}, "systems": given_rows, "notes": ["x"], "grid": [[1], [2]]}
    named = list(cells(report))
    assert len({path for path, _value in named}) == len(named)
    for path, value in named:
        assert cell(report, path) == value


def test_a_row_that_is_added_leaves_the_names_of_the_others() -> None:
    one = [{"system_a": "a", "system_b": "b", "metric": "bleu", "human_delta": 1.0, "reason": ""}]
    two = [*one, one[0] | {"system_b": "c"}, one[0] | {"metric": "ter"}]
    assert key_columns(one) == key_columns(two) == ["metric", "system_a", "system_b"]
    path = "pairs[system_a=a,system_b=b,metric=bleu].human_delta"
    assert cell({"pairs": one}, path) == cell({"pairs": two}, path) == 1.0
    assert cell({"pairs": two}, "pairs[metric=ter].human_delta") == 1.0
    turned = [dict(reversed(row.items())) for row in two]
    assert sorted(cells({"pairs": turned})) == sorted(cells({"pairs": two}))
    added = {one.path.partition("]")[0] for one in differences({"pairs": one}, {"pairs": two})}
    assert len(added) == 2


@pytest.mark.parametrize("path", ["", "systems[", "systems..score", "a b", "systems[system=]x]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(BadInput, match="is no path to a cell"):
        cell({"systems": [{"system": "", "score": 1}]}, path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nope", "has no nope"),
        ("counts.nope", "has no nope"),
        ("counts[system=a]", "has no rows"),
        ("systems[system=c].score", "has no row for"),
        ("systems[unit=points].score", "has 2 rows for"),
        ("systems[9].score", "has no row 9"),
        ("systems[0].score.more", "has no more"),
    ],
)
def test_a_cell_that_is_not_there_is_not_found(path: str, reason: str) -> None:
    systems = [{"system": name, "unit": "points", "score": 1.0} for name in "ab"]
    with pytest.raises(NotFound, match=reason):
        cell({"counts": {"raters": 2}, "systems": systems}, path)


def judged() -> Campaign:
    campaign = study()
    scored(campaign, ["bleu", "ter"])
    return campaign


def pinned(campaign: Campaign, path: str = PATH) -> Claim:
    return pin_claim(campaign=campaign, run=report_of(campaign), sentence=WORDS, path=path)


def states(campaign: Campaign) -> list[str]:
    return [one.state for one in checked_claims(campaign, report_of(campaign).payload)]


def change(campaign: Campaign) -> None:
    RatingScore.objects.filter(output__system__name="lora").update(value=F("value") - 30)
    Rating.objects.filter(item__campaign=campaign).first().delete()


@stored
def test_a_claim_holds_until_its_cell_has_another_value() -> None:
    campaign = judged()
    claim = pinned(campaign)
    other = pinned(campaign, "counts.segments")
    assert claim.value == pytest.approx(cell(report_of(campaign).payload, PATH))
    assert states(campaign) == ["holds", "holds"]
    Claim.objects.filter(pk=claim.pk).update(value=claim.value * (1 + 1e-14))
    assert states(campaign) == ["holds", "holds"]
    change(campaign)
    assert states(campaign) == ["stale", "holds"]
    run = report_of(campaign)
    pin_again(claim, run)
    assert states(campaign) == ["holds", "holds"]
    claim.refresh_from_db()
    assert (claim.data_version, claim.data_version == other.data_version) == (
        run.data_version,
        False,
    )
    campaign.systems.remove(campaign.systems.get(name="lora"))
    assert states(campaign)[0] == "lost"


@stored
@pytest.mark.parametrize(
    ("sentence", "path", "reason"),
    [
        (" ", PATH, "write the sentence"),
        ("x" * 501, PATH, "500 characters at most"),
        (WORDS, "systems", "is more than one cell"),
        (WORDS, "counts", "is more than one cell"),
        (WORDS, "'; drop", "is no path to a cell"),
    ],
)
def test_what_cannot_be_pinned_is_told(sentence: str, path: str, reason: str) -> None:
    campaign = study()
    with pytest.raises(BadInput, match=reason):
        pin_claim(campaign=campaign, run=report_of(campaign), sentence=sentence, path=path)
    assert not Claim.objects.exists()


@stored
def test_pinned_twice_it_is_there_once() -> None:
    campaign = study()
    assert pinned(campaign) == pinned(campaign)


@stored
def test_cells_are_found_by_words() -> None:
    payload = report_of(judged()).payload
    found = found_cells(payload, "pairs BLEU human_delta", 10)
    assert found[0][0] == "pairs[metric=bleu,system_a=base,system_b=lora].human_delta"
    assert all(cell(payload, path) == value for path, value in found)
    assert len(found_cells(payload, "system", 3)) == 3


@stored
def test_the_report_page_tells_which_claims_are_stale(client: Client) -> None:
    campaign = judged()
    pinned(campaign)
    report = reverse("metrics:report", args=[campaign.pk])
    client.force_login(people.alice())
    assert "1 pinned to this report" in client.get(report).content.decode()
    assert WORDS not in client.get(report).content.decode()
    change(campaign)
    report_of(campaign)
    page = client.get(report).content.decode()
    assert WORDS in page and ">stale</span>" in page and PATH in page


@stored
def test_claims_are_pinned_pinned_again_and_removed_on_their_page(client: Client) -> None:
    campaign = judged()
    client.force_login(people.alice())
    page = reverse("metrics:claims", args=[campaign.pk])
    pin = reverse("metrics:claim_pin", args=[campaign.pk])
    assert client.get(page).url == reverse("metrics:report", args=[campaign.pk])
    report_of(campaign)
    assert PATH in client.get(page, {"words": "systems lora score"}).content.decode()
    assert "No cell has all these words." in client.get(page, {"words": "zz"}).content.decode()
    bad = client.post(pin, {"sentence": "<b>It", "path": "nope", "words": "lora"})
    assert bad.status_code == 422
    assert "the report has no nope" in bad.content.decode()
    assert "&lt;b&gt;It" in bad.content.decode()
    assert client.post(pin, {"sentence": WORDS, "path": PATH}).url == page
    claim = Claim.objects.get()
    assert claim.created_by == people.alice()
    change(campaign)
    report_of(campaign)
    assert "pin it again" in client.get(page).content.decode()
    client.post(reverse("metrics:claim_again", args=[campaign.pk, claim.pk]))
    assert "pin it again" not in client.get(page).content.decode()
    client.post(reverse("metrics:claim_delete", args=[campaign.pk, claim.pk]))
    assert not Claim.objects.exists()


@stored
def test_nobody_else_sees_or_changes_a_claim(client: Client) -> None:
    campaign, other = judged(), study("other", systems=("x", "y"))
    claim = pinned(campaign)
    client.force_login(people.charlie())
    for name, more in (("claims", []), ("claim_pin", []), ("claim_delete", [claim.pk])):
        address = reverse(f"metrics:{name}", args=[campaign.pk, *more])
        method = client.get if name == "claims" else client.post
        assert method(address).status_code == 404
    client.force_login(people.alice())
    foreign = reverse("metrics:claim_delete", args=[other.pk, claim.pk])
    assert client.post(foreign).status_code == 404
    assert Claim.objects.exists()


@stored
def test_claims_go_into_the_capsule() -> None:
    campaign = judged()
    claim = pinned(campaign)
    file = io.BytesIO()
    write_capsule(campaign, ReportRun.objects.first(), file)
    (kept,) = json.loads(zipfile.ZipFile(file).read("claims.json"))
    assert (kept["sentence"], kept["path"], kept["value"]) == (WORDS, PATH, claim.value)


@stored
def test_claims_stand_on_the_report_of_their_kind(client: Client) -> None:
    campaign = judged()
    plain = pinned(campaign)
    rater = participation_of(campaign, Rating.objects.first().annotator)
    set_standing(rater, "excluded", reason="in haste", user=None)
    report_of(campaign)
    whole = report_of(campaign, FAST._replace(with_excluded=True))
    with pytest.raises(BadInput, match="report of the other kind"):
        pin_claim(campaign=campaign, run=whole, sentence=plain.sentence, path=PATH)
    pin_claim(campaign=campaign, run=whole, sentence="With everybody.", path=PATH)
    said = [one.claim.sentence for one in checked_claims(campaign, whole.payload)]
    assert said == ["With everybody."]
    client.force_login(people.alice())
    address = reverse("metrics:claims", args=[campaign.pk])
    page = client.get(address)
    assert b"without excluded annotators" in page.content and len(page.context["claims"]) == 1
    page = client.get(address + "?with_excluded=1")
    assert b"Of the report with excluded annotators" in page.content
    assert [one.claim.sentence for one in page.context["claims"]] == said
    kept = {"sentence": "Again.", "path": PATH, "with_excluded": "1"}
    found = client.post(reverse("metrics:claim_pin", args=[campaign.pk]), kept)
    assert found.url.endswith("?with_excluded=1")
    assert len(checked_claims(campaign, whole.payload)) == 2
