"""A capsule is replayed: loaded somewhere else, reported anew, and compared cell by cell."""

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction

from annotation.models import Campaign
from annotation.restoring.campaign import restore_campaign
from common.errors import BadInput, Conflict
from common.problems import shown
from common.tables import Table
from metrics.analyses.settings import Settings
from metrics.capsules.empty_database import empty_database
from metrics.capsules.makers import mark_tuned
from metrics.capsules.metric_values import restore_values
from metrics.capsules.opening import Capsule
from metrics.capsules.writing import CAMPAIGN, METRICS, MODELS, REPORT
from metrics.reports.cells import Difference, cells, differences
from metrics.reports.payload import Report, build_payload, silent
from models_app.models import Dataset

MOST = 1_000_000  # of any setting, say resamples; or ten times what is usual for it
NOT_COMPARED = ("generated_with", "campaign", "dataset")
"""What a report says of where it was made; `generated_with.settings` is used, not compared."""


class Replay(NamedTuple):
    """What came out.

    differences : cells with other values;  n_rounded : cells that differ by rounding alone
    made_with : the versions that were others then, "numpy 2.4.5, now 2.4.6"
    """

    campaign: str
    n_files: int
    n_cells: int
    differences: list[Difference]
    n_rounded: int
    made_with: list[str]
    notes: list[str]

    @property
    def is_identical(self) -> bool:
        return not self.differences


def replay(capsule: Capsule, *, keep_as: str | None = None, report: Report = silent) -> Replay:
    """Check the capsule and make its report again, in an empty database in memory.

    keep_as : load it into this database instead, as a campaign and a dataset of this name

    Raises BadInput for what is no capsule, Conflict where the name is taken; nothing that is
    stored is ever changed.
    """
    n_files = capsule.check()
    then = capsule.json(REPORT)
    settings = _settings(then, capsule.name)
    place = contextlib.nullcontext() if keep_as else empty_database()
    with place:
        with transaction.atomic():  # a campaign without its metric values is none of the capsule's
            campaign, notes = _restore(capsule, keep_as)
        now = build_payload(campaign, settings=settings, report=report)
    return _compared(then, now, notes=notes, campaign=then.get("campaign"), n_files=n_files)


def _restore(capsule: Capsule, keep_as: str | None) -> tuple[Campaign, list[str]]:
    names = {"campaign": keep_as, "dataset": keep_as}
    if keep_as:
        _check_free(keep_as)
    with capsule.open(CAMPAIGN) as stream:
        loaded = restore_campaign(Table(stream, CAMPAIGN), **names)
    # In an empty database there is no other campaign, and here none of this name before.
    campaign = Campaign.objects.get(name=keep_as) if keep_as else Campaign.objects.get()
    with capsule.open(METRICS) as stream:
        restore_values(campaign, stream, METRICS)
    made_by = capsule.json(MODELS)
    if not isinstance(made_by, dict):
        raise BadInput("is no object", file=MODELS)
    mark_tuned(campaign, made_by)
    return campaign, [note for note in loaded.notes if "other scores" in note]


def _check_free(name: str) -> None:
    for kind in (Campaign, Dataset):
        if kind._default_manager.filter(name=name).exists():
            what = kind._meta.verbose_name
            raise Conflict(f"a {what} called {name!r} is there already; give another name")


def _settings(report: Any, file: str) -> Settings:
    """Those of the report; BadInput where a report could not have been made with them."""
    try:
        given = report["generated_with"]["settings"]
        found = Settings(**{name: given[name] for name in Settings._fields if name in given})
    except (TypeError, KeyError) as problem:
        raise BadInput(f"{REPORT} does not say how it was made", file=file) from problem
    for name, usual in Settings()._asdict().items():
        value = getattr(found, name)
        if type(value) is not type(usual) or not 0 <= value <= max(MOST, 10 * usual):
            raise BadInput(f"{REPORT} has the setting {name} = {shown(value)}", file=file)
    return found


def _compared(then: Mapping[str, Any], now: Mapping[str, Any], **about: Any) -> Replay:
    before, after = _comparable(then), _comparable(now)
    found = list(differences(before, after))
    return Replay(
        n_cells=sum(1 for _ in cells(before)),
        differences=[one for one in found if not one.is_rounding],
        n_rounded=sum(one.is_rounding for one in found),
        made_with=_made_with(then["generated_with"], now["generated_with"]),
        **about,
    )


def _comparable(report: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _without_rows_of_here(v) for k, v in report.items() if k not in NOT_COMPARED}


def _without_rows_of_here(value: Any) -> Any:
    """Without `segment`, a row's number in one database."""
    if isinstance(value, Mapping):
        kept = {k: v for k, v in value.items() if k != "segment" or not isinstance(v, int)}
        return {name: _without_rows_of_here(inner) for name, inner in kept.items()}
    return [_without_rows_of_here(v) for v in value] if isinstance(value, list) else value


def _made_with(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    versions = then.get("versions")
    known = versions if isinstance(versions, Mapping) else {}
    old = {"Nikash": then.get("nikash"), **known}
    new = {"Nikash": now["nikash"], **now["versions"]}
    return [
        f"{name} {old[name]}, now {new.get(name, 'none')}"
        for name in old
        if old[name] != new.get(name)
    ]
