"""One campaign goes to another database, beside what that one holds, under keys of its own."""

import hashlib
from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from annotation.exporting import export_ratings, fitting_formats
from annotation.models import Campaign, RatingEvent
from common.errors import BadInput, NotFound
from common.problems import shown as quoted
from config.backups.campaign_parts import Scope, parts, scope_of
from config.backups.databases import opened, snapshot, standing_in
from config.backups.moving import check_current, prepare
from config.backups.progress import Progress, Say
from config.backups.transplanting import Transplant
from models_app.loading.common import count_anew


@dataclass(frozen=True)
class Moved:
    """Rows stored over there, and exported files that were compared."""

    n_rows: int
    n_files: int


def move_campaign(
    name: str,
    url: str,
    *,
    usernames: bool = False,
    say: Say,
    shown: bool = False,
    alias: str = "default",
) -> Moved:
    """Copy a campaign with all it stands on; here it stays as it is.

    usernames : accounts go with their names and password hashes, never with an admin's rights;
        otherwise annotators arrive under their codes only

    Raises BadInput, with nothing kept over there, where the campaign is there already, where a
    dataset, system, output or annotator of the same name is another one, or where somebody rated
    meanwhile.
    """
    check_current(alias)
    with opened(url) as target:
        prepare(target)
        with snapshot(alias) as source, transaction.atomic(using=target):
            campaign = _campaign(name, source, target)
            scope = scope_of(campaign, source)
            n_rows = _copy(scope, source, target, usernames=usernames, say=say, shown=shown)
            n_files = _compare_exports(name, source, target)
            _check_nothing_came(campaign, source, alias)
            with standing_in(target):
                audit.record(None, "campaign.move", Campaign.objects.get(name=name), rows=n_rows)
    if campaign.state == Campaign.State.OPEN:
        say("It is still open here, too: close it before anybody rates over there.")
    return Moved(n_rows, n_files)


def _campaign(name: str, source: str, target: str) -> Campaign:
    found = Campaign.objects.using(source).filter(name=name).first()
    if found is None:
        raise NotFound(f"there is no campaign called {quoted(name)}")
    if Campaign.objects.using(target).filter(name=name).exists():
        raise BadInput(f"the database of --to has a campaign called {quoted(name)} already")
    return found


def _copy(scope: Scope, source: str, target: str, *, usernames: bool, say: Say, shown: bool) -> int:
    wanted = parts(usernames=usernames)
    total = sum(part.rows(scope).using(source).count() for part in wanted)
    transplant = Transplant(source, target, Progress(total, "Moving", shown=shown))
    for part in wanted:
        said = transplant.part(part, part.rows(scope))
        say(f"{part.model._meta.label_lower}: {said}")
    transplant.progress.close()
    transplant.check()
    count_anew(target)
    return transplant.n_stored


def _compare_exports(name: str, source: str, target: str) -> int:
    """Number of files. Raises BadInput where one is not byte for byte the same."""
    here, there = _exported(name, source), _exported(name, target)
    for file in sorted(here.keys() | there.keys()):
        if here.get(file) != there.get(file):
            raise BadInput(f"the export {file} differs over there; nothing was kept")
    return len(here)


def _exported(name: str, alias: str) -> dict[str, str]:
    """SHA-256 of every file of every format that fits."""
    hashes = {}
    with standing_in(alias):
        campaign = Campaign.objects.get(name=name)
        for kind, _ in fitting_formats(campaign):
            try:
                export = export_ratings(campaign, kind)
            except BadInput as problem:  # a format that cannot hold it, here as over there
                hashes[f"{kind}: {problem.message}"] = ""
                continue
            for file, pieces in export.files.items():
                digest = hashlib.sha256()
                for piece in pieces:
                    digest.update(piece)
                hashes[f"{kind}/{file}"] = digest.hexdigest()
    return hashes


def _check_nothing_came(campaign: Campaign, source: str, alias: str) -> None:
    events = RatingEvent.objects.filter(item__campaign=campaign.pk)
    if events.using(source).count() != events.using(alias).count():
        raise BadInput("somebody rated meanwhile; close the campaign first, then move it")
