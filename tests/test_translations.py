"""What an annotator reads is worded in Marathi, Hindi and Irish, all of it."""

import re
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.template.base import Lexer, TokenType
from django.urls import reverse
from django.utils import translation

from annotation.models import Assignment, Campaign, ErrorSpan
from annotation.protocols import PROTOCOLS
from annotation.services import open_campaign
from config.translations import ROOMS, ROOT, Text, texts_of, texts_of_python, texts_of_template
from tests import people

LANGUAGES = ("mr", "hi", "ga")
TEMPLATES = [
    path
    for pattern in (
        "base.html",
        "[45]0*.html",
        "partials/*.html",
        "registration/*.html",
        "annotation/my_work.html",
        "annotation/annotate.html",
        "annotation/item.html",
        "annotation/done.html",
        "annotation/feedback.html",
        "annotation/qualification.html",
        "annotation/guideline.html",
        "annotation/join.html",
        "annotation/invitation_gone.html",
        "annotation/home.html",
        "annotation/norming*.html",
        "annotation/partials/norming*.html",
        "annotation/profile.html",
        "annotation/protocols/*.html",
    )
    for path in sorted((ROOT / "templates").glob(pattern))
]
CODE = [
    *sorted((ROOT / "annotation" / "protocols").glob("*.py")),
    *(
        path
        for name in (
            "annotation/views/annotate",
            "annotation/views/batch",
            "annotation/views/invitations",
            "annotation/views/join",
            "annotation/views/my_work",
            "annotation/views/profile",
            "annotation/forms_invitation",
            "annotation/forms_join",
            "annotation/forms_profile",
            "annotation/comparing",
            "annotation/guesses",
            "annotation/norming",
            "annotation/views/norming",
            "annotation/invitations",
            "annotation/lesson_words",
            "annotation/projection",
            "annotation/services",
            "annotation/state_words",
            "config/language",
        )
        for path in ROOT.glob(f"{name}.py")
    ),
]
CHOICES = (Campaign.State, Campaign.Origin, Assignment.State, ErrorSpan.Side)
# Buttons and headings that would be the first to be seen in English.
ENGLISH = (
    "Sign in", "Sign out", "My work", "Start<", "Go on", "Guideline", "Save and go on", "Keys",
    "Back", "Close", "Note or flag", "I cannot judge this", "Undo", "Redo", "Saved",
    "Marked errors", "is much better", "Does not apply", "Answer A", "Skip to the content",
)  # fmt: skip


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))


def entries(language: str) -> dict[tuple[str | None, str], polib.POEntry]:
    return {(e.msgctxt, e.msgid): e for e in catalogue(language) if not e.obsolete}


def needed() -> list[Text]:
    texts = [text for path in [*TEMPLATES, *CODE] for text in texts_of(path)]
    with translation.override("en"):
        texts += [Text(str(label)) for kind in CHOICES for label in kind.labels]
    return list(dict.fromkeys(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_an_annotator_meets_is_translated(language: str) -> None:
    known = entries(language)
    missing = []
    for text in needed():
        entry = known.get((text.context, text.singular))
        if entry is None or not entry.translated() or bool(text.plural) != bool(entry.msgid_plural):
            missing.append(text.singular)
    assert missing == [], f"{len(missing)} texts; run `make messages`, then fill in {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_every_placeholder(language: str) -> None:
    """The first form of a plural may do without the number where the English singular does."""

    def found(text: str) -> frozenset[str]:
        return frozenset(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))

    broken = []
    for entry in entries(language).values():
        singular = found(entry.msgid)
        plural = found(entry.msgid_plural) if entry.msgid_plural else singular
        for form, said in (entry.msgstr_plural or {0: entry.msgstr}).items():
            if said and found(said) not in ({singular, plural} if int(form) == 0 else {plural}):
                broken.append((entry.msgid, said))
    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_sources(language: str) -> None:
    compiled = polib.mofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"))
    held = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in compiled}
    sources = catalogue(language).translated_entries()
    assert held == {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in sources}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_nothing_is_said_outside_of_translations(path: Path) -> None:
    assert words_outside_of_translations(path.read_text(encoding="utf-8")) == []


def words_outside_of_translations(source: str) -> list[str]:
    """Words in text and in spoken attributes; names, marked languages and keys may stand there."""
    kept: list[str] = []
    inside = False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if name.removeprefix("end") in ("blocktranslate", "block"):
                inside = name == "blocktranslate" or token.contents == "block page_class"
        if token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type != TokenType.COMMENT:
            kept.append("\x00")
    html = "".join(kept)
    html = re.sub(r'class="[^"]*"', "", html)
    html = re.sub(r"<(script|style|svg|kbd)\b.*?</\1>", "", html, flags=re.S)
    html = re.sub(r'<(\w+)[^<>]*\blang="[^"]*"[^<>]*>[^<]*</\1>', "", html)
    spoken = re.findall(r'\s(?:title|placeholder|alt|aria-label|data-label-\w+)="([^"]*)"', html)
    texts = [*spoken, *re.split(r"<[^>]*>", html)]
    found = (re.sub(r"\x00|&\w+;|\bNikash\b|\bn =", "", text).strip() for text in texts)
    return [text for text in found if re.search(r"[^\W\d_]{2,}", text)]


def test_the_check_for_untranslated_words_finds_them() -> None:
    assert words_outside_of_translations("<p>Hello {{ name }}</p>") == ["Hello"]
    assert words_outside_of_translations('<p title="Hello">{{ name }}</p>') == ["Hello"]
    assert words_outside_of_translations("{% blocktranslate %}Hi you{% endblocktranslate %}") == []


def test_texts_of_every_app_are_gathered() -> None:
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == ROOT}
    assert ours and ours <= set(ROOMS)


def test_texts_are_found_in_templates_and_code() -> None:
    template = """{% load i18n %}{% translate "One" context "c" %}{% if x %}
        {% blocktranslate count n=n %}{{ n }} % of it{% plural %}{{ n }} of{% endblocktranslate %}
        {% endif %}"""
    assert list(texts_of_template(template)) == [
        Text("One", context="c"),
        Text("%(n)s %% of it", "%(n)s of"),
    ]
    code = (
        "from django.utils.translation import gettext as _, ngettext\n"
        'ngettext("a", "b", n)\n_("one " "two")\ntranslation.pgettext("c", "d")\nsome("thing")'
    )
    assert list(texts_of_python(code)) == [Text("a", "b"), Text("one two"), Text("d", context="c")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_guidelines_name_the_choices_as_the_page_does(language: str) -> None:
    named = {
        "sqm": ["I cannot judge this"],
        "sidebyside": ["Both are alike", "I cannot judge this"],
        "questionnaire": ["Both are alike", "I cannot judge this", "Does not apply"],
        "mqm": ["Something is missing here", "This is no translation at all"],
        "esa": ["Something is missing here"],
    }
    known = entries(language)
    for guideline, choices in named.items():
        text = (ROOT / f"fixtures/guidelines/{guideline}.{language}.md").read_text(encoding="utf-8")
        for choice in choices:
            said = known[(None, choice)].msgstr
            assert f"**{said}**".lower() in text.lower(), (guideline, said)


def shown_in(client, language: str, address: str) -> str:
    response = client.get(address, headers={"accept-language": language}, follow=True)
    html = response.content.decode()
    assert f'<html lang="{language}">' in html
    return html


def english_in(html: str) -> list[str]:
    return [words for words in ENGLISH if words in html]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_is_in_the_readers_language(client, language: str) -> None:
    html = shown_in(client, language, reverse("login"))
    assert english_in(html) == [] and "Username" not in html and "Password" not in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in PROTOCOLS.names() if PROTOCOLS.get(n).annotatable])
def test_the_pages_of_a_protocol_are_in_the_readers_language(client, name, language) -> None:
    campaign = people.small_campaign(name, name)
    open_campaign(campaign)
    client.force_login(people.bob())
    for address in (
        reverse("annotation:my_work"),
        reverse("annotation:guideline", args=[campaign.pk]),
        reverse("annotation:annotate_next", args=[campaign.pk]),
        reverse("annotation:done", args=[campaign.pk]),
    ):
        assert english_in(shown_in(client, language, address)) == [], address


@pytest.mark.django_db
def test_a_language_chosen_before_signing_in_is_kept(client) -> None:
    data = {"language": "ga", "next": reverse("login")}
    response = client.post(reverse("set_language"), data, headers={"accept-language": "en"})
    assert response.headers["Location"] == reverse("login")
    assert response.cookies["django_language"]["max-age"] > 60 * 60 * 24 * 300
    client.post(reverse("login"), {"username": people.bob().username, "password": people.PASSWORD})
    html = client.get(reverse("annotation:my_work"), headers={"accept-language": "mr"}).content
    assert '<html lang="ga">' in html.decode()
