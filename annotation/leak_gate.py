"""The look for leaks through which a campaign opens: errors stop it until somebody takes them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from annotation.leaks import ERROR, Leak, Text, scan
from annotation.models import Campaign
from common.errors import BadInput
from models_app.models import Output

NAMED_HERE = 3  # leaks in the sentence that stops the opening
MOST_LISTED = 1000  # leaks that are written into the plan


class LeaksFound(BadInput):
    """Outputs that would tell annotators who wrote them, or that nobody can judge."""

    def __init__(self, leaks: Sequence[Leak]) -> None:
        self.leaks = list(leaks)
        named = "; ".join(
            f"{leak.system}, segment {leak.key}: {leak.message}" for leak in leaks[:NAMED_HERE]
        )
        more = len(leaks) - NAMED_HERE
        super().__init__(
            f"annotators would see who wrote an output, or could not judge it: {named}"
            + (f"; and {more} more" if more > 0 else "")
            + "; load better outputs, or open nevertheless, which the plan will say"
        )


def leaks_of(campaign: Campaign) -> list[Leak]:
    """Everything suspicious in the outputs that the campaign would show, errors first."""
    systems = list(campaign.systems.select_related("checkpoint", "adapter__checkpoint"))
    outputs = (
        Output.objects.filter(system__in=systems, segment__in=campaign.segments)
        .order_by("system__name", "segment__position")
        .values_list("system__name", "segment__key", "text")
    )
    found = scan(
        dict(campaign.segments.values_list("key", "source")),
        [Text(*row) for row in outputs],
        {system.name: _other_names(system) for system in systems},
        campaign.dataset.target_lang,
    )
    return sorted(found, key=lambda leak: leak.severity != ERROR)


def pass_gate(campaign: Campaign, *, despite_by: Any = None) -> dict[str, Any]:
    """What the plan says of the leaks: counts and, where errors were taken, who, when and which.

    despite_by : the account that opens nevertheless; without one, errors raise LeaksFound, unless
        the ratings are to be simulated: nobody is misled then
    """
    leaks = leaks_of(campaign)
    errors = [leak for leak in leaks if leak.severity == ERROR]
    is_simulated = campaign.origin == Campaign.Origin.SIMULATED
    if errors and despite_by is None and not is_simulated:
        raise LeaksFound(errors)
    counts: dict[str, Any] = {
        "errors": len(errors),
        "warnings": len(leaks) - len(errors),
        "kinds": dict(sorted(Counter(leak.kind for leak in leaks).items())),
    }
    if errors:
        counts["opened_despite"] = {
            "by": despite_by.get_username() if despite_by else "simulation",
            "at": timezone.now().isoformat(timespec="seconds"),
            "leaks": [[leak.system, leak.key, leak.kind] for leak in errors[:MOST_LISTED]],
        }
    return counts


def leaks_sentence(n_warnings: int) -> str:
    return ngettext(
        "The outputs gave %(n)s warning; it is listed under Leaks.",
        "The outputs gave %(n)s warnings; they are listed under Leaks.",
        n_warnings,
    ) % {"n": n_warnings}


def _other_names(system: Any) -> list[str]:
    """What else a system is known by: its adapter, its base model, and where they lie."""
    parts = [system.adapter, system.checkpoint or (system.adapter and system.adapter.checkpoint)]
    names = [name for part in parts if part for name in (part.name, part.location)]
    return [name.rstrip("/").rpartition("/")[2] for name in names]
