"""Simulated raters answer every protocol by the same doors as people."""

import pytest

from annotation.models import Campaign, ErrorSpan, Rating, RatingScore
from annotation.mqm import tree_names
from annotation.protocols import PROTOCOLS
from annotation.services import open_campaign
from annotation.simulation import SimulatedRater, simulate
from annotation.simulation.noticing import quality, wrong_words
from annotation.wording import form_names
from models_app.models import Segment
from tests import people

GOOD, BAD = "दवाखाना नऊ वाजता उघडतो.", "दवाखाना पाच वाजता पळतो."


def segment() -> Segment:
    return Segment(source="The clinic opens at nine.", references=[GOOD])


def simulated(protocol: str, **options) -> Campaign:
    campaign = people.small_campaign(protocol=protocol, options=options, raters_per_item=2)
    open_campaign(campaign)
    campaign.refresh_from_db()
    simulate(campaign, [SimulatedRater("S1", 1), SimulatedRater("S2", 2, severity=0.05)])
    return campaign


def test_wrong_words_are_those_the_reference_lacks():
    runs = list(wrong_words(BAD, segment()))
    assert [BAD[run.start : run.end] for run in runs] == ["पाच", "पळतो."]
    assert list(wrong_words(GOOD, segment())) == []


def test_a_text_from_the_source_is_supported():
    document = Segment(source="The clinic opens at nine and closes at five.", references=["x"])
    assert quality("The clinic closes at five.", document).supported == 1
    assert quality("Firemen come.", document).supported == 0


@pytest.mark.django_db
@pytest.mark.parametrize("protocol", sorted(set(PROTOCOLS.names()) - {"da"}))
def test_every_item_is_rated_in_full(protocol):
    campaign = simulated(protocol)
    ratings = Rating.objects.filter(item__campaign=campaign)
    assert ratings.count() == 2 * campaign.items.count()
    assert ratings.filter(is_complete=True).count() == ratings.count()
    assert RatingScore.objects.filter(rating__in=ratings).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("form", form_names())
def test_every_scale_of_every_form_is_answered(form):
    campaign = simulated("questionnaire", form=form)
    criteria = RatingScore.objects.filter(rating__item__campaign=campaign)
    found = set(criteria.values_list("criterion", flat=True))
    assert found == set(campaign.protocol_object.criteria())


@pytest.mark.django_db
@pytest.mark.parametrize("tree", tree_names())
def test_marked_errors_lie_on_words_the_reference_lacks(tree):
    campaign = simulated("mqm", tree=tree, leaves="mr")
    marked = ErrorSpan.objects.filter(rating__item__campaign=campaign)
    assert marked.filter(quoted="जोरात").exists()
    assert not marked.filter(quoted="").exists()
    assert set(marked.values_list("severity", flat=True)) <= {"minor", "major"}
