"""Where packages lie, how one gets there wholly or not at all, and how old ones leave."""

import errno
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import NikashError
from metrics.models import Package
from models_app.models import Job

KEPT = 3  # finished files of one campaign and kind
FORGOTTEN_SECONDS = 24 * 3600  # an unfinished file so old has no writer any more
FINISHED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
FULL = (errno.ENOSPC, errno.EDQUOT)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "packages"


def path_of(package: Package) -> Path:
    return folder() / f"{package.pk}.zip"


def is_there(package: Package) -> bool:
    """Whether the finished file lies where it should, as long as it was when it was written."""
    try:
        return (
            package.state == Job.State.DONE and path_of(package).stat().st_size == package.n_bytes
        )
    except FileNotFoundError:
        return False


@contextmanager
def written_whole(package: Package, allow: Callable[[], None]) -> Iterator[BinaryIO]:
    """A new file that takes the package's place when the block ends without an error.

    allow : raises where this writer may not go on, asked last of all

    Raises NikashError where it cannot be written, as on a full disk.
    """
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder().glob(f".{package.pk}.*"):
            left.unlink(missing_ok=True)  # of a worker that is gone
        handle, name = tempfile.mkstemp(prefix=f".{package.pk}.", dir=folder())
        try:
            with os.fdopen(handle, "w+b") as file:
                yield file
                file.flush()
                os.fsync(handle)
                package.n_bytes = file.seek(0, os.SEEK_END)
            allow()
            Path(name).replace(path_of(package))
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as problem:
        raise NikashError(_reason(problem)) from problem


def _reason(problem: OSError) -> str:
    if problem.errno in FULL:
        return _("The disk with the site's data folder is full; free some space there, then go on.")
    why = problem.strerror or str(problem)
    return _("The file cannot be written in the site's data folder (%(why)s).") % {"why": why}


def tidy(newest: Package) -> None:
    """Keep this one and the newest finished before it, KEPT of a kind; sweep what none owns."""
    packages = Package.objects.filter(campaign=newest.campaign_id, kind=newest.kind)
    older = packages.filter(pk__lt=newest.pk, state__in=FINISHED).order_by("-pk")
    kept = [package.pk for package in older if is_there(package)][: KEPT - 1]
    older.exclude(pk__in=kept).delete()
    owned = set(Package.objects.values_list("pk", flat=True))
    for path in folder().glob("*.zip"):
        if path.stem.isdecimal() and int(path.stem) not in owned:
            path.unlink(missing_ok=True)
    long_ago = time.time() - FORGOTTEN_SECONDS
    for path in folder().glob(".*"):
        with suppress(FileNotFoundError):  # another worker's file has just got its name
            if path.stat().st_mtime < long_ago:
                path.unlink()
