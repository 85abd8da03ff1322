"""Guessing passwords: counted by account and by address, refused for a while, told to nobody."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import throttle
from accounts.address import address_of
from accounts.models import AuditEntry, SignInTry
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_tries(settings):
    settings.SIGNIN_TRIES, settings.SIGNIN_MINUTES = 3, 15


def sign_in(name="bob", password="wrong", address="203.0.113.7", client=None):
    fields = {"username": name, "password": password}
    return (client or Client()).post(reverse("login"), fields, REMOTE_ADDR=address)


def test_an_account_is_refused_after_too_many_tries_even_with_its_password():
    people.bob()
    for number in range(3):
        assert sign_in(address=f"203.0.113.{number}").status_code == 200
    refused = sign_in(password=people.PASSWORD)
    assert refused.status_code == 429
    assert 14 * 60 < int(refused.headers["Retry-After"]) <= 15 * 60
    assert "Try again in 15 minutes." in refused.content.decode()


def test_who_guesses_elsewhere_locks_nobody_out_of_a_browser_they_signed_in_from():
    people.bob()
    at_home = Client()
    assert sign_in(password=people.PASSWORD, client=at_home).status_code == 302
    at_home.post("/logout/")
    for _ in range(4):
        last = sign_in(address="198.51.100.9")
    assert last.status_code == 429
    assert sign_in(password=people.PASSWORD).status_code == 429
    assert sign_in(password=people.PASSWORD, client=at_home).status_code == 302


def test_such_a_browser_has_its_own_tries_and_none_for_others():
    people.bob(), people.alice()
    at_home = Client()
    assert sign_in(password=people.PASSWORD, client=at_home).status_code == 302
    at_home.post("/logout/")
    for name in ("bob", "alice"):
        assert [sign_in(name, client=at_home).status_code for _ in range(4)][-1] == 429
    assert sign_in("alice", people.PASSWORD).status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "ImEi:1:x"])
def test_a_mark_of_ones_own_making_counts_for_nothing(forged):
    client = Client()
    client.cookies["device"] = forged
    assert [sign_in(client=client).status_code for _ in range(4)][-1] == 429
    assert sign_in().status_code == 429


def test_it_opens_again_when_the_window_has_passed():
    people.bob()
    for _ in range(3):
        sign_in()
    SignInTry.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(password=people.PASSWORD).status_code == 302


def test_refused_tries_do_not_make_the_wait_longer():
    people.bob()
    for _ in range(20):
        sign_in()
    assert SignInTry.objects.count() == 3


def test_an_account_that_does_not_exist_is_refused_alike():
    people.bob()
    pages = {}
    for name in ("bob", "nobody"):
        shown = [sign_in(name, address="") for _ in range(4)]
        pages[name] = [(page.status_code, _plain(page, name)) for page in shown]
    assert pages["bob"] == pages["nobody"]


def _plain(page, name):
    text = page.content.decode().replace(name, "NAME")
    return (
        text.split('<form class="form"')[1].split("csrfmiddlewaretoken")[0]
        + text.split('role="alert"')[1][:200]
    )


def test_an_address_may_fail_more_often_but_not_for_ever():
    for number in range(3 * throttle.PER_ADDRESS):
        assert sign_in(f"guess{number}").status_code == 200
    people.bob()
    assert sign_in(password=people.PASSWORD).status_code == 429
    assert sign_in(password=people.PASSWORD, address="198.51.100.1").status_code == 302


def test_signing_in_forgets_the_failures_of_this_account_only():
    people.bob()
    sign_in(), sign_in(), sign_in("nobody")
    assert sign_in(password=people.PASSWORD).status_code == 302
    assert SignInTry.objects.count() == 1


def test_letters_of_another_width_or_case_are_the_same_name():
    assert throttle.begin("Bob", "").account == throttle.begin("ＢOB", "").account


def test_neither_name_nor_address_is_stored():
    sign_in("secret-name", address="203.0.113.99")
    row = SignInTry.objects.get()
    assert "secret" not in row.account and "203.0.113" not in row.address
    assert len(row.account) == len(row.address) == 32


def test_the_audit_log_has_both_and_no_password():
    bob = people.bob()
    sign_in(), sign_in("hunter2-typed-as-name"), sign_in(password=people.PASSWORD)
    failed = AuditEntry.objects.filter(action="signin.failed").order_by("pk")
    assert [entry.subject_name for entry in failed] == ["bob", ""]
    assert AuditEntry.objects.get(action="signin").actor == bob
    everything = "".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "hunter2" not in everything and people.PASSWORD not in everything


def test_an_unknown_name_takes_a_password_check_too(monkeypatch):
    people.bob()
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    plain = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or plain(*given)
    )
    counts = []
    for name in ("bob", "nobody"):
        hashed.clear()
        sign_in(name)
        counts.append(len(hashed))
    assert counts == [1, 1]


def test_only_the_entries_of_our_own_proxies_count(settings):
    settings.PROXIES = 1
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1")
    request.META["HTTP_X_FORWARDED_FOR"] = "1.1.1.1, 203.0.113.5"
    assert address_of(request) == "203.0.113.5"
    settings.PROXIES = 0
    assert address_of(request) == "127.0.0.1"


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("nonsense", ""),
    ],
)
def test_addresses_count_as_one_customer_has_them(settings, given, counted):
    settings.PROXIES = 0
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=given)) == counted
