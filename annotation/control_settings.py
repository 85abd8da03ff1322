"""What a campaign asks of quality control, in `options["quality"]`: each key with its default."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from common.problems import shown

if TYPE_CHECKING:
    from annotation.models import Campaign


class Setting(NamedTuple):
    """A whole number that quality control can be told."""

    label: Any
    default: int
    low: int
    high: int
    help: Any = ""


SETTINGS: Mapping[str, Setting] = {
    "percent_known": Setting(
        _("Items with a known answer, percent of the items to be judged"),
        0,
        0,
        50,
        _("those loaded on the campaign's page; without any, references and copies of the source"),
    ),
    "percent_repeats": Setting(
        _("Items shown again, percent"), 0, 0, 50, _("each annotator agrees with themselves or not")
    ),
    "percent_damaged": Setting(
        _("Items with a damaged output, percent"),
        0,
        0,
        50,
        _("an output of the campaign with errors put in, from slight to grave"),
    ),
    "repeat_after": Setting(_("Items between an item and its repetition, at least"), 10, 2, 500),
    "threshold": Setting(
        _("Right answers to pass the qualification, percent"),
        80,
        1,
        100,
        _("for a qualification loaded on the campaign's page"),
    ),
    "attempts": Setting(_("Attempts at the qualification"), 2, 1, 10),
}
NEEDS_QUALIFICATION = "needs_qualification"


def setting(campaign: "Campaign", name: str) -> int:
    """The setting's value; BadInput for one that cannot be used."""
    about = SETTINGS[name]
    value = _quality(campaign).get(name, about.default)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not about.low <= value <= about.high
    ):
        raise BadInput(
            f"{name} is {shown(value)}; write a whole number from {about.low} to {about.high}"
        )
    return value


def needs_qualification(campaign: "Campaign") -> bool:
    """Whether annotators must pass the qualification before they judge anything."""
    value = _quality(campaign).get(NEEDS_QUALIFICATION, False)
    if not isinstance(value, bool):
        raise BadInput(f"{NEEDS_QUALIFICATION} is {shown(value)}; write true or false")
    return value


def check_settings(campaign: "Campaign") -> None:
    """Raise BadInput for the first setting of quality control that cannot be used."""
    needs_qualification(campaign)
    for name in SETTINGS:
        setting(campaign, name)


def _quality(campaign: "Campaign") -> Mapping[str, Any]:
    given = campaign.options.get("quality") or {}
    if not isinstance(given, Mapping):
        raise BadInput(f"quality is {shown(given)}; write an object with its settings")
    return given
