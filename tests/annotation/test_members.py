"""Roles of one campaign: who gives and takes them, and what auditors never see."""

import pytest
from django.test import Client
from django.urls import reverse

from annotation.accounts import add_member
from annotation.members import remove_member
from annotation.models import Campaign
from common.errors import Conflict
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    made = people.small_campaign()
    add_member(campaign=made, user=people.gita(), role="admin")
    add_member(campaign=made, user=people.eve(), role="auditor")
    return made


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def add(person, campaign, username, role):
    data = {"username": username, "role": role}
    return signed_in(person).post(reverse("annotation:member_add", args=[campaign.pk]), data)


def remove(person, campaign, **wanted):
    member = campaign.memberships.get(**wanted)
    address = reverse("annotation:member_remove", args=[campaign.pk, member.pk])
    return signed_in(person).post(address, follow=True)


@pytest.mark.parametrize("role", ["annotator", "researcher", "admin", "auditor"])
def test_an_admin_of_the_campaign_gives_any_role(role, campaign):
    people.charlie()
    assert add(people.gita(), campaign, "charlie", role).status_code == 302
    assert campaign.memberships.filter(user=people.charlie(), role=role).exists()


def test_a_researcher_beside_an_admin_only_brings_annotators_in(campaign):
    people.charlie()
    assert add(people.alice(), campaign, "charlie", "admin").status_code == 422
    assert add(people.alice(), campaign, "charlie", "annotator").status_code == 302


def test_researchers_give_roles_where_there_is_no_admin(campaign):
    campaign.memberships.filter(role="admin").delete()
    assert add(people.alice(), campaign, "gita", "admin").status_code == 302


def test_a_researcher_takes_only_annotators_away_beside_an_admin(campaign):
    page = remove(people.alice(), campaign, user=people.eve())
    assert "Only an admin of this campaign" in page.content.decode()
    assert campaign.memberships.filter(user=people.eve()).exists()
    remove(people.alice(), campaign, user=people.bob())
    assert not campaign.memberships.filter(user=people.bob()).exists()


def test_nobody_shuts_themselves_out(campaign):
    page = remove(people.gita(), campaign, user=people.gita())
    assert "You would shut yourself out" in page.content.decode()
    assert campaign.memberships.filter(user=people.gita()).exists()


def test_a_campaign_keeps_one_who_manages_it(campaign):
    remove(people.gita(), campaign, user=people.alice())
    page = remove(people.ada(), campaign, user=people.gita())
    assert "the last who manages this campaign" in page.content.decode()
    with pytest.raises(Conflict, match="last who manages"):
        remove_member(campaign.memberships.get(user=people.gita()))


def test_two_roles_of_one_person_show_a_campaign_once(campaign):
    add_member(campaign=campaign, user=people.gita(), role="researcher")
    for asked in ("visible_to", "manageable_by", "administered_by"):
        assert list(getattr(Campaign.objects, asked)(people.gita())) == [campaign]


@pytest.mark.parametrize("auditor", [people.eve, people.frank])
def test_auditors_read_without_names_and_without_controls(auditor, campaign):
    client = signed_in(auditor())
    for name in ("campaign_detail", "invitations", "leaks"):
        page = client.get(reverse(f"annotation:{name}", args=[campaign.pk])).content.decode()
        main = page[page.index("<main") :]
        assert 'method="post"' not in main
        for username in ("alice", "bob", "gita"):
            assert username not in main


def test_who_has_no_role_on_the_site_has_the_doors_of_campaigns_only(campaign):
    page = signed_in(people.gita()).get(reverse("home")).content.decode()
    assert ">Campaigns</a>" in page and ">Reports</a>" in page
    assert ">Data</a>" not in page and ">Models</a>" not in page
    assert reverse("models_app:dataset_list") not in page
