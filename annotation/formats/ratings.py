"""The plain table: rater, system, key, score."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange.judged import Reader, judged
from annotation.interchange.writing import csv_rows, json_lines
from annotation.models import Campaign
from annotation.protocols.base import AnnotationProtocol
from annotation.protocols.sqm import CANNOT_JUDGE
from common.errors import BadInput
from common.shelf import Shelf
from common.tables import Table, safe_cell

COLUMNS = ("rater", "system", "key", "score")


@FORMATS.register("ratings")
class Ratings(RatingFormat):
    """Out as JSON Lines, to be loaded again, and as CSV with cells that no spreadsheet runs."""

    label = "rater, system, key, score"
    title = "a table of scores"
    default_protocol = "da"
    protocols = ("da", "sqm")
    required = [*COLUMNS]

    @classmethod
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        if protocol.answer_for_score is AnnotationProtocol.answer_for_score:
            raise BadInput(
                f"a rating of {protocol.label} is more than one score; use another format"
            )

    def judgements(self, source: Table) -> Iterator[Judgement]:
        seen = Shelf()
        for row in self.rows(source, self.required):
            place = self.place(row)
            if place is None:
                continue
            rater, output = place
            if not seen.add((rater, output.pk), row.number):
                first = seen.get((rater, output.pk))
                self.problems.add(f"repeats the rating of row {first}; keep one", row.number)
                continue
            try:
                answer = self.protocol.answer_for_score(row.cells["score"])
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, "score")
                continue
            yield Judgement(row.number, rater, (output,), answer)

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {
            "ratings.jsonl": json_lines(
                dict(zip(COLUMNS, row, strict=True)) for row in cls._rows(campaign, read)
            ),
            "ratings.csv": csv_rows(
                [safe_cell(cell) for cell in row]
                for row in chain([COLUMNS], cls._rows(campaign, read))
            ),
        }

    @classmethod
    def _rows(cls, campaign: Campaign, read: Reader) -> Iterator[tuple[str, str, str, Any]]:
        for one in read(campaign):
            if one.score != CANNOT_JUDGE:
                yield one.rater, one.system, one.key, one.score
