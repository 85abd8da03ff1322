"""WMT's MQM table (google/wmt-mqm-human-evaluation): one row per marked error.

Columns system, doc, doc_id, seg_id, rater, source, target, category, severity and, as in the TED
files, comment; the error stands between <v> and </v> in the source or in the target. An error-free
output has one row `No-error`. The segment's key is `seg_id` unless --map says otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange.documents import numbers_in_documents
from annotation.interchange.errors import ErrorReader
from annotation.interchange.gathering import Gathering
from annotation.interchange.judged import Judged, Reader, judged
from annotation.interchange.losses import Words
from annotation.interchange.marked import flat, marked, place_of
from annotation.interchange.writing import tsv
from annotation.models import Campaign
from common.tables import Row, Table
from models_app.loading.common import text
from models_app.models import Output

OPTIONAL = ("seg_id", "doc", "doc_id", "comment")
COLUMNS = (
    "system",
    "doc",
    "doc_id",
    "seg_id",
    "rater",
    "source",
    "target",
    "category",
    "severity",
    "comment",
)
FLATTENED: Words = (
    "judgement is of a text with tabs, line breaks or <v>; spaces and ‹v› stand for them",
    "judgements are of texts with tabs, line breaks or <v>; spaces and ‹v› stand for them",
)
FLATTENED_NOTE: Words = (
    "note has tabs or line breaks; spaces stand for them",
    "notes have tabs or line breaks; spaces stand for them",
)


UNPLACED: Words = (
    "error without a place is in the source; the table does not say so",
    "errors without a place are in the source; the table does not say so",
)


@FORMATS.register("wmt-mqm")
class WmtMqm(RatingFormat):
    label = "WMT MQM: system, seg_id, rater, source, target, category, severity"
    title = "WMT's MQM table"
    default_protocol = "mqm"
    protocols = ("mqm",)
    keeps = frozenset({"error_note"})
    required = ["system", "rater", "source", "target", "category", "severity"]

    def judgements(self, source: Table) -> Iterator[Judgement]:
        found = Gathering(self.sources)
        self.errors = ErrorReader(self.protocol, self.problems)
        key_field = "key" if "key" in source.columns else "seg_id"
        for row in self.rows(source, [*self.required, key_field], OPTIONAL, key_field):
            place = self.place(row, key_field)
            if place is None:
                continue
            rater, output = place
            judgement = found.growing(
                Judgement(row.number, rater, (output,), {"outputs": {"0": {"errors": []}}})
            )
            if error := self._error(row, output):
                judgement.answer["outputs"]["0"]["errors"].append(error)
        self.notes += self.errors.notes()
        yield from found

    def _error(self, row: Row, output: Output) -> dict[str, Any] | None:
        names = ("severity", "category", "source", "target", "comment")
        cells = [text(row, name, self.problems, required=False) for name in names]
        if None in cells:
            return None
        severity, category, source, target, comment = (cell or "" for cell in cells)
        if "no-error" in (severity.strip().lower(), category.strip().lower()):
            return None
        in_source = "<v>" in source
        cell, stored = (source, output.segment.source) if in_source else (target, output.text)
        return self.errors.error(
            row.number,
            side="source" if in_source else "target",
            place=place_of(self.errors, cell, stored),
            category=category,
            severity=severity,
            note=comment,
        )

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {"ratings.tsv": tsv(COLUMNS, cls._rows(campaign, read))}

    @classmethod
    def _rows(cls, campaign: Campaign, read: Reader) -> Iterator[list[str]]:
        numbers = numbers_in_documents(campaign.dataset)
        for one in read(campaign):
            segment = one.output.segment
            for error in one.errors or [None]:
                on_source = error is not None and error["side"] == "source"
                yield [
                    one.system,
                    flat(segment.document),
                    str(numbers[segment.pk]),
                    segment.key,
                    one.rater,
                    marked(segment.source, error if on_source else None),
                    marked(one.output.text, None if on_source else error),
                    flat(error["category"]) if error else "No-error",
                    error["severity"].capitalize() if error else "No-error",
                    flat(error["note"]) if error else "",
                ]

    @classmethod
    def lost(cls, one: Judged) -> Iterator[Words]:
        yield from flattened(one)
        if any(flat(error["note"]) != error["note"] for error in one.errors):
            yield FLATTENED_NOTE
        if any(error["start"] is None and error["side"] == "source" for error in one.errors):
            yield UNPLACED


def flattened(one: Judged) -> Iterator[Words]:
    """The loss of a text that a cell without quoting cannot hold as it is."""
    texts = (one.output.segment.source, one.output.text)
    if any(flat(text) != text for text in texts):
        yield FLATTENED
