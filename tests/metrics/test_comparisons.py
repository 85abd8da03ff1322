"""Side by side and questionnaires: what a preference is worth, and ties nobody had to judge."""

import pytest

from annotation.models import Annotator, Campaign, Item, ItemOutput, Rating, RatingScore
from common.text import text_hash
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.reports.payload import build_payload
from models_app.models import Dataset, Output, Segment, System

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=200)


@pytest.fixture
def campaign():
    """Three systems on two segments. On s0: a beats b twice, a ties c, c beats b. On s1 the
    texts of a and b are equal, and a loses to c."""
    dataset = Dataset.objects.create(name="pairs", source_lang="mr", target_lang="mr")
    campaign = Campaign.objects.create(name="pairs", dataset=dataset, protocol="sidebyside")
    systems = [System.objects.create(name=name) for name in "abc"]
    campaign.systems.set(systems)
    segments = [
        Segment.objects.create(dataset=dataset, key=f"s{n}", position=n, source="?")
        for n in range(2)
    ]
    outputs = {
        (system.name, segment.key): Output.objects.create(
            system=system, segment=segment, text=system.name, text_hash=text_hash(system.name)
        )
        for system in systems
        for segment in segments
    }
    raters = [Annotator.objects.create(code=code, scope="pairs") for code in ("r1", "r2")]

    def item(key: str, first: str, second: str, *wins: float, needs_rating: bool = True) -> None:
        both = [outputs[first, key], outputs[second, key]]
        made = Item.objects.create(
            campaign=campaign,
            segment=both[0].segment,
            position=Item.objects.count(),
            block=0,
            needs_rating=needs_rating,
        )
        for slot, output in enumerate(both):
            ItemOutput.objects.create(item=made, output=output, slot=slot)
        for rater, win in zip(raters, wins, strict=False):
            rating = Rating.objects.create(item=made, annotator=rater, is_complete=True)
            for output, value in zip(both, (win, 1 - win), strict=True):
                RatingScore.objects.create(
                    rating=rating, output=output, criterion="preference", value=value
                )

    item("s0", "a", "b", 1, 1)
    item("s0", "a", "c", 0.5, 0.5)
    item("s0", "b", "c", 0, 0)
    item("s1", "a", "b", needs_rating=False)
    item("s1", "a", "c", 0, 0)
    return campaign


def test_a_pair_counts_only_where_the_two_met(campaign):
    frame = load_frame(campaign)
    assert frame.deltas(0, 1).tolist() == [1, 0]
    assert frame.deltas(0, 2).tolist() == [0, -1]
    assert frame.deltas(1, 2)[0] == -1


def test_a_win_share_is_the_mean_over_comparisons(campaign):
    frame = load_frame(campaign)
    assert frame.scores[0].tolist() == [0.75, 0, 0.75]
    assert frame.scores[1].tolist() == [0.25, 0.5, 1]


def test_equal_texts_are_a_tie_in_the_report(campaign):
    rows = build_payload(campaign, settings=FAST)["pairs"]
    first = next(row for row in rows if (row["system_a"], row["system_b"]) == ("a", "b"))
    assert (first["wins"], first["ties"], first["losses"], first["n"]) == (1, 1, 0, 2)


def test_agreement_counts_a_preference_once(campaign):
    rows = build_payload(campaign, settings=FAST)["agreement"]
    alpha = next(row for row in rows if row["statistic"] == "krippendorff_alpha")
    assert (alpha["n_units"], alpha["n_ratings"], alpha["n_raters"]) == (4, 8, 2)
    assert alpha["value"] == pytest.approx(1)
