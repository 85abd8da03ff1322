"""May these scores stand in one column? Reasons why not, from signatures, segments, references."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

# What the parts of a signature are called; others go by their own name.
PARTS = {
    "case": "case",
    "tok": "tokenizer",
    "nrefs": "number of references",
    "refs": "use of references",
    "norm": "normalisation",
    "version": "version",
    "smooth": "smoothing",
    "eff": "effective order",
    "ckpt": "model",
    "weights": "weights of the model",
    "articles": "dropped articles",
    "pos": "positive class",
    "labels": "classes",
    "file": "file",
    "sha256": "content of the file",
    "nw": "word order",
    "nc": "character order",
}
SHOWN = 3  # systems named on each side


class Entry(NamedTuple):
    """One system's score in a column.

    segments : anything that is equal for the same segments and differs for others; None if unknown
    n : how many segments; references : hash of the references, "" if unknown
    """

    system: str
    metric: str
    signature: str
    segments: Hashable = None
    n: int | None = None
    references: str = ""


def parts_of(signature: str) -> dict[str, str]:
    """A signature's parts by name; a part without a name stands for itself."""
    pairs = (part.partition(":") for part in signature.split("|") if part)
    return {name: value if colon else name for name, colon, value in pairs}


def why_not(entries: Sequence[Entry]) -> list[str]:
    """A sentence for each reason not to compare the scores; none where they may be compared.

    Systems are compared with the largest group that agrees.
    """
    found = _metrics(entries)
    if not found:
        found += _signatures(entries)
    known = [entry for entry in entries if entry.segments is not None]
    for names, usual in _others(known, lambda entry: entry.segments):
        others = [entry for entry in known if entry.system in names]
        found.append(_segments(others, usual))
    with_references = [entry for entry in entries if entry.references]
    for names, usual in _others(with_references, lambda entry: entry.references):
        found.append(f"{_named(names)} against other references than {usual.system}")
    return found


def _metrics(entries: Sequence[Entry]) -> list[str]:
    names = sorted({entry.metric for entry in entries})
    return [f"different metrics: {', '.join(names)}"] if len(names) > 1 else []


def _signatures(entries: Sequence[Entry]) -> list[str]:
    found = []
    for names, usual in _others(entries, lambda entry: entry.signature):
        here = parts_of(next(entry for entry in entries if entry.system in names).signature)
        there = parts_of(usual.signature)
        differing = [key for key in {**there, **here} if here.get(key) != there.get(key)]
        said = "; ".join(
            f"{PARTS.get(key, key)} {here.get(key, 'not named')} instead of "
            f"{there.get(key, 'not named')}"
            for key in differing
        )
        found.append(f"{_named(names)} under another signature than {usual.system}: {said}")
    return found


def _segments(others: Sequence[Entry], usual: Entry) -> str:
    counts = sorted({entry.n for entry in others if entry.n is not None})
    names = _named([entry.system for entry in others])
    if usual.n is None or not counts or counts == [usual.n]:
        return f"{names} on other segments than {usual.system}"
    many = " or ".join(map(str, counts))
    return f"{names} on {many} segments, {usual.system} on {usual.n}"


def _others(
    entries: Sequence[Entry], key: Callable[[Entry], Hashable]
) -> Iterator[tuple[list[str], Entry]]:
    """(systems, an entry of the largest group) for each group but the largest."""
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    usual, *others = sorted(groups.values(), key=lambda group: -len(group)) or [[]]
    for group in others:
        yield [entry.system for entry in group], usual[0]


def _named(systems: Sequence[str]) -> str:
    shown = ", ".join(systems[:SHOWN])
    more = len(systems) - SHOWN
    verb = "was scored" if len(systems) == 1 else "were scored"
    return f"{shown}{f' and {more} more' if more > 0 else ''} {verb}"
