"""Backups that the timer made: their names, and which of them are kept."""

import re
from pathlib import Path

from django.conf import settings
from django.utils import timezone

NAME = re.compile(r"nikash-\d{8}-\d{6}\.tar")


def folder() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def next_name() -> Path:
    """A name with the time, in the folder for backups."""
    return folder() / f"nikash-{timezone.now():%Y%m%d-%H%M%S}.tar"


def keep_newest(place: Path, n: int) -> list[Path]:
    """Delete all but the newest n backups of that folder that have such names; those deleted."""
    found = sorted(path for path in place.iterdir() if NAME.fullmatch(path.name))
    gone = found[:-n]
    for path in gone:
        path.unlink()
    return gone
