"""Sessions: a list of one's own, ending them, how long they last."""

import time

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import sessions
from accounts.models import OpenSession
from tests import people

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Mobile Safari/537.36"
)


def signed_in(user, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post(reverse("login"), {"username": user.username, "password": people.PASSWORD})
    return client


def works(client: Client) -> bool:
    return client.get(reverse("accounts:account")).status_code == 200


def move(client: Client, **hours: float) -> None:
    """Set marks of the client's session that many hours back."""
    session = client.session
    for name, back in hours.items():
        session[name] = int(time.time() - back * 3600)
    session.save()


def test_one_sees_ones_own_sessions_by_device_and_without_an_address():
    bob = people.bob()
    client, _ = signed_in(bob), signed_in(bob, PHONE)
    signed_in(people.alice())
    page = client.get(reverse("accounts:account")).content.decode()
    assert "Firefox, Windows" in page and "Chrome, Android" in page
    assert page.count("this one") == 1
    assert "127.0.0.1" not in page


def test_a_session_that_somebody_planted_before_the_sign_in_opens_nothing():
    planter, victim = Client(), Client()
    session = planter.session
    session["planted"] = True
    session.save()
    victim.cookies = planter.cookies.copy()
    given = {"username": people.bob().username, "password": people.PASSWORD}
    victim.post(reverse("login"), given)
    assert works(victim) and not works(planter)
    assert victim.session.session_key != session.session_key


def test_one_session_ends_and_with_it_that_device_is_out():
    bob = people.bob()
    here, there = signed_in(bob), signed_in(bob, PHONE)
    row = OpenSession.objects.get(key=there.session.session_key)
    assert here.post(reverse("accounts:session_end", args=[row.pk])).status_code == 302
    assert works(here) and not works(there)


def test_nobody_ends_the_session_of_somebody_else():
    bob, alice = signed_in(people.bob()), signed_in(people.alice())
    row = OpenSession.objects.get(key=bob.session.session_key)
    assert alice.post(reverse("accounts:session_end", args=[row.pk])).status_code == 404
    assert works(bob)


def test_all_others_end_at_once():
    bob = people.bob()
    here, *others = (signed_in(bob) for _ in range(3))
    here.post(reverse("accounts:sessions_end"))
    assert works(here) and not any(works(other) for other in others)


def test_signing_out_takes_the_session_off_the_list():
    bob = people.bob()
    here, there = signed_in(bob), signed_in(bob)
    there.post(reverse("logout"))
    page = here.get(reverse("accounts:account")).content.decode()
    assert page.count("Firefox, Windows") == 1


def test_a_session_in_use_writes_once_an_hour(django_assert_num_queries):
    client = signed_in(people.bob())
    request = RequestFactory().get("/")
    request.user, request.session = people.bob(), client.session
    assert request.session["begun"] and request.session["seen"]
    with django_assert_num_queries(0):
        assert not sessions.has_ended(request)
    assert not request.session.modified
    move(client, seen=1.5)
    request.session = client.session
    assert request.session["seen"]
    with django_assert_num_queries(1):
        assert not sessions.has_ended(request)
    assert request.session.modified


def test_a_session_ends_after_its_hours_however_much_it_is_used(settings):
    settings.SESSION_COOKIE_AGE = 10 * 3600
    client = signed_in(people.bob())
    move(client, begun=9, seen=2)
    assert works(client)
    assert client.session.get_expiry_age() <= 3600
    move(client, begun=10)
    answer = client.get("/work/profile/?a=b")
    assert answer.headers["Location"] == "/login/?next=%2Fwork%2Fprofile%2F%3Fa%3Db"
    assert not OpenSession.objects.exists()


def test_only_admins_are_signed_out_when_idle(settings):
    settings.SESSION_IDLE_HOURS = 2
    ada, bob = signed_in(people.ada()), signed_in(people.bob())
    for client in (ada, bob):
        move(client, seen=2.5)
        assert works(client)
        move(client, seen=3.1)
    assert works(bob) and not works(ada)


def test_a_new_password_ends_all_other_sessions():
    bob = people.bob()
    here, there = signed_in(bob), signed_in(bob)
    new = "another-horse-2026"
    fields = {"old_password": people.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("accounts:password"), fields).status_code == 302
    assert works(here) and not works(there)
    assert [row.user for row in OpenSession.objects.all()] == [bob]


def test_guessing_the_old_password_is_slowed_down(settings):
    settings.SIGNIN_TRIES = 2
    here = signed_in(people.bob())
    fields = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    pages = [here.post(reverse("accounts:password"), fields).content.decode() for _ in range(3)]
    assert "not your password" in pages[0] and "Too many" in pages[2]
