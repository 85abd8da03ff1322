"""Showing a stored answer again in a form."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def checked(filled: Mapping[str, Any], name: str, value: Any) -> str:
    """`checked` where the field holds this value, alone or in a list."""
    held = filled.get(name)
    values = held if isinstance(held, list) else [held]
    return "checked" if str(value) in map(str, values) else ""


@register.simple_tag
def held(filled: Mapping[str, Any], name: str) -> Any:
    """What the field holds, or nothing."""
    return filled.get(name, "")
