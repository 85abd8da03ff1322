"""Packed files that somebody sent: looked over before a byte is unpacked, and never to disk."""

import stat
import unicodedata
import zipfile

from common.errors import BadInput
from common.problems import shown

MOST_RATIO = 300  # unpacked to packed; the texts of a study pack to a tenth
FREE_BYTES = 64 * 1024**2  # unpacked, below which no ratio is looked at


def is_bomb(n_unpacked: int, n_packed: int) -> bool:
    """Whether so many bytes out of so few are no honest file."""
    return n_unpacked > max(FREE_BYTES, MOST_RATIO * n_packed)


def members(
    packed: zipfile.ZipFile, name: str, *, most_files: int, most_bytes: int
) -> dict[str, zipfile.ZipInfo]:
    """The files of a .zip by their names; folders are left out.

    Raises BadInput for more files or bytes than that, for what unpacks to far too much, and for a
    name that leaves the folder, stands twice (in letters of either case), or is a link. zipfile
    unpacks no more of a file than the size that is looked at here.
    """
    files = [info for info in packed.infolist() if not info.filename.endswith("/")]
    if len(files) > most_files:
        raise BadInput(f"holds more than {most_files:,} files; send only what is needed", file=name)
    n_bytes = sum(info.file_size for info in files)
    if n_bytes > most_bytes:
        raise BadInput(
            f"unpacks to {n_bytes:,} bytes; {most_bytes:,} is the most: split it", file=name
        )
    found: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in files:
        told = shown(info.filename)
        if not _is_plain(info):
            raise BadInput(f"holds {told}, which is no plain file in a folder", file=name)
        if is_bomb(info.file_size, info.compress_size):
            raise BadInput(f"holds {told}, which unpacks to far too much", file=name)
        if (key := unicodedata.normalize("NFC", info.filename).casefold()) in folded:
            raise BadInput(f"holds the file {told} twice", file=name)
        folded.add(key)
        found[info.filename] = info
    return found


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """A packed file under a relative name, neither encrypted nor a link."""
    name = info.filename
    parts = name.split("/")
    return (
        stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG)
        and not info.flag_bits & 1
        and info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        and name.isprintable()
        and "\\" not in name
        and ":" not in parts[0]
        and not {"", ".", ".."} & set(parts)
    )
