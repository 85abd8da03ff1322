"""Files that people send: kept until they confirm the preview, under names of our own making."""

import contextlib
import json
import secrets
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from common.errors import BadInput
from common.tables import FORMATS
from models_app.models import Upload

KEPT_SECONDS = 24 * 3600
SALT = "nikash.upload"
PACKED = (".gz", ".zip")
PACKED_BY = 8  # text of one byte in a packed file, about
TOLD, STOP = ".told", ".stop"  # endings of what is noted beside a file


def folder() -> Path:
    path = Path(settings.MEDIA_ROOT)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(file: UploadedFile, others: Collection[str] = ()) -> str:
    """Store the file; returns its name in the upload folder.

    others : endings that are taken beside those of tables

    Raises BadInput for a file type that no loader reads and for a file that is too large.
    """
    suffixes = [suffix.lower() for suffix in Path(str(file.name)).suffixes]
    ending = "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])
    is_table = ending.removesuffix(".gz").lstrip(".") in FORMATS
    if not is_table and ending.lstrip(".") not in others:
        also = "".join(f"; or in .{other}" for other in others)
        raise BadInput(
            f"the name must end in .csv, .tsv or .jsonl, or one of these and .gz{also}",
            file=str(file.name),
        )
    if (file.size or 0) > settings.MAX_UPLOAD_MB * 1024 * 1024:
        raise BadInput(
            f"has more than {settings.MAX_UPLOAD_MB} MB; split it, or load it with a command",
            file=str(file.name),
        )
    _forget_old()
    name = secrets.token_hex(16) + ending
    try:
        with (folder() / name).open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
    except OSError:
        forget(name)  # half a file would keep a full disk full
        raise
    return name


def seal(user_id: int, kind: str, name: str, shown_as: str, options: dict[str, Any]) -> str:
    """A signed note of a checked upload, for the confirmation to bring back."""
    return signing.dumps([user_id, kind, name, shown_as, options], salt=SALT)


def unseal(token: str, user_id: int, kind: str) -> tuple[Path, str, dict[str, Any]]:
    """The kept file, its first name and its options; BadInput where the preview is too old."""
    try:
        owner, sealed_kind, name, shown_as, options = signing.loads(
            token, salt=SALT, max_age=KEPT_SECONDS
        )
    except signing.BadSignature:
        raise BadInput("this preview is too old; send the file again") from None
    path = folder() / Path(name).name
    if owner != user_id or sealed_kind != kind or not path.is_file():
        raise BadInput("this preview was already used or is too old; send the file again")
    return path, shown_as, options


def is_big(file: UploadedFile) -> bool:
    """Whether a worker is to read it, not the request that brings it."""
    is_packed = str(file.name).lower().endswith(PACKED)
    return (file.size or 0) * (PACKED_BY if is_packed else 1) >= settings.UPLOAD_JOB_BYTES


def is_kept(name: str) -> bool:
    return (folder() / Path(name).name).is_file()


def forget(name: str) -> None:
    """Delete the file and what is noted beside it."""
    for ending in ("", TOLD, STOP):
        (folder() / f"{name}{ending}").unlink(missing_ok=True)


def _forget_old() -> None:
    """All but what a job still needs."""
    limit = time.time() - KEPT_SECONDS
    needed = set(Upload.objects.unfinished().values_list("file", flat=True))
    for path in folder().iterdir():
        name = path.name.removesuffix(TOLD).removesuffix(STOP)
        with contextlib.suppress(FileNotFoundError):  # another request forgets it, too
            if name not in needed and path.is_file() and path.stat().st_mtime < limit:
                path.unlink()


# A worker that reads a file does so within one transaction, out of which its row says nothing, and
# into which, on SQLite, nothing can be said. So both sides leave notes beside the file.


def tell(name: str, **said: int) -> None:
    """Note how far the reading is."""
    place = folder() / f"{name}{TOLD}"
    fresh = place.with_name(f"{place.name}.new")
    fresh.write_text(json.dumps(said))
    fresh.replace(place)


def told(name: str) -> dict[str, int]:
    """What was noted last; empty where nothing was."""
    try:
        said: dict[str, int] = json.loads((folder() / f"{name}{TOLD}").read_text())
    except FileNotFoundError:
        return {}
    return said


def ask_to_stop(name: str) -> None:
    (folder() / f"{name}{STOP}").touch(mode=0o600)


def is_to_stop(name: str) -> bool:
    return (folder() / f"{name}{STOP}").exists()


def remove_notes(name: str) -> None:
    for ending in (TOLD, STOP):
        (folder() / f"{name}{ending}").unlink(missing_ok=True)
