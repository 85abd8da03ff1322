import re
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.test import Client
from django.urls import reverse

from accounts.access import RESEARCHERS
from tests.people import ada, alice, bob, person

pytestmark = pytest.mark.django_db
User = get_user_model()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin() -> Client:
    return signed_in(ada())


def make(client: Client, username: str, role: str = "annotator") -> Any:
    return client.post(reverse("annotation:people"), {"username": username, "role": role})


@pytest.mark.parametrize("role", ["annotator", "researcher", "admin"])
def test_a_new_account_can_sign_in_with_the_password_shown_once(role: str, admin: Client) -> None:
    made = make(admin, "dora", role)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    password = re.search(r'class="mono">([a-z2-9-]{19})<', made.content.decode())[1]
    user = authenticate(username="dora", password=password)
    assert user is not None
    assert user.is_staff == (role == "admin")
    assert not user.is_superuser
    assert user.groups.filter(name=RESEARCHERS).exists() == (role == "researcher")
    assert password not in admin.get(reverse("annotation:people")).content.decode()


@pytest.mark.parametrize(
    "name", ["", " ", "ada", "a/b", "<b>x</b>", "a b", "x" * 151, "a\0b", "..", "a\nb"]
)
def test_a_name_that_cannot_be_one_is_refused(name: str, admin: Client) -> None:
    refused = make(admin, name)
    assert refused.status_code == 422
    assert "<b>x</b>" not in refused.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("role", ["", "root", "superuser"])
def test_a_role_that_does_not_exist_is_refused(role: str, admin: Client) -> None:
    assert make(admin, "dora", role).status_code == 422
    assert User.objects.count() == 1


def test_everybody_is_listed_with_a_role(admin: Client) -> None:
    alice(), bob()
    text = admin.get(reverse("annotation:people")).content.decode()
    rows = re.findall(r'<th scope="row">(\w+)</th><td><span class="badge">(\w+)<', text)
    assert rows == [("ada", "admin"), ("alice", "researcher"), ("bob", "annotator")]


def test_the_list_takes_the_same_queries_for_two_people_and_for_forty(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        person(f"p{number}", "researcher")
    with django_assert_max_num_queries(8):
        admin.get(reverse("annotation:people"))


def test_only_admins_come_in() -> None:
    for user in (alice(), bob()):
        client = signed_in(user)
        assert client.get(reverse("annotation:people")).status_code == 403
        assert make(client, "dora").status_code == 403
    stranger = Client()
    assert stranger.get(reverse("annotation:people")).url.startswith(reverse("login"))
    assert make(stranger, "dora").status_code == 302
    assert not User.objects.filter(username="dora").exists()
