"""A package as a row: asked for once for a state of the data, made by a worker, then only read."""

import hashlib
import json
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from annotation.models import Campaign
from common.errors import Conflict
from metrics.models import Package, ReportRun
from metrics.packages.files import is_there, tidy, written_whole
from metrics.packages.kinds import KINDS
from metrics.reporting import newest_report
from models_app.jobs import Progress

_WRITERS = (
    "metrics/archives/*.py",
    "metrics/capsules/*.py",
    "metrics/datasheets/*.py",
    "metrics/reports/*.py",
    "templates/metrics/**/*.html",
    "static/archive/*",
    "static/css/*.css",
    "static/js/plot.js",
)


@cache
def writing_code() -> str:
    """A hash of the code, pages and styles that make packages."""
    digest = hashlib.sha256()
    for pattern in _WRITERS:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def package_version(campaign: Campaign, run: ReportRun, kind: str) -> str:
    """ "REPORT/REST": the report's version, and a hash of what else goes in."""
    facts: list[Any] = [writing_code()]
    if kind == "capsule":
        claims = campaign.claims.order_by("pk")
        facts.append(list(claims.values_list("pk", "sentence", "path", "pinned_at")))
    rest = hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()[:10]
    return f"{run.data_version}/{rest}"


def packages_of(campaign: Campaign, kind: str, *, with_excluded: bool = False) -> QuerySet[Package]:
    """Those of a kind in the language that is switched on, newest first."""
    return Package.objects.filter(
        campaign=campaign,
        kind=kind,
        language=translation.get_language() or "en",
        with_excluded=with_excluded,
    ).order_by("-pk")


def ready_package(packages: QuerySet[Package], version: str) -> Package | None:
    """The finished one of this version, its file in its place."""
    return next((one for one in packages.filter(version=version) if is_there(one)), None)


def open_package(
    campaign: Campaign, kind: str, version: str, *, with_excluded: bool, created_by: Any
) -> tuple[Package, bool]:
    """The one of this version that waits or works, or a new one to queue (True)."""
    packages = packages_of(campaign, kind, with_excluded=with_excluded)
    waiting = packages.unfinished().filter(version=version).first()
    if waiting:
        return waiting, False
    made = Package.objects.create(
        campaign=campaign,
        kind=kind,
        version=version,
        language=translation.get_language() or "en",
        with_excluded=with_excluded,
        created_by=created_by,
    )
    return made, True


def make_package(package: Package, progress: Progress) -> None:
    """Write the package's file. Raises NikashError where the data changed or the disk is full."""
    with translation.override(package.language):
        run = newest_report(package.campaign, with_excluded=package.with_excluded)
        if run is None or run.data_version != package.version.partition("/")[0]:
            raise Conflict(_("The data changed before the file was made; ask for a new one."))

        def watch(done: int, total: int) -> None:
            if total != package.n_total:
                progress.total(total, done)
            progress.advance(done - package.n_done)

        with written_whole(package, progress.stop_if_cancelled) as file:
            KINDS[package.kind].write(package.campaign, run, file, watch)
    package.save(update_fields=["n_bytes"])
    tidy(package)
