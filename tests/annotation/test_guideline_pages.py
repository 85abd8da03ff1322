from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.guidelines import add_version, as_html
from annotation.models import Campaign, Guideline
from annotation.services import open_campaign
from common.errors import BadInput, Conflict
from tests.people import alice, bob, charlie, small_campaign

pytestmark = pytest.mark.django_db
LIST = "/guidelines/"
NEW = "/guidelines/new/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def researcher() -> Client:
    return signed_in(alice())


@pytest.fixture
def rules() -> None:
    add_version(name="rules", texts={"en": "# Rules\n\nBe fair.", "mr": "न्यायी रहा."}, based_on=0)


def entries(*texts: tuple[str, str], based_on: int = 0, **fields: str) -> dict[str, Any]:
    posted = {"based_on": based_on, "texts-TOTAL_FORMS": len(texts), "texts-INITIAL_FORMS": 0}
    for number, (language, text) in enumerate(texts):
        posted |= {f"texts-{number}-language": language, f"texts-{number}-text": text}
    return posted | fields


def next_of(name: str, client: Client, *texts: tuple[str, str], **fields: Any) -> Any:
    return client.post(f"{NEW}?name={name}", entries(*texts, **fields))


def stored(name: str) -> list[tuple[int, str, str]]:
    rows = Guideline.objects.filter(name=name).order_by("version", "language")
    return list(rows.values_list("version", "language", "text"))


def test_a_new_guideline_is_its_first_version(researcher: Client) -> None:
    written = (("en", "Be fair."), ("mr", ""), ("GA", "Bí cothrom.\r\nAgus mall."))
    posted = entries(*written, name=" My rules ", based_on=0)
    posted["texts-INITIAL_FORMS"] = 2
    answer = researcher.post(NEW, posted | {"texts-0-language": "en", "texts-1-language": "hi"})
    assert answer.url == reverse("annotation:guideline_detail", args=["My rules", 1])
    assert stored("My rules") == [(1, "en", "Be fair."), (1, "ga", "Bí cothrom.\nAgus mall.")]


def test_a_changed_text_is_a_new_version_and_the_others_are_copied(
    researcher: Client, rules: None
) -> None:
    page = researcher.get(f"{NEW}?name=rules").content.decode()
    assert "न्यायी रहा." in page and "v2" in page
    answer = next_of("rules", researcher, ("en", "Be kind."), ("mr", "न्यायी रहा."), based_on=1)
    assert answer.url == "/guidelines/rules/2/"
    assert stored("rules") == [
        (1, "en", "# Rules\n\nBe fair."),
        (1, "mr", "न्यायी रहा."),
        (2, "en", "Be kind."),
        (2, "mr", "न्यायी रहा."),
    ]


def test_an_open_campaign_keeps_its_version(researcher: Client, rules: None) -> None:
    campaign = small_campaign("study", guideline="rules", guideline_version=1)
    open_campaign(campaign)
    next_of("rules", researcher, ("en", "Be kind."), based_on=1)
    read = signed_in(bob()).get(reverse("annotation:guideline", args=[campaign.pk]))
    assert "Be fair." in read.content.decode()
    assert Campaign.objects.get(pk=campaign.pk).guideline_version == 1


def test_a_preview_shows_what_was_changed_and_stores_nothing(
    researcher: Client, rules: None
) -> None:
    same = "# Rules\r\n\r\nBe fair."
    answer = next_of(
        "rules", researcher, ("en", same), ("mr", "**नवे** <script>"), based_on=1, preview="1"
    )
    text = answer.content.decode()
    shown = text[text.index('id="preview"') : text.index('<form class="form"')]
    assert "<strong>नवे</strong> &lt;script&gt;" in shown
    assert answer.status_code == 200 and len(stored("rules")) == 2


def test_the_text_of_a_refused_page_is_not_lost(researcher: Client) -> None:
    answer = researcher.post(NEW, entries(("en", "A long text."), name="a/b"))
    assert answer.status_code == 422
    assert "A long text." in answer.content.decode()


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([("en", "")], "This field is required"),
        ([("en", " \n\t")], "a language cannot be left empty"),
        ([("", "Be fair.")], "This field is required"),
        ([("en", "a\0b")], "Null characters are not allowed"),
        ([("en\0", "a")], "Null characters are not allowed"),
        ([("english", "Be fair.")], "Write a BCP 47 language tag"),
        ([("<b>", "Be fair.")], "Write a BCP 47 language tag"),
        ([("en", "अ" * 200_000)], "200000 characters; 30000 is the most"),
        ([("en", "[" * 201)], "201 opening square brackets"),
        ([("en", "a"), ("EN", "b")], "two texts in the language en"),
        ([], "Write the text in at least one language"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_a_sentence(
    texts: list[tuple[str, str]], why: str, researcher: Client
) -> None:
    answer = researcher.post(NEW, entries(*texts, name="rules"))
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Guideline.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "<b>x</b>", "a\0b", "a\nb", "x" * 101])
def test_a_name_that_cannot_be_one_is_refused(name: str, researcher: Client) -> None:
    answer = researcher.post(NEW, entries(("en", "Be fair."), name=name))
    assert answer.status_code == 422
    assert "<b>x</b>" not in answer.content.decode()
    assert not Guideline.objects.exists()


@pytest.mark.parametrize("based_on", ["", "x", "-1", str(10**30)])
def test_a_page_sent_without_its_hidden_fields_is_refused(
    based_on: str, researcher: Client, rules: None
) -> None:
    assert next_of("rules", researcher, ("en", "New."), based_on=based_on).status_code == 422
    assert researcher.post(f"{NEW}?name=rules", {"based_on": 1}).status_code == 422
    assert len(stored("rules")) == 2


def test_a_taken_name_is_refused(researcher: Client, rules: None) -> None:
    answer = researcher.post(NEW, entries(("en", "Mine."), name="rules"))
    assert "open it to write its next version" in answer.content.decode()
    assert len(stored("rules")) == 2


def test_nobody_writes_over_what_another_stored_meanwhile(researcher: Client, rules: None) -> None:
    next_of("rules", researcher, ("en", "First."), based_on=1)
    late = next_of("rules", signed_in(charlie()), ("en", "Second."), based_on=1)
    assert late.status_code == 422
    assert "Somebody has stored another version of rules" in late.content.decode()
    assert "Second." in late.content.decode()
    assert (3, "en", "Second.") not in stored("rules")


def test_a_version_that_changes_nothing_is_refused(researcher: Client, rules: None) -> None:
    answer = next_of("rules", researcher, ("en", "# Rules\r\n\r\nBe fair."), based_on=1)
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.content.decode()


def test_the_service_says_what_is_wrong(rules: None) -> None:
    with pytest.raises(BadInput, match="Nothing was changed"):
        add_version(name="rules", texts={"mr": "न्यायी रहा."}, based_on=1)
    with pytest.raises(Conflict, match="another version of rules"):
        add_version(name="rules", texts={"mr": "x"}, based_on=0)


def test_a_version_is_read_in_each_language(researcher: Client, rules: None) -> None:
    add_version(name="rules", texts={"en": "Be kind."}, based_on=1)
    english = researcher.get("/guidelines/rules/1/").content.decode()
    assert "<h2>Rules</h2>" in english and "There is a newer version, 2." in english
    marathi = researcher.get("/guidelines/rules/1/?language=mr").content.decode()
    assert '<article class="card" lang="mr" dir="auto"><p>न्यायी रहा.</p>' in marathi
    other = researcher.get("/guidelines/rules/2/?language=hi").content.decode()
    assert "Be kind." in other and "newer version" not in other


@pytest.mark.parametrize(
    "address",
    [
        "/guidelines/rules/3/",
        "/guidelines/rules/99999999999999999999999/",
        "/guidelines/other/1/",
        "/guidelines/a%00b/1/",
        f"{NEW}?name=other",
        f"{NEW}?name=a%00b",
    ],
)
def test_what_is_not_there_is_not_found(address: str, researcher: Client, rules: None) -> None:
    assert researcher.get(address).status_code == 404


@pytest.mark.parametrize("language", ["", "zz", "%00", "<script>", "x" * 5000])
def test_a_language_it_is_not_written_in_falls_back(
    language: str, researcher: Client, rules: None
) -> None:
    read = researcher.get(f"/guidelines/rules/1/?language={language}")
    assert "Be fair." in read.content.decode()


def test_a_name_with_signs_of_an_address_is_kept(researcher: Client) -> None:
    name = "50 % & más? #1"
    made = researcher.post(NEW, entries(("en", "Be fair."), name=name), follow=True)
    assert made.status_code == 200
    link = made.content.decode().split(NEW, 1)[1].split('"')[0].replace("&amp;", "&")
    assert "Be fair." in researcher.get(NEW + link).content.decode()
    assert researcher.get(LIST).status_code == 200


def test_the_list_names_only_the_campaigns_one_may_read(rules: None) -> None:
    small_campaign("study", guideline="rules", guideline_version=1)
    add_version(name="rules", texts={"ga": "Bí cothrom."}, based_on=1)
    mine = signed_in(alice()).get(LIST).content.decode()
    theirs = signed_in(charlie()).get(LIST).content.decode()
    assert "study" in mine and "Gaeilge" in mine and "/guidelines/rules/2/" in mine
    assert "study" not in theirs and "/guidelines/rules/2/" in theirs
    assert "study" in signed_in(alice()).get("/guidelines/rules/1/").content.decode()
    assert "study" not in signed_in(alice()).get("/guidelines/rules/2/").content.decode()
    assert "study" not in signed_in(charlie()).get("/guidelines/rules/1/").content.decode()


def test_the_campaign_leads_to_its_guideline(researcher: Client, rules: None) -> None:
    campaign = small_campaign("study", guideline="rules", guideline_version=1)
    page = researcher.get(reverse("annotation:campaign_detail", args=[campaign.pk]))
    assert 'href="/guidelines/rules/1/"' in page.content.decode()
    assert f'href="{LIST}"' in researcher.get("/campaigns/").content.decode()


def test_many_guidelines_take_as_many_queries_as_one(
    researcher: Client, rules: None, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        add_version(name=f"g{number}", texts={"en": "a", "mr": "b"}, based_on=0)
    small_campaign("study", guideline="rules")
    with django_assert_num_queries(8):
        researcher.get(LIST)
    with django_assert_num_queries(6):
        researcher.get("/guidelines/rules/1/")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "java&#x09;script:alert(1)",
        "&#106;avascript&colon;alert(1)",
        "\\javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "http://[",
    ],
)
def test_no_link_runs_a_script(address: str) -> None:
    for text in (f"[x]({address})", f"[x][1]\n\n[1]: {address}", f"<{address}>"):
        found = as_html(text)
        assert "href" not in found or 'href="http' in found


def test_html_and_pictures_within_a_text_are_shown_as_text() -> None:
    found = as_html('<b onclick="x()">a</b> ![words](https://other.example/a.png) `<i>`\n\n> said')
    assert "<b " not in found and "<img" not in found and "other.example" not in found
    assert "words" in found and "<code>&lt;i&gt;</code>" in found and "<blockquote>" in found
    assert 'href="https://example.org/a"' in as_html("[a](https://example.org/a)")


def test_a_text_nested_beyond_reading_is_shown_as_it_was_written() -> None:
    assert as_html("- " * 2000 + "<b>") == f"<pre>{'- ' * 2000}&lt;b&gt;</pre>"
