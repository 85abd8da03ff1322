"""Appraise: exported scores (CSV without a header) in and out, and the batches that it shows.

Columns user, system, itemID, itemType, source and target language, score, documentID,
isCompleteDocument, mqm, start, end; segment-level exports stop after the score. `mqm` is a list of
{start_i, end_i, severity, error_type}, in UTF-16 units of the output, the last one included, or
"missing". The batches beside the scores say which text an itemID is.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange.appraise_reading import Batches, Scored, read_marks, scored
from annotation.interchange.appraise_writing import batches, score_rows
from annotation.interchange.errors import NOWHERE, ErrorReader, Place, from_utf16
from annotation.interchange.finding import Finder
from annotation.interchange.folder import Folder, Sent, reading
from annotation.interchange.gathering import Gathering
from annotation.interchange.judged import Judged, Reader, judged
from annotation.interchange.losses import Words
from annotation.interchange.times import from_seconds
from annotation.interchange.writing import csv_rows, json_list
from annotation.models import Campaign
from annotation.protocols.error_spans import ErrorSpanProtocol
from common.errors import BadInput
from common.problems import shown
from models_app.loading.common import chunks
from models_app.models import Output

RATED = "TGT"
IN_SOURCE: Words = (
    "error in the source is written as missing text, without its place",
    "errors in the source are written as missing text, without their places",
)
CARET: Words = (
    "place where something is missing is written without saying where",
    "places where something is missing are written without saying where",
)


@FORMATS.register("appraise")
class Appraise(RatingFormat):
    label = "Appraise: scores in CSV, with their batches"
    title = "Appraise's scores"
    default_protocol = "esa"
    protocols = ("mqm", "esa", "da")
    keeps = frozenset({"active", "time"})
    endings = ("csv", "zip")

    @classmethod
    def open(cls, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Folder:
        if name.lower().endswith(".zip"):
            return Folder.in_zip(stream, name, columns)
        return Folder(name, {"": Sent(stream)}, columns)

    @classmethod
    def open_folder(cls, path: Path, columns: Mapping[str, str] | None = None) -> Folder:
        return Folder.on_disk(path, columns)

    def judgements(self, source: Folder) -> Iterator[Judgement]:
        self.errors = ErrorReader(self.protocol, self.problems)
        self.finder = Finder(self.sources, self.problems)
        self.batches = Batches(source)
        self.n_controls = self.n_again = 0
        latest = Gathering(self.sources)
        names = source.names("*.csv") or [name for name in ("",) if name in source]
        if not names:
            raise BadInput("holds no .csv file of scores", file=source.name)
        for name in names:
            with reading(self.problems, source.path(name)):
                for rows in chunks(scored(source, name, self.problems)):
                    self.sources.expect(self._named(rows))
                    for judgement in chain.from_iterable(map(self._of_row, rows)):
                        self.n_again += latest.put(judgement)
        self._tell()
        yield from latest

    def _named(self, rows: list[Scored]) -> Iterator[tuple[str, str]]:
        for row in rows:
            key = self.batches.item(row).key
            yield from ((system, key) for system in self._systems(row.system))

    def _tell(self) -> None:
        self.notes += self.errors.notes()
        if self.n_controls:
            self.notes.append(f"{self.n_controls} rows are control items (BAD, REF, CHK); left out")
        if self.n_again:
            self.notes.append(f"{self.n_again} outputs were judged again; the last counts")

    def _of_row(self, row: Scored) -> Iterator[Judgement]:
        if row.kind != RATED:
            self.n_controls += 1
            return
        if not row.rater or len(row.rater) > 100:
            self.problems.add(f"{shown(row.rater)} names no rater", row.number, "user")
            return
        item = self.batches.item(row)
        segment = self.finder.segment(row.number, item.key, item.source, item.document)
        for system in self._systems(row.system) if segment else ():
            output = self.finder.output(row.number, system, segment.key)
            if output is not None:
                yield from self._judgement(row, output, item.target)

    def _systems(self, given: str) -> list[str]:
        """The systems of a targetID: `wmt23.ONLINE-A` is ONLINE-A, and `a+b` are both."""
        name_of = self.finder.sources.name_of
        found = name_of(given) or name_of(given.partition(".")[2])
        if found or "+" not in given:
            return [found or given]
        return [system for part in given.split("+") for system in self._systems(part)]

    def _judgement(self, row: Scored, output: Output, target: str | None) -> Iterator[Judgement]:
        try:
            errors = list(self._errors(row, output, target))
            answer = self.errors.answer(row.score, errors)
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, problem.column or "score")
            return
        active = round(row.end - row.start, 6) if row.end and row.start else 0.0
        yield Judgement(
            row.number,
            row.rater,
            (output,),
            answer,
            active_seconds=active if active > 0 else None,
            given_at=from_seconds(row.end),
        )

    def _errors(self, row: Scored, output: Output, target: str | None) -> Iterator[dict[str, Any]]:
        if not isinstance(self.protocol, ErrorSpanProtocol):
            return
        text = output.text if target is None else target
        for mark in read_marks(row.marks):
            error = self.errors.error(
                row.number,
                place=self._place(mark, text, output.text),
                category=mark.category,
                severity=mark.severity,
            )
            if error:
                yield error

    def _place(self, mark: Any, text: str, stored: str) -> Place:
        if "missing" in (mark.first, mark.last):
            return NOWHERE
        if not all(type(offset) is int for offset in (mark.first, mark.last)):
            raise BadInput(
                f"{shown(mark.first)} and {shown(mark.last)} are no offsets", column="mqm"
            )
        try:
            start, end = from_utf16(text, mark.first, mark.last)
        except BadInput:  # counted on another text than ours; the penalty stays
            self.errors.counts["lost"] += 1
            return NOWHERE
        return self.errors.place(stored, start, end, text[start:end])

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {
            "scores.csv": csv_rows(score_rows(campaign, read)),
            "batches.json": json_list(batches(campaign)),
        }

    @classmethod
    def lost(cls, one: Judged) -> Iterator[Words]:
        for error in one.errors:
            if error["side"] == "source":
                yield IN_SOURCE
            elif error["start"] is not None and error["start"] == error["end"]:
                yield CARET
