"""Packed files are looked over before a byte is unpacked."""

import gzip
import io
import stat
import warnings
import zipfile

import pytest

from common import archives
from common.archives import members
from common.errors import BadInput
from common.tables import Table


def packed(*files: tuple[str, bytes], mode: int = 0, way: int = zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", way) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = way
            out.writestr(info, data)
    return zipfile.ZipFile(buffer)


def looked_over(found, *, most_files=10, most_bytes=10**9):
    return members(found, "a.zip", most_files=most_files, most_bytes=most_bytes)


def test_plain_files_are_there_and_folders_are_not():
    found = packed(("one/a.txt", b"a"), ("one/sub/", b""), ("क.txt", b"b"))
    assert set(looked_over(found)) == {"one/a.txt", "क.txt"}


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "/etc/passwd", "a//b", "./a", "C:/a", "C:a", "a\\..\\b", "a\x1bb",
     "a\u202eb", "a\nb"],
)  # fmt: skip
def test_a_name_that_plays_tricks_is_refused(name):
    with pytest.raises(BadInput, match="no plain file"):
        looked_over(packed((name, b"a")))


def test_a_file_without_a_name_is_refused():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as out:
        out.writestr(zipfile.ZipInfo("\0"), b"a")
    with pytest.raises(BadInput):
        looked_over(zipfile.ZipFile(raw))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind):
    with pytest.raises(BadInput, match="no plain file"):
        looked_over(packed(("a", b"/etc/passwd"), mode=kind | 0o777))


@pytest.mark.parametrize(
    "names", [("a.txt", "a.txt"), ("A.txt", "a.TXT"), ("\u00e9.t", "e\u0301.t")]
)
def test_a_file_that_stands_twice_is_refused(names):
    with pytest.raises(BadInput, match="twice"):
        looked_over(packed(*((name, b"a") for name in names)))


def test_other_packers_are_refused():
    with pytest.raises(BadInput, match="no plain file"):
        looked_over(packed(("a", b"a"), way=zipfile.ZIP_LZMA))


def test_too_many_files_and_too_many_bytes_are_refused():
    found = packed(*((f"f{n}", b"a" * 100) for n in range(5)))
    with pytest.raises(BadInput, match="more than 4 files"):
        looked_over(found, most_files=4)
    with pytest.raises(BadInput, match="unpacks to 500 bytes"):
        looked_over(found, most_bytes=499)


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(BadInput, match="far too much"):
        looked_over(packed(("a", bytes(archives.FREE_BYTES + 1))))


def test_a_packed_table_is_stopped_while_it_unpacks(monkeypatch):
    monkeypatch.setattr(archives, "FREE_BYTES", 100_000)
    bomb = gzip.compress(b"key,source\n" + b"a,b\n" * 100_000 + b"\n" * 10_000_000)
    rows = Table(io.BytesIO(bomb), "a.csv.gz").rows(["key", "source"])
    with pytest.raises(BadInput, match="far too much"):
        for _ in rows:
            continue
