"""The guideline a reader gets: the campaign's version in their language, else in another."""

import html

import markdown
from django.utils.safestring import SafeString, mark_safe

from annotation.models import Campaign, Guideline


def guideline_for(campaign: Campaign, language: str) -> Guideline | None:
    """One query; the reader's language first, then English, then whatever there is."""
    if not campaign.guideline:
        return None
    found = Guideline.objects.filter(name=campaign.guideline, version=campaign.guideline_version)
    wanted = {language.split("-")[0]: 0, "en": 1}
    return min(found, key=lambda g: wanted.get(g.language, 2), default=None)


def as_html(text: str) -> SafeString:
    """Markdown as HTML; HTML within the text is shown as text, never interpreted."""
    rendered = markdown.markdown(html.escape(text, quote=False), output_format="html")
    return mark_safe(rendered.replace('href="javascript:', 'href="'))
