"""The part of the campaign's form that a protocol asks for: its own options."""

from collections.abc import Mapping
from typing import Any

from django import forms

from annotation.protocols import PROTOCOLS

DEFAULT = "sqm"


def protocol_choices() -> list[tuple[str, Any]]:
    """The protocols that have a page, the usual one first."""
    found = [(name, part.label) for name, part in PROTOCOLS.items() if part.annotatable]
    return sorted(found, key=lambda choice: choice[0] != DEFAULT)


def protocol_fields() -> dict[str, forms.Field]:
    """Every protocol's options, under names that begin with the protocol's own."""
    return {
        f"{name}_{option}": field
        for name, _label in protocol_choices()
        for option, field in PROTOCOLS.get(name).option_fields().items()
    }


def protocol_options(cleaned: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What was chosen for the campaign's protocol, as it is stored; language: of the outputs."""
    name = cleaned["protocol"]
    part = PROTOCOLS.get(name)
    given = {option: cleaned.get(f"{name}_{option}") for option in part.option_fields()}
    return part.options_from(given, language)
