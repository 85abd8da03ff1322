"""The plain table: rater, system, key, score."""

from collections.abc import Iterator

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.protocols.base import AnnotationProtocol
from common.errors import BadInput
from common.tables import Table


@FORMATS.register("ratings")
class Ratings(RatingFormat):
    label = "rater, system, key, score"
    default_protocol = "da"
    required = ["rater", "system", "key", "score"]

    @classmethod
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        if protocol.answer_for_score is AnnotationProtocol.answer_for_score:
            raise BadInput(
                f"a rating of {protocol.label} is more than one score; use another format"
            )

    def judgements(self, table: Table) -> Iterator[Judgement]:
        seen: dict[tuple[str, int], int] = {}
        for row in table.rows(self.required, problems=self.problems):
            place = self.place(row)
            if place is None:
                continue
            rater, output = place
            if first := seen.get((rater, output.pk)):
                self.problems.add(f"repeats the rating of row {first}; keep one", row.number)
                continue
            seen[rater, output.pk] = row.number
            try:
                answer = self.protocol.answer_for_score(row.cells["score"])
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, "score")
                continue
            yield Judgement(row.number, rater, output, answer)
