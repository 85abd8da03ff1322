"""A campaign whose outputs leak does not open, unless somebody takes that upon themselves."""

import pytest
from django.urls import reverse

from annotation.leak_gate import MOST_LISTED, LeaksFound, leaks_of
from annotation.models import Campaign
from annotation.services import close_campaign, open_campaign
from models_app.models import Adapter, Checkpoint, Output
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return people.small_campaign("study")


def spoil(campaign: Campaign, text: str, key: str = "s1") -> Output:
    output = Output.objects.get(
        segment__key=key, segment__dataset=campaign.dataset, system__name__startswith="secret-lora"
    )
    output.text = text
    output.save()
    return output


def post(client, campaign, **data):
    client.force_login(people.alice())
    return client.post(reverse("annotation:campaign_open", args=[campaign.pk]), data, follow=True)


def test_clean_outputs_open_and_the_plan_says_so(campaign):
    open_campaign(campaign)
    campaign.refresh_from_db()
    assert campaign.plan["leaks"] == {"errors": 0, "warnings": 0, "kinds": {}}


def test_an_error_stops_the_opening_with_system_segment_and_what(campaign):
    spoil(campaign, "मी secret-lora of study आहे.")
    with pytest.raises(LeaksFound) as stopped:
        open_campaign(campaign)
    assert "secret-lora of study, segment s1: the output names a system" in stopped.value.message
    campaign.refresh_from_db()
    assert campaign.state == "draft"
    assert not campaign.items.exists()


def test_many_errors_are_counted_and_three_are_named(campaign):
    for number in range(6):
        spoil(campaign, "", f"s{number}")
    with pytest.raises(LeaksFound, match=r"segment s2: the output is empty; and 3 more; load"):
        open_campaign(campaign)


def test_opening_nevertheless_is_recorded_with_who_when_and_which(campaign):
    spoil(campaign, "")
    open_campaign(campaign, despite_leaks_by=people.alice())
    campaign.refresh_from_db()
    assert campaign.state == "open"
    taken = campaign.plan["leaks"].pop("opened_despite")
    assert campaign.plan["leaks"] == {"errors": 1, "warnings": 0, "kinds": {"empty": 1}}
    assert taken["by"] == "alice"
    assert taken["at"].startswith(campaign.opened_at.isoformat()[:13])
    assert taken["leaks"] == [["secret-lora of study", "s1", "empty"]]
    assert MOST_LISTED >= 1000


def test_who_would_take_errors_where_there_are_none_is_not_recorded(campaign):
    open_campaign(campaign, despite_leaks_by=people.alice())
    campaign.refresh_from_db()
    assert "opened_despite" not in campaign.plan["leaks"]


def test_an_adapter_s_and_a_base_model_s_names_are_looked_for_too(campaign):
    base = Checkpoint.objects.create(
        name="acme/Zebra-7B", location="acme/Zebra-7B", architecture="causal"
    )
    adapter = Adapter.objects.create(name="quagga-lora", checkpoint=base, location="/m/okapi-v2")
    system = campaign.systems.get(name__startswith="secret-lora")
    system.adapter = adapter
    system.save()
    for name in ("Zebra-7B", "quagga-lora", "okapi-v2"):
        spoil(campaign, f"तो कुत्रा {name} बागेत जोरात धावला आणि मग शांतपणे झोपला.")
        assert [leak.kind for leak in leaks_of(campaign)] == ["name"], name


def test_a_closed_campaign_opens_again_without_another_look(campaign):
    open_campaign(campaign)
    close_campaign(campaign)
    spoil(campaign, "")
    open_campaign(campaign)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.plan["leaks"]["errors"]) == ("open", 0)


def test_the_page_lists_what_stopped_the_opening_and_offers_to_go_on(client, campaign):
    spoil(campaign, "As an AI language model, मी याबद्दल तुम्हाला काहीही निश्चितपणे सांगू शकत नाही.")
    spoil(campaign, "<|assistant|> तो कुत्रा बागेत जोरात धावला आणि झोपला.", "s2")
    page = post(client, campaign)
    assert page.redirect_chain == [(reverse("annotation:leaks", args=[campaign.pk]), 302)]
    html = page.content.decode()
    assert "the output speaks of itself as a model" in html
    assert "the output holds a piece of a template" in html
    assert "Open nevertheless" in html
    page = post(client, campaign, despite_leaks="1")
    assert page.redirect_chain == [(reverse("annotation:campaign_detail", args=[campaign.pk]), 302)]
    assert "2 errors, 0 warnings" in page.content.decode()
    listed = client.get(reverse("annotation:leaks", args=[campaign.pk])).content.decode()
    assert "alice opened the campaign despite 2 errors" in listed
    assert "Open nevertheless" not in listed


def test_warnings_are_shown_and_stop_nothing(client, campaign):
    source = campaign.dataset.segments.get(key="s1")
    source.source = "कुत्रा धावला आणि झोपला."
    source.save()
    spoil(campaign, source.source)
    page = post(client, campaign).content.decode()
    assert "The outputs gave 1 warning; it is listed under Leaks." in page
    assert "0 errors, 1 warnings" in page


def test_only_the_chosen_systems_are_looked_at(campaign):
    people.small_system("openai", campaign.dataset, "ChatGPT {number}.")
    assert leaks_of(campaign) == []
