"""Claims of a paper, each pinned to a cell of the report: do they still hold?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from annotation.models import Campaign
from common.errors import BadInput, NotFound
from metrics.models import Claim, ReportRun
from metrics.reports.cells import Difference, cell, cells
from metrics.reports.version import WITH_EXCLUDED

HOLDS, STALE, LOST = "holds", "stale", "lost"
LONGEST = 500
NOT_CLAIMED = ("generated_with", "schema", "points")  # nothing that a paper states


class Checked(NamedTuple):
    """A claim against a report: holds, stale (another value now), or lost (no such cell now)."""

    claim: Claim
    state: str
    now: Any = None

    @property
    def holds(self) -> bool:
        return self.state == HOLDS


def checked_claims(campaign: Campaign, payload: Mapping[str, Any]) -> list[Checked]:
    """The claims on this kind of report, with or without excluded annotators, in the order of
    pinning. One query."""
    settings = payload["generated_with"]["settings"]
    kind = bool(settings.get("with_excluded"))
    return [
        _checked(claim, payload)
        for claim in campaign.claims.all()
        if claim.data_version.endswith(WITH_EXCLUDED) == kind
    ]


def _checked(claim: Claim, payload: Mapping[str, Any]) -> Checked:
    try:
        now = cell(payload, claim.path)
    except (BadInput, NotFound):
        return Checked(claim, LOST)
    same = claim.value == now or Difference(claim.path, claim.value, now).is_rounding
    return Checked(claim, HOLDS if same else STALE, now)


@transaction.atomic
def pin_claim(
    *, campaign: Campaign, run: ReportRun, sentence: str, path: str, created_by: Any = None
) -> Claim:
    """Pin a sentence to a cell of a finished report; the same again changes nothing.

    Raises BadInput for no sentence or no path to a single cell, NotFound for a cell that the
    report does not have, and BadInput where the claim stands on the report of the other kind.
    """
    sentence, path = " ".join(sentence.split()), path.strip()
    if not sentence:
        raise BadInput("write the sentence that you claim")
    if max(len(sentence), len(path)) > LONGEST:
        raise BadInput(f"a sentence and a cell's name have {LONGEST} characters at most")
    given = {"value": _value(run.payload, path), "data_version": run.data_version}
    claim = Claim.objects.get_or_create(
        campaign=campaign,
        sentence=sentence,
        path=path,
        defaults={**given, "created_by": created_by},
    )[0]
    kinds = {v.endswith(WITH_EXCLUDED) for v in (claim.data_version, run.data_version)}
    if len(kinds) > 1:
        raise BadInput(
            "the sentence is pinned to this cell of the report of the other kind, with or without "
            "excluded annotators; remove it there or word it otherwise"
        )
    return claim


def pin_again(claim: Claim, run: ReportRun) -> None:
    """Take the value of this report for the claim's: its sentence was looked at and stands.

    Raises NotFound where the report has no such cell.
    """
    claim.value = _value(run.payload, claim.path)
    claim.data_version = run.data_version
    claim.pinned_at = timezone.now()
    with transaction.atomic():
        claim.save(update_fields=["value", "data_version", "pinned_at"])
        record(None, "claim.again", claim, campaign_id=claim.campaign_id)


def claim_records(campaign: Campaign) -> list[dict[str, Any]]:
    """Every claim as it was pinned."""
    fields = ("sentence", "path", "value", "data_version")
    return [{name: getattr(claim, name) for name in fields} for claim in campaign.claims.all()]


def found_cells(payload: Mapping[str, Any], words: str, most: int) -> list[tuple[str, Any]]:
    """Cells whose names or values have all these words, in the report's order."""
    wanted = words.lower().split()
    found: list[tuple[str, Any]] = []
    for path, value in _claimable(payload):
        said = f"{path} {value}".lower()
        if all(word in said for word in wanted):
            found.append((path, value))
            if len(found) == most:
                break
    return found


def _claimable(payload: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return cells({name: part for name, part in payload.items() if name not in NOT_CLAIMED})


def _value(payload: Mapping[str, Any], path: str) -> Any:
    value = cell(payload, path)
    if isinstance(value, Mapping) or (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(part, Mapping | list) for part in value)
    ):
        raise BadInput(f"{path} is more than one cell; go on to one of them")
    return value
