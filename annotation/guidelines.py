"""Guidelines: the one a reader gets, its text as HTML, and writing a new version."""

import html
import re
from xml.etree.ElementTree import Element

import markdown
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from accounts.audit import record
from annotation.blanks import Kept
from annotation.models import Campaign, Guideline
from common.errors import BadInput, Conflict

MOST_BRACKETS = 500
SCHEMES = {"http", "https", "mailto"}


def guideline_for(campaign: Campaign, language: str) -> Guideline | None:
    """One query; the reader's language first, then English, then whatever there is."""
    if not campaign.guideline:
        return None
    found = Guideline.objects.filter(name=campaign.guideline, version=campaign.guideline_version)
    return in_language(list(found), language)


_named: Kept[str] = Kept()


def guideline_named(campaign: Campaign, language: str) -> str:
    """What the log says of the guideline shown, its name, version and language; "" without one.

    Asked of the database once a minute: the texts of a version do not change.
    """

    def ask() -> str:
        guideline = guideline_for(campaign, language)
        return str(guideline) if guideline else ""

    version = (campaign.guideline, campaign.guideline_version, language)
    return _named.get((campaign.pk, campaign.created_at, *version), ask)


def in_language(texts: list[Guideline], language: str) -> Guideline | None:
    """Of one version's texts the one for this reader: their language, English, or any."""
    order = [language, language.split("-")[0], "en", *(text.language for text in texts)]
    return min(texts, key=lambda text: order.index(text.language), default=None)


def newest_version(name: str) -> int:
    """0 where there is no guideline of this name."""
    return Guideline.objects.filter(name=name).aggregate(newest=Max("version"))["newest"] or 0


def add_version(*, name: str, texts: dict[str, str], based_on: int) -> int:
    """Store a new version and return its number; languages not given are copied unchanged.

    texts : Markdown by language tag
    based_on : the newest version its author has read; 0 for a guideline that is not there yet

    Raises Conflict where the newest version is another, BadInput where nothing would change.
    """
    stored = Guideline.objects.filter(name=name, version=based_on)
    before = dict(stored.values_list("language", "text"))
    after = before | texts
    if after == before:
        raise BadInput(_("Nothing was changed, so there is no new version."))
    try:
        with transaction.atomic():
            if newest_version(name) != based_on:
                raise _overtaken(name)
            Guideline.objects.bulk_create(
                Guideline(name=name, version=based_on + 1, language=language, text=text)
                for language, text in after.items()
            )
            made = Guideline.objects.filter(name=name, version=based_on + 1).first()
            record(None, "guideline.make", made)
    except IntegrityError:
        raise _overtaken(name) from None
    return based_on + 1


def _overtaken(name: str) -> Conflict:
    return Conflict(
        _(
            "Somebody has stored another version of %(name)s since you opened this page. "
            "Copy your text, open the newest version and write yours from there."
        )
        % {"name": name}
    )


def as_html(text: str, *, demote: int = 0) -> SafeString:
    """Markdown as HTML; HTML within the text is shown as text, never interpreted.

    A text that is nested deeper than anybody reads, or has more brackets than a guideline has links
    (the library takes ages over them), is shown as it was written.

    demote : how many levels its headings go down, for pages with a heading above the text
    """
    if text.count("[") > MOST_BRACKETS:
        return format_html("<pre>{}</pre>", text)
    try:
        made = markdown.markdown(text, extensions=[_Plain(demote)], output_format="html")
    except RecursionError:
        return format_html("<pre>{}</pre>", text)
    return mark_safe(made)


class _Plain(Extension):
    """No raw HTML, no picture from elsewhere, no link that runs a script."""

    def __init__(self, demote: int) -> None:
        super().__init__()
        self.demote = demote

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        last = -1  # after escapes within addresses are resolved
        md.treeprocessors.register(_Tidy(md, self.demote), "tidy", last)


class _Tidy(Treeprocessor):
    def __init__(self, md: markdown.Markdown, demote: int) -> None:
        super().__init__(md)
        self.demote = demote

    def run(self, root: Element) -> None:
        for element in root.iter():
            if not _is_safe(element.get("href", "")):
                del element.attrib["href"]
            if element.tag == "img":
                element.tag, element.text = "span", element.get("alt", "")
                element.attrib.clear()
            if re.fullmatch("h[1-6]", element.tag):
                element.tag = f"h{min(6, int(element.tag[1]) + self.demote)}"


def _is_safe(address: str) -> bool:
    """As a browser reads it: entities resolved, blanks and control characters dropped."""
    seen = re.sub(r"[\x00-\x20\x7f]", "", html.unescape(address))
    scheme = re.match(r"([^/?#]*?):", seen)
    return scheme is None or scheme[1].lower() in SCHEMES
