"""Number fields of the planner's forms, whose errors say what may be written."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

TINY, HUGE = 1e-9, 1e9
MOST_SYSTEMS, MOST_RATERS, MOST_RATINGS = 50, 500, 20
MOST_EACH = 8  # ratings of an output in a drawn study of agreement
MOST_TIES = 99  # percent
MOST_COMPARISONS = 10_000


def real(label: Any, low: float, high: float, help_text: Any = "") -> forms.FloatField:
    """A number from `low` to `high`; TINY and HUGE stand for no limit but 0."""
    return forms.FloatField(
        label=label,
        min_value=low,
        max_value=high,
        help_text=help_text,
        error_messages=_limits(low, high),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def whole(
    label: Any, low: int, high: int, help_text: Any = "", *, required: bool = True
) -> forms.IntegerField:
    """A whole number from `low` to `high`."""
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        help_text=help_text,
        required=required,
        error_messages=_limits(low, high),
    )


def _limits(low: float, high: float) -> dict[str, Any]:
    """One sentence for both ends, whichever was passed."""
    if low == TINY:
        said = gettext_lazy("Give a number above 0.")
    elif high == HUGE:
        said = gettext_lazy("Give a number that is not negative.")
    else:
        said = format_lazy(
            gettext_lazy("Give a number from {low} to {high}."), low=f"{low:g}", high=f"{high:g}"
        )
    return {"min_value": said, "max_value": said}
