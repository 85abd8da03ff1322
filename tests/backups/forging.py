"""Backups that somebody changed: a good one's parts, taken out, altered and packed again."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


class Forged:
    """The members of a backup by name, and its manifest; hashes are right unless altered."""

    def __init__(self, path: Path) -> None:
        with tarfile.open(path) as tar:
            self.members = {
                member.name: tar.extractfile(member).read() for member in tar.getmembers()
            }
        self.manifest: Any = json.loads(self.members.pop(MANIFEST))
        self.odd: list[tarfile.TarInfo] = []

    def rows(self, label: str) -> list[list[Any]]:
        (piece,) = self.manifest["tables"][label]["pieces"]
        return [
            json.loads(line) for line in gzip.decompress(self.members[piece["name"]]).splitlines()
        ]

    def set_rows(self, label: str, rows: list[Any]) -> None:
        self.set_table(label, "".join(json.dumps(row) + "\n" for row in rows).encode())
        self.manifest["tables"][label]["n_rows"] = len(rows)

    def set_table(self, label: str, plain: bytes) -> None:
        packed = gzip.compress(plain, 9)
        entry, name = self.manifest["tables"][label], f"tables/{label}/000000.jsonl.gz"
        self.members[name] = packed
        entry["pieces"] = [piece_of(name, packed, len(plain))]

    def set_value(self, label: str, field: str, value: Any) -> None:
        """Of the table's first row."""
        rows = self.rows(label)
        rows[0][self.manifest["tables"][label]["fields"].index(field)] = value
        self.set_rows(label, rows)

    def add_file(self, name: str, data: bytes = b"x", **told: Any) -> None:
        self.members[name] = data
        self.manifest["files"].append(piece_of(name, data, len(data)) | told)

    def write(self, out: Path) -> Path:
        text = self.manifest
        data = text if isinstance(text, bytes) else json.dumps(text).encode()
        with tarfile.open(out, "w") as tar:
            for name, content in {**self.members, MANIFEST: data}.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            for info in self.odd:
                tar.addfile(info)
        return out


def piece_of(name: str, packed: bytes, n_plain: int) -> dict[str, Any]:
    sha256 = hashlib.sha256(packed).hexdigest()
    return {"name": name, "n_bytes": len(packed), "n_plain": n_plain, "sha256": sha256}


def link(kind: bytes, name: str = "files/uploads/link", to: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info
