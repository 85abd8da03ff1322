"""Marot's table (google-research/marot): WMT's table with a last column of JSON.

Columns system, doc, docSegId, globalSegId, rater, source, target, category, severity, metadata.
The segment's key is `globalSegId` unless --map says otherwise. Rows without a rater only carry
metadata, rows of severity HOTW-test are injected tests; both are left out, and counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.formats.wmt_mqm import flattened
from annotation.interchange.documents import numbers_in_documents
from annotation.interchange.errors import NOWHERE, ErrorReader, Place
from annotation.interchange.gathering import Gathering
from annotation.interchange.judged import Judged, Reader, judged
from annotation.interchange.losses import Words
from annotation.interchange.marked import find_mark, flat, marked, place_of
from annotation.interchange.times import from_milliseconds, to_milliseconds
from annotation.interchange.writing import compact, tsv
from annotation.models import Campaign
from annotation.spans import word_spans
from common.errors import BadInput
from common.problems import shown
from common.records import checked_json
from common.shelf import Shelf
from common.tables import Row, Table
from models_app.loading.common import text
from models_app.models import Output

COLUMNS = (
    "system",
    "doc",
    "docSegId",
    "globalSegId",
    "rater",
    "source",
    "target",
    "category",
    "severity",
    "metadata",
)
SIDES = ("source", "target")


class Marking(NamedTuple):
    """A row's error, still as the file has it."""

    category: str
    severity: str
    cells: Mapping[str, str]
    metadata: Mapping[str, Any]


@FORMATS.register("marot")
class Marot(RatingFormat):
    label = "Marot: WMT's columns with docSegId, globalSegId and metadata"
    title = "Marot's table"
    default_protocol = "mqm"
    protocols = ("mqm",)
    keeps = frozenset({"error_note", "time"})
    required = ["system", "rater", "source", "target", "category", "severity"]

    def judgements(self, source: Table) -> Iterator[Judgement]:
        found = Gathering(self.sources)
        self.errors = ErrorReader(self.protocol, self.problems)
        self.tokens = Shelf()
        self.n_bare = self.n_tests = 0
        key_field = "key" if "key" in source.columns else "globalSegId"
        for row in self.rows(source, [*self.required, key_field], COLUMNS, key_field):
            marking = self._marking(row)
            place = marking and self.place(row, key_field)
            if not marking or not place:
                continue
            rater, output = place
            self._keep_tokens(marking, output)
            judgement = found.growing(
                Judgement(
                    row.number,
                    rater,
                    (output,),
                    {"outputs": {"0": {"errors": []}}},
                    given_at=from_milliseconds(marking.metadata.get("timestamp")),
                )
            )
            if error := self._error(row, marking, output):
                judgement.answer["outputs"]["0"]["errors"].append(error)
        self._tell()
        yield from found

    def _tell(self) -> None:
        self.notes += self.errors.notes()
        if self.n_bare:
            self.notes.append(f"{self.n_bare} rows have no rater, only metadata; left out")
        if self.n_tests:
            self.notes.append(f"{self.n_tests} rows are tests of attention (HOTW); left out")

    def _marking(self, row: Row) -> Marking | None:
        names = ("category", "severity", *SIDES, "metadata")
        cells = {name: text(row, name, self.problems, required=False) for name in names}
        if None in cells.values():
            return None
        category, severity = cells["category"].strip(), cells["severity"].strip().lower()
        if not (category or severity or str(row.cells.get("rater") or "").strip()):
            self.n_bare += 1
            return None
        if severity == "hotw-test":
            self.n_tests += 1
            return None
        try:
            metadata = _metadata(cells["metadata"])
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, "metadata")
            return None
        return Marking(category, severity, cells, metadata)

    def _keep_tokens(self, marking: Marking, output: Output) -> None:
        """Tokens stand in one row of a segment and count for the others."""
        segment = marking.metadata.get("segment")
        for side in SIDES if isinstance(segment, dict) else ():
            tokens = segment.get(f"{side}_tokens")
            if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
                self.tokens.put((output.pk, side), tokens)

    def _error(self, row: Row, marking: Marking, output: Output) -> dict[str, Any] | None:
        if "no-error" in (marking.severity, marking.category.lower()):
            return None
        side = "source" if _is_in_source(marking) else "target"
        stored = output.segment.source if side == "source" else output.text
        try:
            place = self._place(marking, side, stored, output)
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, "metadata")
            return None
        note = marking.metadata.get("note") or ""
        return self.errors.error(
            row.number,
            side=side,
            place=place,
            category=marking.category,
            severity=marking.severity,
            note=note if isinstance(note, str) else "",
        )

    def _place(self, marking: Marking, side: str, stored: str, output: Output) -> Place:
        cell, spans = marking.cells[side], marking.metadata.get(f"{side}_spans")
        tokens = None if find_mark(cell) or not spans else self.tokens.get((output.pk, side))
        if not tokens:
            return place_of(self.errors, cell, stored)
        first, last = _token_span(spans, len(tokens))
        start, quoted = len("".join(tokens[:first])), "".join(tokens[first : last + 1])
        return self.errors.place(stored, start, start + len(quoted), quoted) if quoted else NOWHERE

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {"ratings.tsv": tsv(COLUMNS, cls._rows(campaign, read))}

    @classmethod
    def _rows(cls, campaign: Campaign, read: Reader) -> Iterator[list[str]]:
        numbers = numbers_in_documents(campaign.dataset)
        languages = {
            "template": "MQM",
            "source_language": campaign.dataset.source_lang,
            "target_language": campaign.dataset.target_lang,
        }
        first, item = True, None
        seen: set[int] = set()  # outputs of the item
        for one in read(campaign):
            segment, output = one.output.segment, one.output
            if one.rating.item_id != item:
                item, seen = one.rating.item_id, set()
            for error in one.errors or [None]:
                metadata = {"timestamp": to_milliseconds(one.rating.updated_at)}
                metadata |= _of_error(error, one) if error else {}
                if first:
                    first, metadata["evaluation"] = False, languages
                if output.pk not in seen:
                    seen.add(output.pk)
                    metadata["segment"] = {
                        "source_tokens": tokens_of(segment.source),
                        "target_tokens": tokens_of(output.text),
                    }
                on_source = error is not None and error["side"] == "source"
                yield [
                    one.system,
                    flat(segment.document),
                    str(numbers[segment.pk]),
                    segment.key,
                    one.rater,
                    marked(segment.source, error if on_source else None),
                    marked(output.text, None if on_source else error),
                    flat(error["category"]) if error else "no-error",
                    error["severity"].capitalize() if error else "no-error",
                    compact(metadata),
                ]

    @classmethod
    def lost(cls, one: Judged) -> Iterator[Words]:
        yield from flattened(one)


@lru_cache(maxsize=64)  # of each text as many times as it was judged, one after the other
def tokens_of(text: str) -> tuple[str, ...]:
    """Words and what lies between them; joined, they are the text."""
    bounds = sorted({0, len(text), *(bound for span in word_spans(text) for bound in span)})
    return tuple(text[start:end] for start, end in pairwise(bounds))


def _of_error(error: Mapping[str, Any], one: Judged) -> dict[str, Any]:
    metadata: dict[str, Any] = {"note": error["note"]} if error["note"] else {}
    if error["start"] is None:
        return metadata | ({"source_spans": []} if error["side"] == "source" else {})
    covered, passed = [], 0
    for number, token in enumerate(tokens_of(one.shown(error))):
        if passed < error["end"] and error["start"] < passed + len(token):
            covered.append(number)
        passed += len(token)
    spans = [[covered[0], covered[-1]]] if covered else []
    return metadata | {f"{error['side']}_spans": spans, "marked_text": error["quoted"]}


def _is_in_source(marking: Marking) -> bool:
    if find_mark(marking.cells["source"]):
        return True
    return "source_spans" in marking.metadata and not find_mark(marking.cells["target"])


def _metadata(cell: str) -> Mapping[str, Any]:
    """The last column; older tables have a note there instead of an object."""
    if not cell.strip().startswith("{"):
        return {"note": cell.strip()} if cell.strip() else {}
    return checked_json(cell)


def _token_span(spans: Any, n_tokens: int) -> tuple[int, int]:
    first = spans[0] if isinstance(spans, list) else None
    is_pair = isinstance(first, list) and len(first) == 2
    whole = is_pair and all(isinstance(n, int) and not isinstance(n, bool) for n in first)
    if not whole or not 0 <= first[0] <= first[1] < n_tokens:
        raise BadInput(f"the span {shown(spans)} names no tokens of the text")
    return first[0], first[1]
