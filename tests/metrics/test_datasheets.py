"""A datasheet answers what is recorded, and says of the rest that it is not."""

import io
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from markdown import markdown

from annotation.models import Annotator, Campaign, Guideline
from annotation.participation import participation_of, set_standing
from annotation.services import open_campaign
from annotation.simulation import SimulatedRater, simulate
from common.text import text_hash
from metrics.capsules.writing import write_capsule
from metrics.datasheets.facts import gather_facts
from metrics.datasheets.questions import datasheet, n_open
from metrics.datasheets.writing import datasheet_files
from tests import people
from tests.metrics.packing import report_of
from tests.metrics.studies import scored, study

pytestmark = pytest.mark.django_db


def answers_of(campaign: Campaign) -> dict[str, list[str]]:
    """Question to answers."""
    parts = datasheet(gather_facts(campaign, report_of(campaign).payload))
    return {question.text: list(question.answers) for part in parts for question in part.questions}


def annotated() -> Campaign:
    Guideline.objects.create(name="rules", language="mr", text="वाचा")
    campaign = people.small_campaign("study", raters_per_item=3, guideline="rules", seed=7)
    open_campaign(campaign)
    campaign.refresh_from_db()
    simulate(campaign, [SimulatedRater(f"sim-{n}", n) for n in range(3)])
    scored(campaign, ["chrf"])
    return campaign


def test_it_says_who_judged_what_and_how() -> None:
    said = answers_of(annotated())
    assert said["Which study is this?"][0] == "study"
    assert said["What is the task, and in which languages?"] == ["Translation from en to mr"]
    assert said["How many people judged?"] == ["3", "simulated: 3"]
    assert said["Who judged which items?"] == [
        "the same number of annotators for every item; 3 annotators for an item; seed 7."
    ]
    assert said["How many annotators judged an item in the end?"] == ["12 items: 3"]
    assert said["What were annotators told?"] == [f"rules v1 (mr), SHA-256 {text_hash('वाचा')}"]
    assert said["Which protocol?"] == ["Scalar quality metric (SQM)"]
    assert said["On which scale?"] == ["points, 0-6; ordinal; higher is better"]
    assert said["How are intervals and tests made?"][-1] == "Seed 12345."
    assert any("krippendorff alpha" in one for one in said["How alike did annotators judge?"])
    assert said["Which metrics were computed on the same outputs?"][0].startswith("chrF")
    assert said["Which controls were mixed in?"] == ["None."]
    assert said["Was anybody left out, and why?"] == ["Nobody of those whose ratings are here."]


def test_what_is_not_known_is_not_made_up() -> None:
    campaign = study()
    facts = gather_facts(campaign, report_of(campaign).payload)
    parts = datasheet(facts)
    said = {q.text: list(q.answers) for part in parts for q in part.questions}
    for question in (
        "How were they found?",
        "How were they paid or thanked?",
        "Under which licence?",
        "What are their native languages?",
        "When did they judge?",
        "Who judged which items?",
        "Which controls were mixed in?",
        "Was an output judged alone or beside others?",
        "Did annotators know who wrote what?",
        "Did annotators consent?",
        "Was the study approved by an ethics board?",
    ):
        assert said[question] == [], question
    text = datasheet_files(campaign, facts.report)["datasheet.md"]
    assert text.count("*not recorded*") == n_open(parts) > 8


def test_profiles_are_those_of_annotators_who_consent() -> None:
    campaign = study(raters=("r1", "r2", "r3"))
    Annotator.objects.update(origin="person", native_languages="mr", region="Nagpur")
    Annotator.objects.exclude(code="r3").update(consented_at=timezone.now())
    said = answers_of(campaign)
    assert said["What are their native languages?"] == ["mr: 2", "not given: 1"]
    assert said["Did annotators consent?"] == [
        "2 of 3 annotators with an account consent to publishing their profile."
    ]


def test_who_was_left_out_is_told_with_the_reason() -> None:
    campaign = study()
    standing = participation_of(campaign, Annotator.objects.get(code="r2"))
    set_standing(standing, "excluded", reason="always 3", user=people.alice())
    (said,) = answers_of(campaign)["Was anybody left out, and why?"]
    assert said.startswith("Left out: r2 (excluded: always 3")


def test_the_file_prints_text_as_it_is() -> None:
    campaign = study(name="a_b *c* [x](http://y) # 1")
    report = report_of(campaign).payload
    files = datasheet_files(campaign, report)
    page = markdown(files["datasheet.md"])
    assert "a_b *c* [x](http://y) # 1" in re.sub(r"<[^>]*>", "", page)
    assert "<a " not in page
    assert "<script" not in files["datasheet.html"]
    assert "http://" not in re.sub(r"\[x\]\(http://y\)", "", files["datasheet.html"])


def test_it_is_in_the_capsule_and_asks_a_fixed_number_of_queries(
    django_assert_max_num_queries,
) -> None:
    campaign = study(n_segments=30)
    run = report_of(campaign)
    with django_assert_max_num_queries(30):
        gather_facts(campaign, run.payload)
    file = io.BytesIO()
    write_capsule(campaign, run, file)
    assert {"datasheet.md", "datasheet.html"} <= set(zipfile.ZipFile(file).namelist())


def test_the_page_and_its_files(client: Client) -> None:
    campaign = annotated()
    page = reverse("metrics:datasheet", args=[campaign.pk])
    file = reverse("metrics:datasheet_download", args=[campaign.pk, "md"])
    client.force_login(people.charlie())
    assert {client.get(page).status_code, client.get(file).status_code} == {404}
    client.force_login(people.alice())
    assert client.get(page).url == reverse("metrics:report", args=[campaign.pk])
    report_of(campaign)
    shown = client.get(page).content.decode()
    assert "How were they paid or thanked?" in shown and "not recorded" in shown
    assert file in shown
    answer = client.get(file)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="study-datasheet.md"'
    assert answer.content.decode().startswith("# Datasheet of study\n")
    nope = reverse("metrics:datasheet_download", args=[campaign.pk, "pdf"])
    assert client.get(nope).status_code == 404


def test_hostile_texts_stay_texts() -> None:
    campaign = study(systems=("base", "=cmd|' /C calc'!A0"))
    campaign.dataset.description = "[x](javascript:alert(1)) <script>alert(2)</script> \u202ex"
    campaign.dataset.save()
    files = datasheet_files(campaign, report_of(campaign).payload)
    page = markdown(files["datasheet.md"])
    for text in (page, files["datasheet.html"]):
        assert "<script>" not in text and 'href="javascript' not in text
        assert "\u202e" not in text and "&lt;U+202E&gt;" in text
