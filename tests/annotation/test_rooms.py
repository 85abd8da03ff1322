"""The menu: which rooms a reader has, and where a page stands."""

import pytest
from django.urls import reverse

from annotation.rooms import ROOMS, rooms_for, standing_in
from tests import people


@pytest.mark.parametrize("door", [door for room in ROOMS for door in room.doors])
def test_every_door_leads_to_a_page_of_its_own_prefix(door):
    assert reverse(door.url) == door.prefix
    assert standing_in(f"{door.prefix}17/")[1] == door


def test_annotators_have_no_rooms_and_researchers_not_that_of_people():
    assert rooms_for(is_admin=False, is_researcher=False) == []
    labels = [str(room.label) for room in rooms_for(is_admin=False, is_researcher=True)]
    assert labels == ["Data", "Models", "Studies", "Campaigns", "Reports", "Audit log"]


@pytest.mark.django_db
def test_a_page_marks_its_room_and_its_door(client):
    client.force_login(people.alice())
    page = client.get(reverse("models_app:corpus_list")).content.decode()
    assert 'aria-current="true">Data</a>' in page
    assert 'aria-current="page">Corpora</a>' in page
    assert ">People</a>" not in page
    home = client.get(reverse("home")).content.decode()
    assert 'class="nav doors"' not in home
