"""Files that people send: kept until they confirm the preview, under names of our own making."""

import contextlib
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

KEPT_SECONDS = 24 * 3600
SALT = "nikash.upload"


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
    with (folder() / name).open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
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


def forget(name: str) -> None:
    (folder() / name).unlink(missing_ok=True)


def _forget_old() -> None:
    limit = time.time() - KEPT_SECONDS
    for path in folder().iterdir():
        with contextlib.suppress(FileNotFoundError):  # another request forgets it, too
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()
