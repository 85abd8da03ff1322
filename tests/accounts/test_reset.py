"""A forgotten password: by mail, by an admin, by a command; and the mail address itself."""

import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from kombu.exceptions import OperationalError

from accounts.models import AuditEntry, OpenSession
from accounts.resetting import reset_link, send_links
from accounts.tasks import send_reset_links
from common import bell
from tests import people

pytestmark = pytest.mark.django_db
NEW = "another-horse-2026"
SITE = "https://nikash.example.org"


def with_mail(user, address="bob@example.org"):
    user.email = address
    user.save()
    return user


@pytest.fixture
def asked(settings, monkeypatch):
    """What would be queued for the worker."""
    settings.HAS_MAIL = True
    found = []
    monkeypatch.setattr(send_reset_links, "delay", lambda *given: found.append(given))
    return found


def use(link: str, password: str = NEW):
    client = Client()
    page = client.get(link.removeprefix(SITE).removeprefix("http://testserver"))
    if page.status_code != 302:
        return page
    fields = {"new_password1": password, "new_password2": password}
    return client.post(page.headers["Location"], fields)


def test_the_answer_is_the_same_whoever_asks(asked):
    with_mail(people.bob())
    answers = [
        Client().post(reverse("accounts:reset"), {"email": address})
        for address in ("bob@example.org", "nobody@example.org")
    ]
    assert {answer.headers["Location"] for answer in answers} == {reverse("accounts:reset_sent")}
    assert [given[0] for given in asked] == ["bob@example.org", "nobody@example.org"]
    assert mail.outbox == []  # the worker looks the address up, not the page


def test_where_the_workers_are_away_everybody_is_asked_to_try_again(settings, monkeypatch):
    def refuse(*given):
        raise OperationalError("connection refused")

    settings.HAS_MAIL = True
    monkeypatch.setattr(send_reset_links, "delay", refuse)
    monkeypatch.setattr(bell, "_away_since", None)
    page = Client().post(reverse("accounts:reset"), {"email": "nobody@example.org"})
    assert page.status_code == 503 and "try again in a minute" in page.content.decode()


@pytest.mark.parametrize("host", ["testserver", "testserver:1337", "other.example.org"])
def test_a_link_leads_to_this_site_whatever_host_a_request_names(asked, settings, host):
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org", SITE]
    settings.ALLOWED_HOSTS = ["testserver", ".example.org"]
    with_mail(people.bob())
    Client(headers={"host": host}).post(reverse("accounts:reset"), {"email": "bob@example.org"})
    assert [site for _address, site, _language in asked] == [SITE]


def test_asking_is_slowed_down(asked, settings):
    settings.SIGNIN_TRIES = 2
    pages = [
        Client().post(reverse("accounts:reset"), {"email": "bob@example.org"}) for _ in range(3)
    ]
    assert [page.status_code for page in pages] == [302, 302, 429]


def test_without_mail_the_page_says_whom_to_ask(settings):
    settings.HAS_MAIL = False
    page = Client().get(reverse("accounts:reset")).content.decode()
    assert "Ask an admin" in page and "<input" not in page.split("<main")[1].split("</main")[0]


@pytest.mark.parametrize("language", ["mr", "hi", "ga", "en"])
def test_the_mail_has_one_link_and_no_password(language):
    with_mail(people.bob())
    with translation.override("en"):
        assert send_links("BOB@example.org", site=SITE, language=language) == 1
    (letter,) = mail.outbox
    assert letter.to == ["bob@example.org"]
    (link,) = re.findall(r"https?://\S+", letter.body)
    assert link.startswith(SITE + "/account/reset/")
    assert use(link).headers["Location"] == reverse("login")


def test_nobody_is_mailed_who_has_no_such_address_or_no_account_any_more():
    bob = with_mail(people.bob())
    bob.is_active = False
    bob.save()
    assert send_links("bob@example.org", site=SITE, language="en") == 0
    assert send_links("", site=SITE, language="en") == 0
    assert mail.outbox == []


def test_a_link_works_once_and_ends_every_session():
    bob, client = people.bob(), Client()
    client.force_login(bob)
    link = reset_link(bob, SITE)
    assert use(link).headers["Location"] == reverse("login")
    assert client.get(reverse("accounts:account")).status_code == 302
    assert not OpenSession.objects.exists()
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert "does not work any more" in use(link).content.decode()
    assert AuditEntry.objects.filter(action="password.reset").count() == 1


def test_a_weak_password_is_refused():
    page = use(reset_link(people.bob(), SITE), "12345678")
    assert page.status_code == 422


def test_an_admin_makes_a_link_for_somebody_and_it_is_written_down():
    bob, client = people.bob(), Client()
    client.force_login(people.ada())
    address = reverse("accounts:reset_link", args=[bob.pk])
    assert "/account/reset/" not in client.get(address).content.decode()
    page = client.post(address).content.decode()
    (link,) = re.findall(r'value="(http[^"]*/account/reset/[^"]+)"', page)
    assert use(link).status_code == 302
    entry = AuditEntry.objects.get(action="password.link")
    assert (entry.actor_name, entry.subject_name, entry.details) == ("ada", "bob", {})


def test_the_command_prints_a_link(capsys):
    people.bob()
    call_command("reset_link", "bob", site=SITE)
    (link,) = re.findall(r"https://\S+", capsys.readouterr().out)
    assert use(link).status_code == 302
    with pytest.raises(CommandError, match="no active account called 'nobody'"):
        call_command("reset_link", "nobody")


def test_the_mail_address_is_changed_with_the_password_only():
    bob, client = people.bob(), Client()
    client.force_login(bob)
    address = reverse("accounts:email")
    fields = {"email": "new@example.org", "password": "wrong"}
    assert client.post(address, fields).status_code == 422
    assert client.post(address, {**fields, "password": people.PASSWORD}).status_code == 302
    bob.refresh_from_db()
    assert bob.email == "new@example.org"
    assert not any("example.org" in str(entry.details) for entry in AuditEntry.objects.all())
