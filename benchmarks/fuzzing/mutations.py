"""A file made wrong in one to four places, by a seeded choice among ways that hurt readers."""

import gzip
import io
import json
import re
import warnings
import zipfile
from random import Random
from typing import Any

TEXTS = [
    "", " ", "\0", "\ud800", "\ufeff", "\u202eabc", "\u2066x\u2069", "\u200b", "\u2028", "\x1b[31m",
    "a" * 70_000, "अ" * 5000, "=1+1", "@x", "+", "-", "'", '"', "\t", "\r", "\n", "\r\n", ",", "\\",
    "NaN", "nan", "Infinity", "-inf", "1e999", "1e-999", "0x10", "٣", "1_000", "-1", "9" * 5000,
    "null", "None", "true", "<script>alert(1)</script>", "]]>", "../../etc/passwd", "/dev/zero",
    "a/b\\c", "%s%n", "{0}", "{{7*7}}", "CON", "\U000e0041", "é", "e\u0301", "<v>", "</v>",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, -0.0, 1e308, 1e-320,
    [], {}, [[]], [None], [[[[]]]], {"": None}, {"a": {"b": {"c": []}}}, [1, "a", None], *TEXTS,
]  # fmt: skip
BYTES = [
    b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\n",
    b"\r", b'"', b"{", b"}", b"[" * 3000, b'{"a":' * 3000, b"\t", b"\x1f\x8b", b"PK\x03\x04",
    b"1e999", b"NaN", b"\\ud800", b"\\u0000", b"9" * 5000, b"\x1a", b"-Infinity", b'"a":1,"a":2,',
]  # fmt: skip
NAMES = ["../x", "/etc/passwd", "a\\b", "C:\\x", "\0", "x" * 300, ".", "..", "", "CON", "x/"]
TABLE = re.compile(r"\.[ct]sv$")
JSON = re.compile(r"\.jsonl?$")


def mutated(data: bytes, name: str, chance: Random, other: bytes = b"") -> bytes:
    """The file with something wrong in it.

    name : its name, whose ending says how it is built
    other : another file of the loader, to take pieces from
    """
    if name.endswith(".zip") and chance.random() < 0.8:
        return _zip(data, chance)
    if name.endswith(".gz"):
        inner = mutated(gzip.decompress(data), name.removesuffix(".gz"), chance)
        data = gzip.compress(inner, mtime=0)
        return _bytes(data, chance, other) if chance.random() < 0.3 else data
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        if chance.random() < 0.65 and (JSON.search(name) or TABLE.search(name)):
            data = (_json if JSON.search(name) else _table)(data, name, chance)
        else:
            data = _bytes(data, chance, other)
    return data


def _bytes(data: bytes, chance: Random, other: bytes) -> bytes:
    at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    near = min(len(data), at + chance.randrange(1, 40))
    way = chance.randrange(9)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + data[near:]
    if way == 2:
        return data[:at] + chance.choice(BYTES) + data[at:]
    if way == 3:
        return data[:at] + chance.choice(BYTES) + data[near:]
    if way == 4 and at < len(data):
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
    if way == 5:
        return data[:near] + data[at:]
    if way == 6 and other:
        return data[:at] + other[chance.randrange(len(other)) :]
    if way == 7:
        return data[at:to] + data[:at] + data[to:]
    numbers = list(re.finditer(rb"-?\d+(?:\.\d+)?", data))
    if not numbers:
        return data[:at]
    found = chance.choice(numbers)
    wrong = chance.choice(
        [b"-1", b"1e999", b"NaN", b"9" * 30, b"0", b"2147483648", b"0.5", b"\xd9\xa3"]
    )
    return data[: found.start()] + wrong + data[found.end() :]


def _json(data: bytes, name: str, chance: Random) -> bytes:
    """One value somewhere in one document (of JSON Lines: in one line) is another."""
    lines = data.split(b"\n") if name.endswith(".jsonl") else [data]
    place = chance.randrange(len(lines))
    try:
        value = json.loads(lines[place])
    except (ValueError, RecursionError):
        return _bytes(data, chance, b"")
    way = chance.random()
    if name.endswith(".jsonl") and way < 0.1:
        lines.insert(chance.randrange(len(lines) + 1), lines[place])
    elif name.endswith(".jsonl") and way < 0.2:
        del lines[place]
    else:
        value = _changed(value, chance)
        text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
        lines[place] = text.encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _changed(value: Any, chance: Random) -> Any:
    if not isinstance(value, dict | list) or not value or chance.random() < 0.15:
        return [value] if chance.random() < 0.15 else chance.choice(VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:at] + value[at + 1 :] if chance.random() < 0.5 else value + value[at:]
        return [*value[:at], _changed(value[at], chance), *value[at + 1 :]]
    key = chance.choice(list(value))
    way = chance.random()
    if way < 0.15:
        return {name: inner for name, inner in value.items() if name != key}
    if way < 0.25:
        new = chance.choice(TEXTS)
        return {new if name == key else name: inner for name, inner in value.items()}
    if way < 0.3:
        return value | {chance.choice(TEXTS): chance.choice(VALUES)}
    return value | {key: _changed(value[key], chance)}


def _table(data: bytes, name: str, chance: Random) -> bytes:
    """One cell, row or column is another."""
    between = b"\t" if name.endswith(".tsv") else b","
    lines = data.split(b"\n")
    place = 0 if chance.random() < 0.15 else chance.randrange(len(lines))
    cells = lines[place].split(between)
    at = chance.randrange(len(cells))
    way = chance.randrange(6)
    if way == 0:
        lines.insert(place, lines[place])
    elif way == 1:
        del cells[at]
    elif way == 2:
        cells.insert(at, cells[chance.randrange(len(cells))])
    elif way == 3:
        to = chance.randrange(len(cells))
        cells[at], cells[to] = cells[to], cells[at]
    else:
        cells[at] = chance.choice(TEXTS).encode("utf-8", "surrogatepass")
    lines[place] = between.join(cells)
    return b"\n".join(lines)


def _zip(data: bytes, chance: Random) -> bytes:
    """One packed file is another, stands elsewhere, stands twice, or is missing."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        files = [(name, packed.read(name)) for name in packed.namelist()]
    at = chance.randrange(len(files))
    name, inner = files[at]
    way = chance.random()
    if way < 0.08:
        del files[at]
    elif way < 0.16:
        files.append((name, inner))
    elif way < 0.24:
        files[at] = (chance.choice(NAMES), inner)
    elif way < 0.3:
        files.append((chance.choice(NAMES), inner))
    else:
        files[at] = (name, mutated(inner, name, chance) if inner else b"x")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a name stands twice
        for one, content in files:
            info = zipfile.ZipInfo(one or "x")
            if way > 0.97:
                info.external_attr = 0o120777 << 16  # a symbolic link
            out.writestr(info, content)
    return buffer.getvalue()
