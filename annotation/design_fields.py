"""The part of the campaign's form that says who gets which items."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.designs import DESIGNS

DEFAULT = "uniform"


def design_fields() -> dict[str, forms.Field]:
    """The choice of a design, each design's own numbers, and when to call one more annotator."""
    designs = sorted(DESIGNS.items(), key=lambda design: design[0] != DEFAULT)
    choices = [(name, f"{design.label} – {design.help}") for name, design in designs]
    fields: dict[str, forms.Field] = {
        "design": forms.ChoiceField(
            label=_("Design"),
            choices=choices,
            widget=forms.RadioSelect,
            initial=DEFAULT,
            required=False,
        )
    }
    for _name, design in designs:
        for option, about in design.takes.items():
            fields[f"design_{option}"] = forms.IntegerField(
                label=about.label,
                initial=about.default,
                min_value=about.low,
                max_value=about.high,
                required=False,
                help_text=_("for “%(design)s”") % {"design": design.label},
            )
    fields["adjudicate_by"] = forms.FloatField(
        label=_("Call one more annotator when two scores differ by"),
        required=False,
        help_text=_("in the protocol's own points, for every item; empty: never"),
    )
    fields["seconds_per_item"] = forms.IntegerField(
        label=_("Seconds for an item"),
        min_value=1,
        max_value=3600,
        required=False,
        help_text=_("for the plan's hours; empty: what is usual for the protocol"),
    )
    fields["stepwise"] = forms.BooleanField(
        label=_("Show of a document only what comes before the item"), required=False
    )
    return fields


def design_options(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields say, as it is stored in a campaign's options."""
    takes = DESIGNS.get(cleaned.get("design") or DEFAULT).takes
    given = {name: cleaned.get(f"design_{name}") for name in takes}
    options: dict[str, Any] = {}
    if chosen := {name: value for name, value in given.items() if value is not None}:
        options["design"] = chosen
    if (differ_by := cleaned.get("adjudicate_by")) is not None:
        options["adjudicate"] = {"differ_by": differ_by}
    if seconds := cleaned.get("seconds_per_item"):
        options["seconds_per_item"] = seconds
    if cleaned.get("stepwise"):
        options["reveal"] = "stepwise"
    return options
