from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation.accounts import annotator_of
from annotation.models import Annotator
from tests.people import ada, alice, bob, charlie

pytestmark = pytest.mark.django_db
PAGE = "/work/profile/"
FULL = {
    "native_languages": "Marathi, Hindi",
    "dialect": "Varhadi",
    "region": "Nagpur",
    "education": "BA in Marathi",
    "experience_years": "7",
    "relation_to_authors": "none",
    "language": "en",
}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def annotator() -> Client:
    return signed_in(bob())


def mine() -> Annotator:
    return Annotator.objects.get(user=bob())


def test_what_is_said_is_stored_and_shown_again(annotator: Client) -> None:
    assert annotator.post(PAGE, FULL).url == PAGE
    stored = mine()
    assert stored.experience_years == 7 and stored.consented_at is None
    assert all(getattr(stored, name) == FULL[name] for name in ("dialect", "region", "education"))
    page = annotator.get(PAGE).content.decode()
    assert "Marathi, Hindi" in page and stored.code in page


def test_everything_but_the_language_may_be_left_out(annotator: Client) -> None:
    annotator.post(PAGE, FULL)
    assert annotator.post(PAGE, {"language": "en"}).status_code == 302
    assert mine().native_languages == "" and mine().experience_years is None


def test_consent_keeps_its_date_and_can_be_taken_back(annotator: Client) -> None:
    before = timezone.now()
    annotator.post(PAGE, FULL | {"consent": "on"})
    first = mine().consented_at
    assert before <= first <= timezone.now()
    annotator.post(PAGE, FULL | {"consent": "on", "region": "Pune"})
    assert mine().consented_at == first
    assert "You agreed on" in annotator.get(PAGE).content.decode()
    taken_back = annotator.post(PAGE, FULL, follow=True)
    assert mine().consented_at is None
    assert "Your consent is withdrawn." in taken_back.content.decode()


def test_the_pages_speak_the_chosen_language(annotator: Client) -> None:
    answer = annotator.post(PAGE, FULL | {"language": "ga"}, follow=True)
    assert '<html lang="ga">' in answer.content.decode()
    assert '<option value="ga" selected>' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("native_languages", "a\0b", "Null characters are not allowed"),
        ("dialect", "x" * 101, "at most 100 characters"),
        ("relation_to_authors", "अ" * 200_000, "at most 200 characters"),
        ("experience_years", "-1", "greater than or equal to 0"),
        ("experience_years", "81", "less than or equal to 80"),
        ("experience_years", "9" * 5000, "Enter a whole number"),
        ("experience_years", "many", "Enter a whole number"),
        ("language", "xx", "is not one of the available choices"),
        ("language", "", "This field is required"),
        ("language", "en\0", "is not one of the available choices"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(
    field: str, value: str, why: str, annotator: Client
) -> None:
    answer = annotator.post(PAGE, FULL | {field: value})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Annotator.objects.exclude(native_languages="").exists()


def test_what_is_said_is_shown_as_text(annotator: Client) -> None:
    annotator.post(PAGE, FULL | {"dialect": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in annotator.get(PAGE).content.decode()


def test_nobody_can_reach_what_is_not_theirs(annotator: Client) -> None:
    code = annotator_of(charlie()).code
    annotator.post(PAGE, FULL | {"user": charlie().pk, "code": code, "origin": "simulated"})
    other = Annotator.objects.get(user=charlie())
    assert other.native_languages == "" and other.code == code
    assert mine().code != code and mine().origin == "person"


def test_reading_stores_nothing() -> None:
    for user in (bob(), alice(), ada()):
        assert signed_in(user).get(PAGE).status_code == 200
    assert not Annotator.objects.exists()


def test_the_profile_is_linked_where_an_annotator_looks(annotator: Client) -> None:
    work = annotator.get("/work/").content.decode()
    assert work.count(f'href="{PAGE}"') == 2


def test_the_page_takes_few_queries(annotator: Client, django_assert_num_queries: Any) -> None:
    annotator.post(PAGE, FULL)
    with django_assert_num_queries(4):
        annotator.get(PAGE)


def test_only_admins_are_led_to_the_people() -> None:
    assert 'href="/people/"' in signed_in(ada()).get("/work/").content.decode()
    for user in (alice(), bob()):
        assert 'href="/people/"' not in signed_in(user).get("/work/").content.decode()


def test_the_name_under_which_one_wrote_is_kept_without_spaces_around_it(annotator: Client) -> None:
    annotator.post(PAGE, FULL | {"author_name": "  Asha Kulkarni "})
    assert mine().author_name == "Asha Kulkarni"
    refused = annotator.post(PAGE, FULL | {"author_name": "x" * 101})
    assert refused.status_code == 422 and mine().author_name == "Asha Kulkarni"
