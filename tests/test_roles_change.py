"""What is taken away in the middle of a session is gone at the next request, by page and token."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from annotation.members import remove_member
from annotation.models import Membership
from annotation.services import next_assignment, open_campaign
from api.tokens import make_token
from tests import people

pytestmark = pytest.mark.django_db


class Caught:
    """One person's browser and token, used before and after."""

    def __init__(self, user: Any) -> None:
        self.user, self.browser = user, Client()
        self.browser.post("/login/", {"username": user.username, "password": people.PASSWORD})
        secret = make_token(user=user, name="t", scope="write", days=None)[1]
        self.token = {"Authorization": f"Bearer {secret}"}

    def codes(self, page: str, where: str) -> tuple[int, int]:
        return (
            self.browser.get(page).status_code,
            Client().get(f"/api/v1/{where}", headers=self.token).status_code,
        )


@pytest.fixture
def campaign() -> Any:
    made = people.small_campaign()
    open_campaign(made)
    made.refresh_from_db()
    return made


def test_an_annotator_who_is_let_go_reads_and_sends_nothing_more(campaign):
    bob = Caught(people.bob())
    held = next_assignment(bob.user.annotator, campaign)
    page, where = reverse("annotation:annotate", args=[held.pk]), f"work/items/{held.pk}/"
    assert bob.codes(page, where) == (200, 200)
    remove_member(Membership.objects.get(user=bob.user, campaign=campaign))
    assert bob.codes(page, where) == (404, 404)
    assert bob.browser.post(page, {"score": "4"}).status_code == 404
    assert not held.item.ratings.exists()


def test_a_researcher_who_is_let_go_reads_nothing_more(campaign):
    alice = Caught(people.alice())
    page, where = f"/campaigns/{campaign.pk}/", f"campaigns/{campaign.pk}/"
    assert alice.codes(page, where) == (200, 200)
    Membership.objects.filter(user=alice.user).delete()
    assert alice.codes(page, where) == (404, 404)


def test_an_admin_who_is_none_any_more_is_refused(db):
    ada = Caught(people.ada())
    assert ada.codes("/people/", "accounts/") == (200, 200)
    ada.user.is_staff = False
    ada.user.save()
    assert ada.codes("/people/", "accounts/") == (403, 403)


def test_who_leaves_a_group_leaves_its_rooms(db):
    alice = Caught(people.alice())
    assert alice.codes("/models/datasets/", "datasets/") == (200, 200)
    alice.user.groups.remove(*Group.objects.all())
    assert alice.codes("/models/datasets/", "datasets/") == (403, 403)


def test_a_closed_account_is_out_everywhere(db):
    bob = Caught(people.bob())
    assert bob.codes("/account/", "me/") == (200, 200)
    bob.user.is_active = False
    bob.user.save()
    assert bob.codes("/account/", "me/") == (302, 401)


def test_a_new_password_ends_the_sessions_that_began_with_the_old_one(db):
    bob, other = Caught(people.bob()), Caught(people.bob())
    fields = {"old_password": people.PASSWORD, "new_password1": "another-horse-2026"}
    fields["new_password2"] = fields["new_password1"]
    assert other.browser.post("/account/password/", fields).status_code == 302
    assert (bob.codes("/account/", "me/")[0], other.codes("/account/", "me/")[0]) == (302, 200)
