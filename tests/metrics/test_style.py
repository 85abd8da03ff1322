"""Strengths with the outputs' length and format controlled, from campaign to report."""

import numpy as np
import pytest
from plotly.graph_objects import Figure

from annotation.models import RatingScore
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.analyses.strengths import comparisons, strengths
from metrics.analyses.style import controlled_strengths, differences, style
from metrics.reporting import report_files
from metrics.reports.payload import build_payload
from metrics.reports.schema import columns
from metrics.reports.sections.strengths import Strengths
from metrics.statistics import bradley_terry
from models_app.models import Output
from tests.metrics.watched import judge, watched

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)
N = 30


def wordy(*, marks: bool = False):
    """Lora writes longer in most segments; the longer of two mostly wins."""
    rng = np.random.default_rng(4)
    campaign = watched("sidebyside", n_segments=N)
    for output in Output.objects.filter(system__campaigns=campaign).order_by("pk"):
        is_lora = "lora" in output.system.name
        output.text = " ".join(["कुत्रा"] * int(rng.integers(2, 8) + 2 * is_lora))
        if marks and rng.random() < 0.5:
            output.text = f"**छान**\n- {output.text}"
        output.save()
    items = judge(campaign, "r1", [{"better": "tie"}] * N)
    for item in items:
        scores = list(
            RatingScore.objects.filter(rating__item=item).select_related("output").order_by("pk")
        )
        gap = len(scores[0].output.text) - len(scores[1].output.text)
        won = float(gap + rng.logistic() * 12 > 0)
        for score, value in zip(scores, (won, 1 - won), strict=True):
            score.value = value
            score.save()
    return campaign


def test_style_counts_characters_and_marks():
    assert style("") == [0, 0, 0, 0]
    assert style("क्षि ता") == [2, 0, 0, 0]
    text = "# One\n## Two\n\n- a\n* b\n  1. c\n२) d\nThis is **very** and __really__ bold."
    assert style(text)[1:] == [4, 2, 2]
    plain = "#tag, 2 * 3 * 4, -5 and 3.5; a ** b and ** c\n- \n**\n#"
    assert style(plain)[1:] == [0, 0, 0]


def test_differences_are_first_less_second():
    campaign = wordy(marks=True)
    frame = load_frame(campaign)
    found = comparisons(frame)
    names, covariates = differences(campaign, frame, found)
    assert names == ("length", "lists", "bold")
    texts = dict(Output.objects.values_list("pk", "text"))
    for row, segment, first, second in zip(
        covariates, found.segment, found.first, found.second, strict=True
    ):
        one, other = (style(texts[frame.outputs[segment, place]]) for place in (first, second))
        assert row[0] == pytest.approx(np.log(one[0] / other[0]))
        assert row[1] == np.sign(one[1] - other[1])
    assert set(covariates[:, 2].tolist()) <= {-1.0, 0.0, 1.0}


def test_marks_that_nobody_made_and_empty_outputs():
    campaign = wordy()
    frame = load_frame(campaign)
    Output.objects.filter(pk=frame.outputs[0, 0]).update(text=" ")
    names, covariates = differences(campaign, frame, comparisons(frame))
    assert names == ("length",)
    assert np.isfinite(covariates).all()


def test_control_takes_the_length_s_share_from_the_longer_system():
    campaign = wordy()
    frame = load_frame(campaign)
    found = comparisons(frame)
    model = controlled_strengths(campaign, frame, FAST)
    assert model.plain.systems == strengths(frame, FAST).systems
    names, covariates = differences(campaign, frame, found)
    systems = np.array(frame.systems)
    sides = systems[found.first], systems[found.second]
    again = bradley_terry(*sides, found.outcome, found.segment, covariates=covariates, names=names)
    assert model.systems == again.systems
    (length,) = model.coefficients
    assert length.effect.low > 0
    gaps = [abs(one.systems[0].strength.estimate) for one in (model.plain, model)]
    assert gaps[1] < gaps[0]


def test_the_report_has_them_side_by_side():
    payload = build_payload(wordy(marks=True), settings=FAST)
    for name in ("strengths", "strength_covariates"):
        assert all(list(row) == columns(name) for row in payload[name])
    assert [row["covariate"] for row in payload["strength_covariates"]] == [
        "length",
        "lists",
        "bold",
    ]
    # Every list item comes with a bold word here.
    assert payload["strength_covariates"][2]["reason"].startswith("bold: a combination")
    shown = Strengths().shown(payload)
    assert shown["uncontrolled"] == ""
    assert "Length and format controlled" in shown["figure"]["table"]["columns"]
    assert [trace["name"] for trace in shown["figure"]["spec"]["data"]] == [
        "Plain",
        "Length and format controlled",
    ]
    Figure(shown["figure"]["spec"])
    first, _, third = shown["covariates"]["rows"]
    assert first[1].startswith("× ") and third[-1].startswith("bold: a combination")
    report_files(payload)


def test_a_system_that_always_writes_so_has_no_controlled_strength():
    campaign = watched("sidebyside")
    items = judge(campaign, "r1", [{"better": "tie"}] * 6)
    for item, won in zip(items, (1, 1, 1, 0, 0, 1), strict=True):
        for score in RatingScore.objects.filter(rating__item=item):
            score.value = won if "base" in score.output.system.name else 1 - won
            score.save()
    payload = build_payload(campaign, settings=FAST)
    row = payload["strengths"][0]
    assert row["strength"] is not None and row["controlled"] is None
    assert row["controlled_reason"] == "length cannot be told from the systems"
    shown = Strengths().shown(payload)
    assert shown["uncontrolled"] == row["controlled_reason"]
    assert shown["covariates"] is None
    assert len(shown["figure"]["spec"]["data"]) == 1
