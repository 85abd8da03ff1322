"""What a language calls itself."""

from django import template
from django.utils.translation import get_language_info

register = template.Library()


@register.filter
def language_name(tag: str) -> str:
    """The language's own name where it is known, else its tag."""
    try:
        return str(get_language_info(tag)["name_local"])
    except KeyError:
        return tag
