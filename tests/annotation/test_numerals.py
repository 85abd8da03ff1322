"""Numbers, dates and counts are written as the reader's language writes them."""

from datetime import date

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation

from annotation.numerals import digits
from annotation.services import open_campaign
from tests import people

LANGUAGES = ("mr", "hi", "ga")


def test_numbers_are_written_as_the_language_does() -> None:
    written = {}
    for language in (*LANGUAGES, "en"):
        with translation.override(language):
            written[language] = digits("0–6, 2026")
    assert written == {"mr": "०–६, २०२६", "hi": "०–६, २०२६", "ga": "0–6, 2026", "en": "0–6, 2026"}


@pytest.mark.parametrize(
    ("language", "said"),
    [("mr", "२१ नोव्हेंबर २०२६"), ("hi", "२१ नवंबर २०२६"), ("ga", "21 Samhain 2026")],
)
def test_dates_are_written_as_the_language_does(language: str, said: str) -> None:
    page = Template("{% load numerals %}{{ day|date:'DATE_FORMAT'|digits }}")
    with translation.override(language):
        assert page.render(Context({"day": date(2026, 11, 21)})) == said


def test_irish_counts_in_five_ways() -> None:
    said = []
    for n in (1, 2, 3, 7, 20):
        with translation.override("ga"):
            text = translation.ngettext(
                "You judged %(shown)s item of %(campaign)s. Thank you!",
                "You judged %(shown)s items of %(campaign)s. Thank you!",
                n,
            )
        said.append((text % {"shown": n, "campaign": "X"}).partition(" as X")[0])
    assert said == [
        "Mheas tú 1 mhír amháin", "Mheas tú 2 mhír", "Mheas tú 3 mhír", "Mheas tú 7 mír",
        "Mheas tú 20 mír",
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_item_is_numbered_and_its_points_are_written_in_devanagari(client) -> None:
    campaign = people.small_campaign()
    open_campaign(campaign)
    client.force_login(people.bob())
    html = client.get(
        reverse("annotation:annotate_next", args=[campaign.pk]),
        headers={"accept-language": "mr"},
        follow=True,
    ).content.decode()
    assert "घटक १" in html and '<span class="point">६</span>' in html and "<kbd>०–६</kbd>" in html
    assert 'value="6" data-key="6"' in html
