"""Traces of translation in the report: shares, scores with and without, agreement, by hand."""

import numpy as np
import pytest

from annotation.models import Annotator, Campaign, Item, ItemOutput, Rating, RatingScore
from common.text import text_hash
from metrics.analyses.settings import Settings
from metrics.reports.payload import build_payload
from metrics.reports.sections.artefacts import Artefacts
from metrics.statistics import krippendorff_alpha
from models_app.models import Dataset, Output, Segment, System
from tests.metrics.studies import study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200)
N = 10
CLEAN = "कुत्रा क्रमांक {n} आज सकाळी घरी धावत धावत आला आणि झोपला."
SOURCE = "The dog number {n} came running home this morning and slept."


def rate(item, person, said):
    protocol = item.campaign.protocol_object
    checked = protocol.check_answer({"outputs": said}, len(said))
    assert checked.is_complete
    rating = Rating.objects.create(
        item=item, annotator=person, answer=checked.answer, is_complete=True
    )
    outputs = dict(ItemOutput.objects.filter(item=item).values_list("slot", "output"))
    RatingScore.objects.bulk_create(
        RatingScore(
            rating=rating, output_id=outputs[score.slot], criterion=score.criterion,
            value=score.value,
        )
        for score in protocol.scores(checked.answer, len(said))
    )  # fmt: skip


def tagged(*tags):
    return {"quality": 2, "severity": 2, "artefacts": list(tags)}


FINE = {"quality": 5, "severity": 5}


@pytest.fixture
def campaign():
    """Of system b, r1 tags segments 0 to 5 as literal, r2 only 0 to 4; 9 stayed English."""
    dataset = Dataset.objects.create(name="tagged", source_lang="en", target_lang="mr")
    campaign = Campaign.objects.create(
        name="tagged", dataset=dataset, protocol="questionnaire", options={"form": "artefacts"}
    )
    systems = [System.objects.create(name=name) for name in "ab"]
    campaign.systems.set(systems)
    people = [Annotator.objects.create(code=code, scope="tagged") for code in ("r1", "r2")]
    for n in range(N):
        source = SOURCE.format(n=n)
        segment = Segment.objects.create(dataset=dataset, key=f"s{n}", position=n, source=source)
        item = Item.objects.create(campaign=campaign, segment=segment, position=n, block=n)
        for slot, system in enumerate(systems):
            text = source if (slot, n) == (1, 9) else CLEAN.format(n=n)
            output = Output.objects.create(
                system=system, segment=segment, text=text, text_hash=text_hash(text)
            )
            ItemOutput.objects.create(item=item, output=output, slot=slot)
        for place, person in enumerate(people):
            b = tagged("literal") if n < 6 - place else FINE
            if n == 9:
                b = tagged("untranslated")
            rate(item, person, {"0": FINE, "1": b})
    return campaign


def row(rows, **wanted):
    (found,) = (r for r in rows if all(r[name] == value for name, value in wanted.items()))
    return found


def test_shares_have_wilsons_interval(campaign):
    rows = build_payload(campaign, settings=FAST)["artefact_shares"]
    whole = row(rows, source="people", tag=None, system=None)
    assert (whole["n"], whole["n_tagged"], whole["share"]) == (20, 7, 0.35)
    assert whole["low"] == pytest.approx(0.1812, abs=1e-4)  # Wilson (1927), by hand
    assert whole["high"] == pytest.approx(0.5671, abs=1e-4)
    literal = row(rows, source="people", tag="literal", system="b")
    assert (literal["n"], literal["n_tagged"]) == (10, 6)  # one of two is half
    assert row(rows, source="people", tag="literal", system="a")["n_tagged"] == 0
    rules = row(rows, source="rules", tag="untranslated", system=None)
    assert (rules["n"], rules["n_tagged"]) == (20, 1)
    assert row(rows, source="rules", tag="other script", system="b")["n_tagged"] == 1


def test_scores_with_and_without_a_tag(campaign):
    rows = build_payload(campaign, settings=FAST)["artefact_scores"]
    found = row(rows, source="people", tag="literal", measure="people: quality")
    with_tag = np.mean([2] * 5 + [3.5])
    without = np.mean([5] * 13 + [2])
    assert (found["n_with"], found["n_without"]) == (6, 14)
    assert found["difference"] == pytest.approx(with_tag - without)
    assert found["low"] < found["difference"] < found["high"] < 0
    few = row(rows, source="people", tag="untranslated", measure="people: quality")
    assert few["difference"] is None and few["reason"] == "fewer than 5 scored outputs with it"


def test_agreement_on_tags_is_alpha_and_not_defined_where_nobody_uses_one(campaign):
    rows = build_payload(campaign, settings=FAST)["artefact_agreement"]
    literal = row(rows, between="annotators", tag="literal")
    said = np.zeros((2, 20))
    said[0, :6] = said[1, :5] = 1
    assert literal["alpha"] == pytest.approx(krippendorff_alpha(said, level="nominal"))
    assert (literal["n"], literal["reason"]) == (20, None)
    unused = row(rows, between="annotators", tag="wrong_term")
    assert (unused["alpha"], unused["reason"]) == (None, "it is never chosen")
    both = row(rows, between="people and rules", tag="untranslated")
    assert both["alpha"] == 1


def test_the_section_says_it_in_words(campaign):
    shown = Artefacts().shown(build_payload(campaign, settings=FAST))
    assert shown["sentence"] == "People tagged 35% of 20 outputs (18% to 57%)."
    assert shown["shares"]["rows"][0][:2] == ["any", "People"]
    cells = [cell for table in (shown["scores"], shown["agreement"]) for cell in table["rows"]]
    assert any("it is never chosen" in line for line in cells)


def test_before_anybody_judged_nothing_is_defined(campaign):
    Rating.objects.all().delete()
    payload = build_payload(campaign, settings=FAST)
    shares = payload["artefact_shares"]
    assert {r["reason"] for r in shares} == {"no output of it was judged"}
    assert {r["reason"] for r in payload["artefact_agreement"]} >= {"no output was judged by two"}
    assert Artefacts().shown(payload)["sentence"] == "No output has been judged yet."


def test_a_campaign_that_asked_for_no_tags_has_no_such_section():
    payload = build_payload(study(), settings=FAST)
    assert "artefact_shares" not in payload and Artefacts().shown(payload) is None
