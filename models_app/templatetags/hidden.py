"""Texts on pages: each character that nobody sees stands in a box that names it."""

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html_join
from django.utils.translation import gettext as _

from common.text import code_of, unseen

register = template.Library()


@register.filter
def shown(text: Any) -> Any:
    """A text with its hidden characters in boxes; without the tags, it is the text.

    What is safe already, or no text, is left as it is. Twin of static/js/hidden.js.
    """
    places = unseen(text) if type(text) is str else []
    if not places:
        return text
    says = _("a character that nobody sees")
    ends = [*places[1:], len(text)]
    pieces = (
        (says, code_of(text[at]), text[at], text[at + 1 : end])
        for at, end in zip(places, ends, strict=True)
    )
    box = '<span class="unseen" title="{}" data-code="{}">{}</span>{}'
    return conditional_escape(text[: places[0]]) + format_html_join("", box, pieces)
