"""Signing in with another site's account, against a provider that speaks real HTTP."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts import two_factor
from accounts.access import RESEARCHERS
from accounts.models import AuditEntry, OutsideIdentity
from config import doors
from tests import people
from tests.accounts.provider import CLIENT, SECRET, Provider
from tests.accounts.test_two_factor import code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    running = Provider()
    settings.OIDC = doors.Provider(
        running.issuer, CLIENT, SECRET, "Uni", "openid profile", "groups", {}
    )
    yield running
    running.close()


def leave(client: Client, onward: str = "") -> str:
    answer = client.get(reverse("oidc_start"), {"next": onward})
    assert answer.status_code == 302
    return answer.headers["Location"]


def sign_in(provider, client=None, subject="u-1", onward=""):
    client = client or Client()
    back = provider.approve(leave(client, onward), subject)
    return client, client.get(reverse("oidc_back"), back)


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:account")).status_code == 200


def test_the_button_leads_out_with_pkce_state_and_nonce(provider):
    client = Client()
    page = client.get(reverse("login"), {"next": "/work/"}).content.decode()
    assert "Sign in with Uni" in page and "/login/oidc/?next=/work/" in page
    address = urlsplit(leave(client))
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == "/authorize"
    assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43
    assert len(query["state"]) > 40 and len(query["nonce"]) > 40
    assert query["redirect_uri"] == "http://testserver/login/oidc/back/"


def test_a_new_person_is_an_annotator_with_no_campaign(provider):
    client, answer = sign_in(provider, onward="/work/profile/")
    assert answer.headers["Location"] == "/work/profile/"
    assert is_in(client)
    identity = OutsideIdentity.objects.get()
    assert (identity.issuer, identity.subject) == (provider.issuer, "u-1")
    user = identity.user
    assert (user.username, user.is_staff, user.email) == ("asha", False, "")
    assert not user.has_usable_password() and not user.groups.exists()
    assert AuditEntry.objects.get(action="signin").details == {"way": "provider"}


def test_the_same_subject_is_the_same_account_and_a_mail_address_proves_nothing(provider):
    bob = people.bob()
    bob.email = "bob@example.org"
    bob.save()
    for _ in range(2):
        sign_in(provider)
    sign_in(provider, subject="u-2")
    users = [identity.user for identity in OutsideIdentity.objects.order_by("pk")]
    assert len(users) == 2 and bob not in users
    assert users[0].username == "asha" and users[1].username.startswith("asha-")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-site"},
        {"iss": "https://evil.example.org"},
        {"exp": int(time.time()) - 3600},
        {"nonce": "of-another-sign-in"},
        {"azp": "another-site"},
    ],
    ids=["audience", "issuer", "age", "nonce", "party"],
)
def test_a_token_that_is_not_for_us_now_is_refused(provider, claims):
    provider.claims = claims
    client, answer = sign_in(provider)
    assert answer.headers["Location"] == reverse("login")
    assert not is_in(client) and not OutsideIdentity.objects.exists()


def test_a_token_signed_with_another_key_is_refused(provider):
    provider.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    client, _ = sign_in(provider)
    assert not is_in(client)


def test_userinfo_of_somebody_else_is_refused(provider):
    provider.userinfo = {"sub": "u-2"}
    client, _ = sign_in(provider)
    assert not is_in(client)


def test_a_state_that_this_browser_never_had_is_refused(provider):
    attacker, victim = Client(), Client()
    back = provider.approve(leave(attacker))
    assert victim.get(reverse("oidc_back"), back).headers["Location"] == reverse("login")
    assert not is_in(victim) and provider.asked == []


def test_an_answer_works_once(provider):
    client = Client()
    back = provider.approve(leave(client))
    client.get(reverse("oidc_back"), back)
    client.post(reverse("logout"))
    client.get(reverse("oidc_back"), back)
    assert not is_in(client)


def test_the_code_is_worth_nothing_without_the_verifier(provider):
    client = Client()
    back = provider.approve(leave(client))
    session = client.session
    session["oidc_states"][back["state"]]["code_verifier"] = "x" * 64
    session.save()
    client.get(reverse("oidc_back"), back)
    assert not is_in(client)


@pytest.mark.parametrize("onward", ["https://evil.example.org/", "//evil.example.org", "\\\\evil"])
def test_nobody_is_sent_to_another_site(provider, onward):
    _, answer = sign_in(provider, onward=onward)
    assert answer.headers["Location"] == "/"


def test_groups_give_roles_and_take_them_where_a_setting_says_so(provider, settings):
    settings.OIDC = settings.OIDC._replace(roles={"linguists": "researcher", "it": "admin"})
    provider.claims = {"groups": ["linguists", "it", "sports"]}
    sign_in(provider)
    user = OutsideIdentity.objects.get().user
    assert user.is_staff and user.groups.filter(name=RESEARCHERS).exists()
    provider.claims = {"groups": ["sports"]}
    sign_in(provider)
    user.refresh_from_db()
    assert not user.is_staff and not user.groups.exists()
    assert AuditEntry.objects.filter(action="account.roles").count() == 2


def test_groups_give_nothing_without_the_setting(provider):
    provider.claims = {"groups": ["admin", "researchers"]}
    sign_in(provider)
    user = OutsideIdentity.objects.get().user
    assert not user.is_staff and not user.groups.exists()


def test_a_closed_account_stays_closed(provider):
    sign_in(provider)
    user = OutsideIdentity.objects.get().user
    user.is_active = False
    user.save()
    client, _ = sign_in(provider)
    assert not is_in(client)


def test_a_code_is_asked_here_too(provider):
    sign_in(provider)
    user, key = OutsideIdentity.objects.get().user, two_factor.new_key()
    two_factor.set_up(user, key, code_of(key, time.time()))
    client, answer = sign_in(provider)
    assert answer.headers["Location"] == reverse("login_code") and not is_in(client)


def test_a_provider_that_is_away_is_said_in_words(provider, settings, caplog):
    settings.OIDC = settings.OIDC._replace(issuer="http://127.0.0.1:9")
    answer = Client().get(reverse("oidc_start"), follow=True)
    assert "did not confirm who you are" in answer.content.decode()
    assert "ConnectionError" in caplog.text


def test_there_is_no_such_door_without_the_setting(settings):
    settings.OIDC = None
    assert Client().get(reverse("oidc_start")).status_code == 404
    assert "/login/oidc/" not in Client().get(reverse("login")).content.decode()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ISSUER": "login.example.org"}, "write the provider's address"),
        ({"ISSUER": "http://login.example.org"}, "must begin with https"),
        ({"ISSUER": "https://login.example.org"}, "set NIKASH_OIDC_CLIENT_ID"),
        ({"CLIENT_ID": "n", "CLIENT_SECRET": "s", "ROLES": "it=king"}, "write group=role"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(monkeypatch, variables, sentence):
    monkeypatch.setenv("NIKASH_OIDC_ISSUER", "https://login.example.org")
    for name, value in variables.items():
        monkeypatch.setenv(f"NIKASH_OIDC_{name}", value)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        doors.provider()


def test_a_missing_library_is_named(monkeypatch):
    for name, value in {"ISSUER": "https://a.org", "CLIENT_ID": "n", "CLIENT_SECRET": "s"}.items():
        monkeypatch.setenv(f"NIKASH_OIDC_{name}", value)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="mozilla-django-oidc is not installed"):
        doors.provider()


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("क्षत्रिय", "क्षत्रिय"),
        ("ada l.", "adal."),
        ("b\u043eb", "person-"),  # a Cyrillic letter
        ("bo\u200bb", "bob-"),
        ("b0b", "person-"),
        ("BOB", "BOB-"),
    ],
)
def test_the_provider_s_name_is_taken_over_unless_it_deceives(provider, said, named):
    people.bob()
    provider.claims = {"preferred_username": said}
    sign_in(provider)
    assert OutsideIdentity.objects.get().user.username.startswith(named)
