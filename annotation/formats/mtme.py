"""An EvalSet of MTME (google-research/mt-metrics-eval): a folder of texts, scores and ratings.

Line n of every file is segment n. Human scores are higher for better, so that penalties are
negative. Ratings of marked errors (`*.seg.rating`) are JSON whose further fields MTME ignores: ours
hold what MTME has no name for, and `nikash.json` the keys, so that a campaign comes back whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange import evalset
from annotation.interchange.errors import NOWHERE, ErrorReader, Place
from annotation.interchange.evalset_reading import EvalSet
from annotation.interchange.folder import Folder, reading
from annotation.interchange.judged import Judged, Reader, judged
from annotation.interchange.losses import Words
from annotation.interchange.times import from_iso
from annotation.models import Campaign
from annotation.protocols import PROTOCOLS
from annotation.protocols.error_spans import ErrorSpanProtocol
from common.errors import BadInput
from common.problems import shown
from common.records import checked_json
from common.shelf import Shelf
from models_app.models import Output

BROKEN: Words = (
    "judgement is of a text with line breaks; spaces stand for them",
    "judgements are of texts with line breaks; spaces stand for them",
)


@FORMATS.register("mtme")
class Mtme(RatingFormat):
    label = "MTME EvalSet: a folder, or a .zip of it"
    title = "an MTME EvalSet"
    default_protocol = "mqm"
    protocols = ("mqm", "esa", "da", "sqm")
    endings = ("zip",)

    @classmethod
    def open(cls, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Folder:
        return Folder.in_zip(stream, name, columns)

    @classmethod
    def open_folder(cls, path: Path, columns: Mapping[str, str] | None = None) -> Folder:
        return Folder.on_disk(path, columns)

    def judgements(self, source: Folder) -> Iterator[Judgement]:
        self.errors = ErrorReader(self.protocol, self.problems)
        self.set = EvalSet(source, self.sources, self.problems)
        self.seen = Shelf()
        has_errors = isinstance(self.protocol, ErrorSpanProtocol)
        for name, rater in self.set.rated_files("rating" if has_errors else "score"):
            with reading(self.problems, source.path(name)):
                yield from self._of_file(source.lines(name), rater, has_errors=has_errors)
        self.notes += self.errors.notes()

    def _of_file(
        self, found: Iterable[str], rater: str, *, has_errors: bool
    ) -> Iterator[Judgement]:
        numbers: Counter[str] = Counter()
        for row, text in enumerate(found, start=1):
            cells = text.strip().split("\t") if has_errors else text.split()
            if len(cells) not in ((2, 3) if has_errors else (2,)):
                self.problems.add(f"{len(cells)} columns where 2 are wanted", row)
                continue
            number, numbers[cells[0]] = numbers[cells[0]], numbers[cells[0]] + 1
            if cells[1] != "None":
                yield from self._of_line(row, cells, number, rater)
        n_wanted = len(self.set.keys)
        for system, n in numbers.items():
            if n != n_wanted:
                self.problems.add(f"{n} lines of {shown(system)} for {n_wanted} segments")

    def _of_line(self, row: int, cells: list[str], number: int, rater: str) -> Iterator[Judgement]:
        output = self.set.output(row, cells[0], number)
        if output is None:
            return
        rater = cells[2] if len(cells) > 2 else rater
        try:
            judgement = self._judgement(row, rater, cells, number, output)
        except BadInput as problem:
            self.problems.add(problem.reason, row, "rating")
            return
        if self.seen.add((rater, output.pk), judgement.answer):
            yield judgement
        elif self.seen.get((rater, output.pk)) != judgement.answer:
            self.problems.add(f"another rating of {shown(rater)} for this output stands above", row)

    def _judgement(
        self, row: int, rater: str, cells: list[str], number: int, output: Output
    ) -> Judgement:
        if not isinstance(self.protocol, ErrorSpanProtocol):
            return Judgement(row, rater, (output,), self.protocol.answer_for_score(cells[1]))
        given = checked_json(cells[1])
        if not isinstance(given, dict) or not isinstance(given.get("errors"), list):
            raise BadInput('a rating is {"errors": [...]}')
        read = [self._error(row, error, cells[0], number, output) for error in given["errors"]]
        active = given.get("active_seconds")
        return Judgement(
            row,
            rater,
            (output,),
            self.errors.answer(given.get("score"), [error for error in read if error]),
            note=str(given.get("note") or ""),
            flagged=given.get("flagged") is True,
            active_seconds=active if isinstance(active, int | float) else None,
            given_at=from_iso(given.get("given_at")),
        )

    def _error(
        self, row: int, given: Any, system: str, number: int, output: Output
    ) -> dict[str, Any] | None:
        if not isinstance(given, dict):
            raise BadInput(f"{shown(given)} is no error; write an object with start and end")
        texts = [given.get(name) or "" for name in ("category", "severity", "note", "quoted")]
        if not all(isinstance(text, str) for text in texts):
            raise BadInput("an error's category, severity and note are texts")
        category, severity, note, quoted = texts
        if "no-error" in (category.lower(), severity.lower()):
            return None
        side = "source" if given.get("is_source_error") is True else "target"
        stored = output.segment.source if side == "source" else output.text
        if given.get("without_place") is True:
            place = Place(None, None, quoted)
        else:
            there = self.set.shown(side, system, number)
            place = self._place(given.get("start"), given.get("end"), there, stored)
        return self.errors.error(
            row, side=side, place=place, category=category, severity=severity, note=note
        )

    def _place(self, start: Any, end: Any, there: str, stored: str) -> Place:
        """The place in the stored text of a span of the set's text."""
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in (start, end)):
            raise BadInput(f"{shown(start)} and {shown(end)} are no offsets; write whole numbers")
        if not 0 <= start <= end <= len(there):
            self.errors.counts["lost"] += 1
            return NOWHERE
        found = self.errors.place(evalset.line(stored), start, end, there[start:end])
        if found.start is None:
            return found
        return found._replace(quoted=stored[found.start : found.end])

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return evalset.files(campaign, read)

    @classmethod
    def kept(cls, campaign: Campaign) -> frozenset[str]:
        if issubclass(PROTOCOLS.get(campaign.protocol), ErrorSpanProtocol):
            return frozenset({"note", "flag", "active", "time", "error_note", "quoted"})
        return frozenset()

    @classmethod
    def lost(cls, one: Judged) -> Iterator[Words]:
        texts = (one.output.segment.source, one.output.text)
        if any(evalset.line(text) != text for text in texts):
            yield BROKEN
