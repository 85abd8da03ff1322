"""Files that nobody should be able to load, for every loader alike."""

import gzip
from pathlib import Path

BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("bad.csv", b""),
    "empty packed": ("bad.csv.gz", gzip.compress(b"")),
    "only a header": ("bad.csv", b"system,key,output,source,rater,score\n"),
    "no column we know": ("bad.csv", b"a,b\n1,2\n"),
    "repeated column": ("bad.csv", b"key,key,source,output\n1,1,a,b\n"),
    "cut off packed": ("bad.csv.gz", gzip.compress(b"key,source\n1,a\n" * 99)[:40]),
    "cut off quote": ("bad.csv", b'key,source,system,output,rater,score\n1,"a'),
    "cut off object": ("bad.jsonl", b'{"key": "1", "sour'),
    "latin-1": ("bad.csv", b"key,source,system,output,rater,score\n1,caf\xe9,s,o,r,1\n"),
    "utf-16": ("bad.csv", "key,source\n1,a\n".encode("utf-16")),
    "nul": ("bad.csv", b"key,source,system,output,rater,score\ns0,\0,s,o,r,1\n"),
    "half a character": (
        "bad.jsonl",
        b'{"key": "s0", "source": "a", "system": "s", "output": "\\ud800", "rater": "\\ud800", '
        b'"score": 1}',
    ),
    "an image": ("bad.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "a spreadsheet": ("bad.csv", b"PK\x03\x04\x14\0\x06\0\x08\0"),
    "another ending": ("bad.xlsx", b"key,source\n1,a\n"),
}


def write_bad(folder: Path, case: str) -> Path:
    name, data = BAD[case]
    (folder / name).write_bytes(data)
    return folder / name
