"""Which files of the data folder belong to a backup, and how they come back to it."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils import timezone

from common.errors import BadInput
from common.problems import shown

SECRET_KEY = "secret-key"
MODELS = {"training", "published"}  # weights, which can be trained or fetched again
# Made anew by the site itself, or of this machine only. The cache holds pickles: code, that is.
NEVER = {"broker", "cache", "static", "backups", "running.lock", "demo-logins.json"}
LONGEST_NAME, LONGEST_PATH = 255, 1000  # bytes
DATABASE = re.compile(r".*\.sqlite3(-\w+)?")  # and its log, its locks


def data_files(*, with_models: bool, with_secret_key: bool) -> Iterator[Path]:
    """Plain files below the data folder, as paths relative to it, sorted; links are left out."""
    folder = Path(settings.DATA_DIR)
    for top in sorted(folder.iterdir()):
        if not is_ours(top.name, with_secret_key=with_secret_key):
            continue
        if not with_models and top.name in MODELS:
            continue
        if top.is_file() and not top.is_symlink():
            yield top.relative_to(folder)
        elif top.is_dir() and not top.is_symlink():
            yield from (path.relative_to(folder) for path in _below(top))


def is_ours(top: str, *, with_secret_key: bool = True) -> bool:
    """Whether what lies in the data folder under this name belongs to a backup."""
    if top in NEVER or top.startswith(".") or DATABASE.fullmatch(top):
        return False
    if _is_database(top):
        return False
    return with_secret_key or top != SECRET_KEY


def _is_database(top: str) -> bool:
    """Whether it is the site's own SQLite file, whatever its name, or one that goes with it."""
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    is_here = file.parent == Path(settings.DATA_DIR)
    return is_here and (top == file.name or top.startswith(f"{file.name}-"))


def checked_path(name: str) -> PurePosixPath:
    """The path in the data folder of a backup's `files/...`.

    Raises BadInput for one that leads out of it, that no file system takes, or that is not ours.
    """
    path = PurePosixPath(name.removeprefix("files/"))
    tricks = "\0" in name or "\\" in name or path.is_absolute() or ".." in path.parts
    if tricks or f"files/{path}" != name or not _fits(path) or not is_ours(path.parts[0]):
        raise BadInput(f"holds a file under the name {shown(name)}, which no backup of ours does")
    return path


def _fits(path: PurePosixPath) -> bool:
    try:
        sizes = [len(os.fsencode(part)) for part in path.parts]
    except UnicodeEncodeError:
        return False
    return bool(sizes) and max(sizes) <= LONGEST_NAME and sum(sizes) <= LONGEST_PATH


def put_in_place(folder: Path, renamed: list[tuple[Path, Path]]) -> Path | None:
    """Move each entry of `folder` into the data folder; where the replaced ones were moved to.

    renamed : what was called what before, and is now; told for `put_back`
    """
    data, aside = Path(settings.DATA_DIR), None
    for entry in sorted(folder.iterdir()):
        place = data / entry.name
        if place.exists():
            if aside is None:
                aside = data / "backups" / f"replaced-{timezone.now():%Y%m%d-%H%M%S-%f}"
                aside.mkdir(parents=True, mode=0o700)
            renamed.append((place, place.rename(aside / entry.name)))
        renamed.append((entry, entry.rename(place)))
    return aside


def put_back(renamed: list[tuple[Path, Path]]) -> None:
    """Everything under the name that it had before."""
    for before, now in reversed(renamed):
        now.rename(before)


def check_room(n_bytes: int, folder: Path) -> None:
    """Raises BadInput where the disk has not that much left."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise BadInput(
            f"{n_bytes:,} bytes are needed in {folder}, {free:,} are free; make room first"
        )


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here) / name
            if path.is_file() and not path.is_symlink() and not name.endswith(".part"):
                yield path
