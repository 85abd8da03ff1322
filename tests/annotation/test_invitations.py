"""Links by which people come into a campaign."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation.forms_join import NewPersonForm
from annotation.invitations import (
    Gone,
    accept,
    accept_as_new,
    hash_of,
    invitation_of,
    make_invitation,
    revoke,
)
from annotation.models import Campaign, Invitation, Membership
from common.errors import BadInput, NotFound
from tests.people import PASSWORD, alice, bob, charlie, person, small_campaign

pytestmark = pytest.mark.django_db
User = get_user_model()
PROFILE = "/work/profile/?welcome"
CHOSEN = {
    "username": "dora",
    "password1": "a stone and some gold",
    "password2": "a stone and some gold",
}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def campaign() -> Campaign:
    return small_campaign()


def invited(campaign: Campaign, **fields: Any) -> tuple[Invitation, str]:
    wanted = {"note": "", "most_uses": 1, "days": 7, "user": alice(), **fields}
    return make_invitation(campaign=campaign, **wanted)


def door(token: str) -> str:
    return reverse("annotation:join", args=[token])


def listed(campaign: Campaign) -> str:
    return reverse("annotation:invitations", args=[campaign.pk])


def members(campaign: Campaign) -> list[str]:
    annotating = Membership.objects.annotating().filter(campaign=campaign)
    return sorted(annotating.values_list("user__username", flat=True))


def test_the_link_is_shown_once_and_only_its_hash_is_stored(campaign: Campaign) -> None:
    client = signed_in(alice())
    made = client.post(listed(campaign), {"note": "Asha", "most_uses": 3, "days": 5})
    assert "no-store" in made["Cache-Control"]
    token = re.search(r'value="http://testserver/join/([\w-]{32})/"', made.content.decode())[1]
    invitation = Invitation.objects.get()
    assert invitation.token_hash == hash_of(token) and len(invitation.token_hash) == 64
    assert token not in str(Invitation.objects.values().get())
    assert timedelta(days=4) < invitation.expires_at - timezone.now() <= timedelta(days=5)
    again = client.get(listed(campaign)).content.decode()
    assert token not in again and "Asha" in again and "0 of 3 used" in again
    assert signed_in(bob()).get(door(token)).url == reverse("annotation:my_work")


def test_two_links_are_never_the_same(campaign: Campaign) -> None:
    tokens = {invited(campaign)[1] for _ in range(20)}
    assert len(tokens) == 20


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"most_uses": 0}, "greater than or equal to 1"),
        ({"most_uses": 501}, "less than or equal to 500"),
        ({"most_uses": "many"}, "Enter a whole number"),
        ({"most_uses": ""}, "This field is required"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"days": 91}, "less than or equal to 90"),
        ({"days": "9" * 500}, "less than or equal to 90"),
        ({"note": "x" * 201}, "at most 200 characters"),
        ({"note": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_link_that_cannot_be_made_is_refused_with_a_sentence(
    fields: dict[str, Any], why: str, campaign: Campaign
) -> None:
    answer = signed_in(alice()).post(
        listed(campaign), {"note": "", "most_uses": 1, "days": 7, **fields}
    )
    assert answer.status_code == 422 and why in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("fields", [{"most_uses": 501}, {"most_uses": 0}, {"days": 91}])
def test_the_service_refuses_what_the_form_would(
    fields: dict[str, int], campaign: Campaign
) -> None:
    with pytest.raises(BadInput, match="write a whole number"):
        invited(campaign, **fields)


def test_nobody_is_invited_to_ratings_given_elsewhere(campaign: Campaign) -> None:
    Campaign.objects.update(origin=Campaign.Origin.IMPORTED)
    campaign.refresh_from_db()
    with pytest.raises(BadInput, match="invite nobody"):
        invited(campaign)
    assert signed_in(alice()).get(listed(campaign)).status_code == 404


def test_a_new_person_makes_an_account_and_lands_on_the_profile(campaign: Campaign) -> None:
    _invitation, token = invited(campaign)
    client = Client()
    page = client.get(door(token))
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert campaign.name in page.content.decode()
    answer = client.post(door(token), CHOSEN)
    assert answer.url == PROFILE
    assert "Welcome!" in client.get(answer.url).content.decode()
    dora = User.objects.get(username="dora")
    assert dora.check_password(CHOSEN["password1"]) and not dora.is_staff
    assert not dora.groups.exists() and dora.annotator.code.startswith("A-")
    assert members(campaign) == ["bob", "dora"]
    assert Invitation.objects.get().n_used == 1
    onward = client.post(answer.url, {"language": "en", "region": "Pune"})
    assert onward.url == reverse("annotation:my_work")
    assert client.get(onward.url).status_code == 200


def test_somebody_with_an_account_signs_in_and_is_a_member(campaign: Campaign) -> None:
    person("dora", "annotator")
    _invitation, token = invited(campaign)
    data = {"sign_in": "1", "known-username": "dora", "known-password": PASSWORD}
    assert Client().post(door(token), data).url == PROFILE
    assert members(campaign) == ["bob", "dora"]


def test_somebody_signed_in_takes_part_by_a_button_not_by_looking(campaign: Campaign) -> None:
    _invitation, token = invited(campaign)
    client = signed_in(person("dora", "annotator"))
    assert "Take part as dora" in client.get(door(token)).content.decode()
    assert members(campaign) == ["bob"]
    assert client.post(door(token)).url == PROFILE
    assert members(campaign) == ["bob", "dora"]


def test_who_is_a_member_uses_nothing_up(campaign: Campaign) -> None:
    invitation, token = invited(campaign)
    client = signed_in(bob())
    assert client.get(door(token)).url == reverse("annotation:my_work")
    accept(invitation, bob())
    assert Invitation.objects.get().n_used == 0
    revoke(invitation)
    assert client.get(door(token)).url == reverse("annotation:my_work")


def test_a_researcher_may_take_part_too(campaign: Campaign) -> None:
    invitation, _token = invited(campaign)
    accept(invitation, alice())
    assert members(campaign) == ["alice", "bob"]
    assert campaign.memberships.filter(user=alice()).count() == 2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"username": ""}, "This field is required"),
        ({"username": "bob"}, "already exists"),
        ({"username": "BOB"}, "already exists"),
        ({"username": "a b"}, "Write letters, digits"),
        ({"username": "a/b"}, "without slashes"),
        ({"username": "a\0b"}, "Null characters are not allowed"),
        ({"username": "x" * 151}, "at most 150 characters"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "password123", "password2": "password123"}, "too common"),
        ({"username": "kulkarni1", "password1": "kulkarni1", "password2": "kulkarni1"}, "similar"),
        ({"password2": "another stone and gold"}, "match"),
        ({"password1": "", "password2": ""}, "This field is required"),
    ],
)
def test_a_name_or_password_that_cannot_be_used_is_refused_with_a_sentence(
    fields: dict[str, str], why: str, campaign: Campaign
) -> None:
    _invitation, token = invited(campaign)
    answer = Client().post(door(token), CHOSEN | fields)
    assert answer.status_code == 422 and why in answer.content.decode()
    assert members(campaign) == ["bob"] and Invitation.objects.get().n_used == 0
    assert not User.objects.filter(username="dora").exists()


@pytest.mark.parametrize("password", ["wrong", "", "a\0b"])
def test_signing_in_with_a_wrong_password_joins_nobody(password: str, campaign: Campaign) -> None:
    person("dora", "annotator")
    _invitation, token = invited(campaign)
    data = {"sign_in": "1", "known-username": "dora", "known-password": password}
    answer = Client().post(door(token), data)
    assert answer.status_code == 422 and "<details" in answer.content.decode()
    assert members(campaign) == ["bob"]


def test_an_account_that_was_closed_stays_closed(campaign: Campaign) -> None:
    dora = person("dora", "annotator")
    dora.is_active = False
    dora.save()
    _invitation, token = invited(campaign)
    data = {"sign_in": "1", "known-username": "dora", "known-password": PASSWORD}
    assert Client().post(door(token), data).status_code == 422
    assert members(campaign) == ["bob"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"revoked_at": timezone.now()}, "was taken back"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "has run out"),
        ({"n_used": 1}, "was used up"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_over_says_so(
    change: dict[str, Any], why: str, method: str, campaign: Campaign
) -> None:
    invitation, token = invited(campaign)
    Invitation.objects.update(**change)
    answer = getattr(Client(), method)(door(token), CHOSEN)
    assert answer.status_code == 410 and why in answer.content.decode()
    with pytest.raises(Gone):
        accept(invitation, charlie())
    assert members(campaign) == ["bob"] and not User.objects.filter(username="dora").exists()


def test_nobody_joins_a_campaign_that_is_closed(campaign: Campaign) -> None:
    _invitation, token = invited(campaign)
    Campaign.objects.update(state=Campaign.State.CLOSED)
    answer = Client().post(door(token), CHOSEN)
    assert answer.status_code == 410 and "campaign is closed" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "%00", "<script>", "é" * 50, "a" * 2000, "..%2f", "%ff"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_link_is_not_found(token: str, method: str, campaign: Campaign) -> None:
    invited(campaign)
    answer = getattr(Client(), method)(f"/join/{token}/", CHOSEN)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.content.decode()
    with pytest.raises(NotFound):
        invitation_of(token)


def test_the_unknown_link_s_page_says_what_to_do(campaign: Campaign) -> None:
    page = Client().get(door("nothing")).content.decode()
    assert "This link leads nowhere" in page


def test_a_last_use_that_another_took_leaves_no_account(campaign: Campaign) -> None:
    invitation, _token = invited(campaign)
    accept_as_new(invitation, username="first", password=PASSWORD)
    with pytest.raises(Gone):
        accept_as_new(invitation, username="second", password=PASSWORD)
    assert not User.objects.filter(username="second").exists()


def test_a_name_taken_since_the_form_was_checked_is_told(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    _invitation, token = invited(campaign)
    monkeypatch.setattr(NewPersonForm, "clean_username", lambda form: "bob")
    monkeypatch.setattr(NewPersonForm, "_post_clean", lambda form: None)
    answer = Client().post(door(token), CHOSEN)
    assert answer.status_code == 422 and "This name is taken" in answer.content.decode()
    assert Invitation.objects.get().n_used == 0


def test_two_who_both_saw_the_last_use_free_do_not_both_get_it(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation, _token = invited(campaign)
    monkeypatch.setattr("annotation.invitations.check_open", lambda invitation: None)
    accept(invitation, person("first", "annotator"))
    with pytest.raises(Gone):
        accept(invitation, person("second", "annotator"))
    assert members(campaign) == ["bob", "first"] and Invitation.objects.get().n_used == 1


def test_taking_a_link_back_leaves_who_joined(campaign: Campaign) -> None:
    invitation, token = invited(campaign, most_uses=2)
    Client().post(door(token), CHOSEN)
    client = signed_in(alice())
    address = reverse("annotation:invitation_revoke", args=[campaign.pk, invitation.pk])
    assert client.post(address).url == listed(campaign)
    assert members(campaign) == ["bob", "dora"]
    assert Client().get(door(token)).status_code == 410
    first = Invitation.objects.get().revoked_at
    client.post(address)
    assert Invitation.objects.get().revoked_at == first
    assert "taken back" in client.get(listed(campaign)).content.decode()


def test_only_the_campaign_s_researchers_make_and_take_back_links(campaign: Campaign) -> None:
    invitation, _token = invited(campaign)
    other = small_campaign("other")
    for user, status in ((bob(), 404), (charlie(), 404)):
        client = signed_in(user)
        assert client.get(listed(campaign)).status_code == status
        assert client.post(listed(campaign), {"most_uses": 1, "days": 1}).status_code == status
        address = reverse("annotation:invitation_revoke", args=[campaign.pk, invitation.pk])
        assert client.post(address).status_code == status
    wrong = reverse("annotation:invitation_revoke", args=[other.pk, invitation.pk])
    assert signed_in(alice()).post(wrong).status_code == 404
    assert Invitation.objects.get().revoked_at is None


def test_what_a_researcher_notes_is_shown_as_text(campaign: Campaign) -> None:
    invited(campaign, note="<script>alert(1)</script>\u202egpj.exe")
    page = signed_in(alice()).get(listed(campaign)).content.decode()
    assert "<script>alert(1)" not in page and "\u202egpj" not in page
    assert "U+202E" in page


def test_many_links_take_as_many_queries_as_one(
    campaign: Campaign, django_assert_num_queries: Any
) -> None:
    client = signed_in(alice())
    for _ in range(30):
        invited(campaign)
    with django_assert_num_queries(5):
        client.get(listed(campaign))
    _invitation, token = invited(campaign)
    with django_assert_num_queries(1):
        Client().get(door(token))


def test_the_campaign_leads_to_its_invitations(campaign: Campaign) -> None:
    page = signed_in(alice()).get(reverse("annotation:campaign_detail", args=[campaign.pk]))
    assert f'href="{listed(campaign)}"' in page.content.decode()
