"""What a new account may be called, at every door where accounts are made."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.names import check_new_name
from annotation.invitations import make_invitation
from tests import people

pytestmark = pytest.mark.django_db
User = get_user_model()
REFUSED = {
    "\u0430lice": "mixes Cyrillic, Latin letters",
    "al\u200bice": "nobody sees (&lt;U+200B&gt;)",
    "a1ice": "looks like one that is taken",
    "\u0430\u0455\u04bb\u0430": "looks like one that is taken",  # asha, all in Cyrillic
    "a b": "Write letters, digits and @ . + - _ only.",
}
TAKEN = ("आशा", "आशा-७", "Áine", "Seán.Ó_Briain", "asha2026", "क्षत्रिय", "asha@example.org")


@pytest.fixture(autouse=True)
def _some_people():
    people.ada()
    people.alice()
    people.person("asha", "annotator")


def on_the_page(name: str) -> str:
    client = Client()
    client.force_login(people.ada())
    answer = client.post(reverse("annotation:people"), {"username": name, "role": "researcher"})
    return answer.content.decode()


def through_the_api(name: str) -> str:
    client = Client()
    client.force_login(people.ada())
    body = {"username": name, "role": "researcher"}
    answer = client.post("/api/v1/accounts/", body, "application/json")
    return answer.json()["error"]["message"] if answer.status_code == 422 else ""


def by_invitation(name: str) -> str:
    campaign = people.small_campaign(f"study {User.objects.count()}")
    _made, token = make_invitation(
        campaign=campaign, note="", most_uses=5, days=1, user=people.alice()
    )
    given = {"username": name, "password1": people.PASSWORD, "password2": people.PASSWORD}
    return Client().post(reverse("annotation:join", args=[token]), given).content.decode()


def by_the_command(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", people.PASSWORD)
    try:
        call_command(
            "createsuperuser", username=name, email="", interactive=False, stdout=StringIO()
        )
    except CommandError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_deceives_is_refused_at_every_door(name, monkeypatch):
    why = REFUSED[name]
    plain = why.replace("&lt;", "<").replace("&gt;", ">")
    assert why in on_the_page(name)
    assert plain in through_the_api(name)
    assert why in by_invitation(name)
    assert plain in by_the_command(name, monkeypatch)
    assert not User.objects.filter(username=name).exists()


@pytest.mark.parametrize("door", [on_the_page, through_the_api, by_invitation])
def test_names_of_any_language_are_taken(door):
    for name in TAKEN:
        door(name)
        assert User.objects.filter(username=User.normalize_username(name)).exists(), name


def test_the_command_takes_them_too(monkeypatch):
    assert by_the_command("क्षत्रिय", monkeypatch) == ""
    assert User.objects.get(username="क्षत्रिय").is_staff


def test_who_is_called_so_already_stays_in_order():
    asha = User.objects.get(username="asha")
    asha.full_clean()
    check_new_name("asha")


def test_every_field_for_user_names_asks_for_the_same():
    validators = User._meta.get_field("username").validators
    assert check_new_name in validators
    assert not any(isinstance(one, UnicodeUsernameValidator) for one in validators)


def test_a_name_of_nothing_is_refused():
    with pytest.raises(ValidationError):
        check_new_name("")
