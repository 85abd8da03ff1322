"""Do people mark the same stretches of text, and name them alike?  Krippendorff's alpha for units.

Any number of people.  A character counts for each person who read the text: it is in one of
their spans, or in none.  Chance is two characters put together at random, of any people and
places but never of one person's one span: long spans agree with themselves, and that is no merit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from metrics.statistics.intervals import bootstrap_chunks, percentile_interval
from metrics.statistics.moments import one_minus
from metrics.statistics.over_units import seed_of
from metrics.statistics.span_agreement import MarkedSpan
from metrics.statistics.types import NAN, FloatArray, IntArray, Interval

# Per text: the spans of one person, or None where they did not read it.
Reading = Sequence[Sequence[MarkedSpan] | None]
UNDEFINED = Interval(NAN, NAN, NAN)


class CategoryUnits(NamedTuple):
    """How reliably one category was told from the others, and how far that goes.

    `value` is of the characters that others marked, too; `coverage` is their share of all the
    characters marked with the category.
    """

    category: str
    value: float
    coverage: float
    n_spans: int


class UnitizingAlpha(NamedTuple):
    """Agreement on spans: 1 is full agreement, 0 chance, below 0 less than chance.

    `value` (Krippendorff's u-alpha): same characters marked and named alike.  `marked` (|u):
    marked or not, whatever the name.  `named` (cu): the names, where two people marked.
    `n_cut` spans lost characters to a later span of the same person.
    """

    value: Interval
    marked: Interval
    named: Interval
    categories: tuple[CategoryUnits, ...]
    n_texts: int
    n_people: int
    n_spans: int
    n_cut: int
    reason: str = ""
    method: str = ""
    resamples: int = 0
    seed: int | tuple[int, ...] | None = None


class _Text(NamedTuple):
    """One text as its readers cut it up."""

    codes: IntArray  # (readers, characters) 0 where nothing is marked, else 1 + place of the name
    units: list[tuple[int, int, int]]  # start, end and code of all readers' spans
    n_cut: int


def unitizing_alpha(
    people: Sequence[Reading],
    lengths: Sequence[int],
    *,
    by: Literal["category", "severity"] = "category",
    rng: np.random.Generator | None = None,
    coverage: float = 0.95,
    resamples: int = 1000,
) -> UnitizingAlpha:
    """Krippendorff's family of alphas for unitizing, over all texts together.

    Parameters
    ----------
    people : per person, per text, the marked spans; an empty list is a text found clean, None one
        that the person did not read.  Texts with fewer than two readers are left out
    lengths : (texts,) code points of each text
    by : which name of a span is compared.  A person's spans may not share characters: where they
        do, the one later in the list has them, and `n_cut` says how many spans that shortened
    rng : for percentile bootstrap intervals over texts; without it there are none

    Returns
    -------
    UnitizingAlpha; `value` is nan with a reason when no text has two readers, or nobody marked
    anything, or all characters are alike; `named` when no two people marked the same characters,
    or there with one name only; a category's `value` likewise.

    Raises
    ------
    ValueError
        People's texts and `lengths` differ in number, or a span is empty or ends past its text.

    Source: Krippendorff, Mathet, Bouvry and Widlöcher (2016); Krippendorff (2019), sec. 12.6,
    eq. 32-38, nominal metric.  Sums over several texts, each with its own readers, are ours.
    """
    _check(people, lengths)
    spans = [s for marks in people for text in marks for s in text or ()]
    names = sorted({str(getattr(span, by)) for span in spans})
    code = {name: place for place, name in enumerate(names, 1)}
    texts, readers = [], set()
    for place, length in enumerate(lengths):
        mine = [i for i, marks in enumerate(people) if marks[place] is not None]
        if len(mine) >= 2 and length:
            readers.update(mine)
            texts.append(_cut([people[i][place] or () for i in mine], length, code, by))
    n_spans, n_cut = sum(len(t.units) for t in texts), sum(t.n_cut for t in texts)
    counts = (len(texts), len(readers), n_spans, n_cut)
    if not texts:
        why = "no text was read by two people"
        return UnitizingAlpha(UNDEFINED, UNDEFINED, UNDEFINED, (), *counts, why)
    columns = np.stack([_columns(text, len(names)) for text in texts])
    sums = columns.sum(axis=0, keepdims=True)
    values = _alphas(sums, len(names))[0].tolist()
    value, marked, named = (Interval(one, NAN, NAN) for one in values)
    found = UnitizingAlpha(value, marked, named, _categories(sums, names, texts), *counts)
    if np.isnan(values[0]):
        why = "all characters are marked alike" if n_spans else "nobody marked anything"
        return found._replace(reason=why)
    if rng is None:
        return found
    if len(texts) < 3:
        return found._replace(reason=f"no interval from {len(texts)} texts")
    seed = seed_of(rng)
    chunks = bootstrap_chunks(len(texts), resamples, rng)
    draws = np.concatenate([_alphas(drawn @ columns, len(names)) for drawn in chunks])
    value, marked, named = (
        percentile_interval(one, of_one, coverage)
        for one, of_one in zip(values, draws.T, strict=True)
    )
    return found._replace(
        value=value,
        marked=marked,
        named=named,
        method=f"bootstrap over texts, {resamples} resamples",
        resamples=resamples,
        seed=seed,
    )


def _check(people: Sequence[Reading], lengths: Sequence[int]) -> None:
    for marks in people:
        if len(marks) != len(lengths):
            raise ValueError(f"{len(marks)} texts against {len(lengths)} lengths; give one each")
        for spans, length in zip(marks, lengths, strict=True):
            for span in spans or ():
                if not 0 <= span.start < span.end <= length:
                    place = f"from {span.start} to {span.end}"
                    raise ValueError(f"a span {place} is not in a text of {length} characters")


def _cut(readings: list[Sequence[MarkedSpan]], length: int, code: dict[str, int], by: str) -> _Text:
    codes = np.zeros((len(readings), length), dtype=np.int64)
    units = []
    n_cut = 0
    for row, spans in zip(codes, readings, strict=True):
        owner = np.zeros(length, dtype=np.int64)
        for place, span in enumerate(spans, 1):
            owner[span.start : span.end] = place
        kept = np.bincount(owner, minlength=len(spans) + 1)[1:]
        n_cut += int((kept < [span.end - span.start for span in spans]).sum())
        of_span = np.array([0, *(code[str(getattr(span, by))] for span in spans)])
        row[:] = of_span[owner]
        edges = np.flatnonzero(np.diff(owner, prepend=-1, append=-1)).tolist()
        units += [(start, end, int(row[start])) for start, end in pairwise(edges) if owner[start]]
    return _Text(codes, units, n_cut)


def _columns(text: _Text, n_names: int) -> FloatArray:
    """What a text adds: coincidences of 1 + n names, then each name's squared span lengths, whole
    and as far as others marked, too."""
    others = len(text.codes) - 1
    table = np.stack([(text.codes == code).sum(axis=0) for code in range(n_names + 1)])
    together = table @ table.T / others
    together[np.diag_indices(n_names + 1)] -= table.sum(axis=1) / others
    shared = np.concatenate([[0.0], np.cumsum((table[1:].sum(axis=0) - 1) / others)])
    squares = np.zeros((2, n_names))
    for start, end, code in text.units:
        squares[0, code - 1] += (end - start) ** 2
        squares[1, code - 1] += (shared[end] - shared[start]) ** 2
    return np.concatenate([together.ravel(), squares.ravel()])


def _parts(sums: FloatArray, n_names: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coincidences (rows, 1 + names, 1 + names) and both squares (rows, names)."""
    size = n_names + 1
    together = sums[:, : size**2].reshape(-1, size, size)
    whole, shared = np.split(sums[:, size**2 :], 2, axis=1)
    return together, whole, shared


def _alphas(sums: FloatArray, n_names: int) -> FloatArray:
    """(rows, 3) alpha of marks and names, of marks alone, of names where both marked."""
    together, whole, shared = _parts(sums, n_names)
    given = together.sum(axis=2)
    n, empty = given.sum(axis=1), given[:, 0]
    pairs = (n**2 - empty - whole.sum(axis=1)) / n
    unlike = n - np.trace(together, axis1=1, axis2=2)
    value = one_minus(unlike * pairs, n**2 - (given**2).sum(axis=1))
    one_only = 2 * together[:, 0, 1:].sum(axis=1)
    marked = one_minus(one_only * pairs, 2 * empty * (n - empty))
    inner = together[:, 1:, 1:]
    given = inner.sum(axis=2)
    n = given.sum(axis=1)
    pairs = np.divide(n**2 - shared.sum(axis=1), n, out=np.zeros(len(n)), where=n > 0)
    unlike = n - np.trace(inner, axis1=1, axis2=2)
    named = one_minus(unlike * pairs, n**2 - (given**2).sum(axis=1))
    return np.stack([value, marked, named], axis=1)


def _categories(
    sums: FloatArray, names: list[str], texts: list[_Text]
) -> tuple[CategoryUnits, ...]:
    together, _, shared = (part[0] for part in _parts(sums, len(names)))
    given, inner = together.sum(axis=1)[1:], together[1:, 1:]
    theirs = inner.sum(axis=1)
    n = float(theirs.sum())
    found = []
    for place, name in enumerate(names):
        mine = float(theirs[place])
        value = NAN
        if 0 < mine < n:
            unlike = (mine - float(inner[place, place])) / mine
            value = 1 - (n - float(shared[place]) / mine) * unlike / (n - mine)
        n_spans = sum(code == place + 1 for text in texts for *_, code in text.units)
        share = mine / float(given[place]) if given[place] else NAN
        found.append(CategoryUnits(name, value, share, n_spans))
    return tuple(found)
