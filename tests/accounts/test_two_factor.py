"""Two-factor: set up with the password, asked at every door, never taken twice."""

import re
import time
from binascii import unhexlify

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django_otp.oath import hotp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import two_factor
from accounts.models import AuditEntry, OpenSession
from annotation.invitations import make_invitation
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves by steps of the codes."""
    now = [1_800_000_000.0]  # on the edge of a step
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: now[0])
    return now


def code_of(key: str, at: float) -> str:
    return f"{hotp(unhexlify(key), int(at) // 30):06d}"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def set_up(user, clock) -> tuple[str, list[str]]:
    key = two_factor.new_key()
    codes = two_factor.set_up(user, key, code_of(key, clock[0]))
    clock[0] += 30
    return key, codes


def password_step(name: str, **more) -> tuple[Client, object]:
    client = Client()
    fields = {"username": name, "password": people.PASSWORD, **more}
    return client, client.post(reverse("login"), fields)


def test_setting_up_asks_the_password_shows_a_picture_and_then_the_codes(clock):
    client = signed_in(people.bob())
    page = reverse("accounts:two_factor")
    assert client.post(page, {"password": "wrong"}).status_code == 422
    assert not TOTPDevice.objects.exists()
    picture = client.post(page, {"password": people.PASSWORD}).content.decode()
    assert 'src="data:image/svg+xml' in picture
    key = client.session["two_factor_key"]
    assert client.post(page, {"code": "000000"}).status_code == 422
    shown = client.post(page, {"code": code_of(key, clock[0])}).content.decode()
    codes = re.findall(r'<li class="mono">(.*?)</li>', shown)
    assert len(codes) == 10
    assert not StaticToken.objects.filter(token__in=codes).exists()  # hashes only
    assert AuditEntry.objects.filter(action="two_factor.on").exists()


def test_others_of_ones_sessions_end_with_the_set_up(clock):
    bob = people.bob()
    other, client = signed_in(bob), signed_in(bob)
    client.post(reverse("accounts:two_factor"), {"password": people.PASSWORD})
    key = client.session["two_factor_key"]
    client.post(reverse("accounts:two_factor"), {"code": code_of(key, clock[0])})
    assert client.get(reverse("accounts:account")).status_code == 200
    assert other.get(reverse("accounts:account")).status_code == 302


def test_the_password_alone_is_not_enough(clock):
    key, _ = set_up(people.bob(), clock)
    client, answer = password_step("bob", next="/work/profile/")
    assert answer.headers["Location"] == reverse("login_code")
    assert client.get("/work/").status_code == 302
    assert client.get(reverse("login_code")).status_code == 200
    answer = client.post(reverse("login_code"), {"code": code_of(key, clock[0])})
    assert answer.headers["Location"] == "/work/profile/"
    assert client.get("/work/profile/").status_code == 200


def test_a_code_is_taken_once(clock):
    key, codes = set_up(people.bob(), clock)
    for code in (code_of(key, clock[0]), codes[0]):
        first, _ = password_step("bob")
        assert first.post(reverse("login_code"), {"code": code}).status_code == 302
        second, _ = password_step("bob")
        assert second.post(reverse("login_code"), {"code": code}).status_code == 422
        TOTPDevice.objects.update(throttling_failure_count=0)
    assert two_factor.n_codes_left(people.bob()) == 9


def test_guessing_codes_is_slowed_down(clock, settings):
    settings.SIGNIN_TRIES, settings.OTP_TOTP_THROTTLE_FACTOR = 3, 600
    key, _ = set_up(people.bob(), clock)
    client, _ = password_step("bob")
    right = code_of(key, clock[0])
    wrong = "000000" if right != "000000" else "111111"
    assert client.post(reverse("login_code"), {"code": wrong}).status_code == 422
    assert client.post(reverse("login_code"), {"code": right}).status_code == 429
    TOTPDevice.objects.update(throttling_failure_count=0)
    for _ in range(2):
        client.post(reverse("login_code"), {"code": wrong})
        TOTPDevice.objects.update(throttling_failure_count=0)
    refused = client.post(reverse("login_code"), {"code": right})
    assert refused.status_code == 429
    assert "Try again in 15 minutes." in refused.content.decode()


def test_who_waits_too_long_starts_again(clock, monkeypatch):
    key, _ = set_up(people.bob(), clock)
    client, _ = password_step("bob")
    later = time.time() + 301
    monkeypatch.setattr("accounts.signing_in.time.time", lambda: later)
    answer = client.post(reverse("login_code"), {"code": code_of(key, clock[0])})
    assert answer.headers["Location"] == reverse("login")


def test_an_invitation_is_no_way_around_it(clock):
    campaign = people.small_campaign()
    set_up(people.charlie(), clock)
    _, token = make_invitation(campaign=campaign, note="", most_uses=1, days=1, user=people.alice())
    link, client = reverse("annotation:join", args=[token]), Client()
    fields = {"known-username": "charlie", "known-password": people.PASSWORD, "sign_in": "1"}
    assert client.post(link, fields).headers["Location"] == reverse("login_code")
    assert not campaign.memberships.filter(user=people.charlie()).exists()


def test_an_invitation_counts_failed_sign_ins_too(settings):
    settings.SIGNIN_TRIES = 1
    campaign = people.small_campaign()
    _, token = make_invitation(campaign=campaign, note="", most_uses=1, days=1, user=people.alice())
    link, client = reverse("annotation:join", args=[token]), Client()
    fields = {"known-username": "bob", "known-password": "wrong", "sign_in": "1"}
    client.post(link, fields)
    page = client.post(link, {**fields, "known-password": people.PASSWORD})
    assert "Too many failed tries" in page.content.decode()


def test_taking_it_away_and_new_codes_ask_the_password(clock):
    bob = people.bob()
    set_up(bob, clock)
    client = signed_in(bob)
    for name, prefix in (("two_factor_codes", "codes"), ("two_factor_off", "off")):
        address = reverse(f"accounts:{name}")
        assert client.post(address, {f"{prefix}-password": "wrong"}).status_code == 422
        assert two_factor.has_device(bob)
        answer = client.post(address, {f"{prefix}-password": people.PASSWORD})
        assert answer.status_code in (200, 302)
    assert not two_factor.has_device(bob)


def test_an_admin_reaches_the_set_up_only_where_it_is_needed(settings, clock):
    settings.ADMIN_TWO_FACTOR = True
    client = signed_in(people.ada())
    set_up_page = reverse("accounts:two_factor")
    for address in ("/", "/people/", "/models/datasets/", reverse("accounts:account")):
        assert client.get(address).headers["Location"] == set_up_page
    assert client.get("/api/playground/1/").json()["error"]["code"] == "two_factor"
    assert client.get(set_up_page).status_code == 200
    client.post(set_up_page, {"password": people.PASSWORD})
    client.post(set_up_page, {"code": code_of(client.session["two_factor_key"], clock[0])})
    assert client.get("/people/").status_code == 200
    assert signed_in(people.alice()).get("/").status_code == 200


def test_tokens_of_admins_need_it_too(settings, clock):
    settings.ADMIN_TWO_FACTOR = True
    request = RequestFactory().get("/")
    request.user, request.auth = people.ada(), object()
    assert not two_factor.is_satisfied(request)
    set_up(people.ada(), clock)
    assert two_factor.is_satisfied(request)
    request.user = people.alice()
    assert two_factor.is_satisfied(request)


def test_it_costs_nobody_a_query(settings, django_assert_num_queries):
    settings.ADMIN_TWO_FACTOR = True
    request = RequestFactory().get("/")
    request.user, request.session = people.ada(), {"two_factor": True}
    with django_assert_num_queries(0):
        assert two_factor.is_satisfied(request)


def test_a_lost_phone_is_the_admins_work(clock):
    bob = people.bob()
    set_up(bob, clock)
    client = signed_in(bob)
    call_command("two_factor_off", "bob")
    assert not two_factor.has_device(bob) and not OpenSession.objects.exists()
    assert client.get("/work/").status_code == 302
    assert AuditEntry.objects.get(action="two_factor.off").subject_name == "bob"
    with pytest.raises(CommandError, match="no two-factor"):
        call_command("two_factor_off", "bob")
