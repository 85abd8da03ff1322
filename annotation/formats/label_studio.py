"""Label Studio's JSON: a list of tasks, each an output with the annotations made on it.

Regions count code points, [start, end). A region's `labels` name the error's category; choices,
a taxonomy or notes of the same region carry the same id. `data` has key, system, source and target;
--map target=FIELD reads another field. An error without a place is a choice named `whole`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotation.formats import FORMATS
from annotation.formats.base import Judgement, RatingFormat
from annotation.interchange.errors import ErrorReader, Place
from annotation.interchange.finding import Finder
from annotation.interchange.judged import Reader, judged
from annotation.interchange.label_studio_results import Answered, read_results
from annotation.interchange.label_studio_writing import tasks
from annotation.interchange.reading import Document
from annotation.interchange.times import from_iso
from annotation.interchange.writing import json_list
from annotation.models import Campaign
from annotation.protocols.error_spans import ErrorSpanProtocol
from annotation.protocols.sqm import CANNOT_JUDGE, SQM
from common.errors import BadInput
from common.problems import shown
from models_app.loading.common import chunks
from models_app.models import Output

TASKS = 100  # read ahead, each with many annotations
LONGEST_SECONDS = 1e9  # of work on a text; more is no time


@FORMATS.register("label-studio")
class LabelStudio(RatingFormat):
    label = "Label Studio: JSON"
    title = "Label Studio's JSON"
    default_protocol = "mqm"
    protocols = ("mqm", "esa", "da", "sqm")
    keeps = frozenset({"note", "flag", "active", "time", "cannot_judge", "error_note", "quoted"})
    endings = ("json",)

    @classmethod
    def open(
        cls, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None
    ) -> Document:
        return Document(stream, name, columns)

    def judgements(self, source: Document) -> Iterator[Judgement]:
        self.errors = ErrorReader(self.protocol, self.problems)
        self.finder = Finder(self.sources, self.problems)
        self.columns = source.columns
        self.n_skipped = self.n_again = 0
        for tasks_ahead in chunks(enumerate(source.elements("tasks"), start=1), TASKS):
            self._expect(tasks_ahead)
            for row, task in tasks_ahead:
                output = self._output(row, task)
                if output is not None:
                    yield from self._of_task(row, task, output)
        self.notes += self.errors.notes()
        if self.n_skipped:
            self.notes.append(f"{self.n_skipped} annotations were skipped by their raters")
        if self.n_again:
            self.notes.append(
                f"{self.n_again} annotations were given again by the same rater; the last counts"
            )

    def _expect(self, found: list[tuple[int, Any]]) -> None:
        """The outputs that these tasks name by our keys."""
        data = [task["data"] for _, task in found if isinstance(task, dict) and "data" in task]
        self.sources.expect(
            (self._text(one, "system"), self._text(one, "key"))
            for one in data
            if isinstance(one, dict)
        )

    def _output(self, row: int, task: Any) -> Output | None:
        data = task.get("data") if isinstance(task, dict) else None
        annotations = task.get("annotations") if isinstance(task, dict) else None
        if not isinstance(data, dict) or not isinstance(annotations, list):
            self.problems.add("a task has data and a list of annotations", row)
            return None
        system, key, source = (self._text(data, name) for name in ("system", "key", "source"))
        if not system:
            self.problems.add("is missing; name the field with --map system=FIELD", row, "system")
            return None
        segment = self.finder.segment(row, key, source or None, self._text(data, "document"))
        return self.finder.output(row, system, segment.key) if segment else None

    def _text(self, data: Mapping[str, Any], name: str) -> str:
        given = data.get(self.columns.get(name, name))
        is_number = isinstance(given, int) and not isinstance(given, bool)
        return str(given) if isinstance(given, str) or is_number else ""

    def _of_task(self, row: int, task: Mapping[str, Any], output: Output) -> Iterator[Judgement]:
        latest: dict[str, Judgement] = {}
        for annotation in task["annotations"]:
            try:
                judgement = self._judgement(row, annotation, output, task["data"])
            except BadInput as problem:
                self.problems.add(problem.reason, row, problem.column or "annotations")
                continue
            if judgement is not None:
                self.n_again += judgement.rater in latest
                latest[judgement.rater] = judgement
        yield from latest.values()

    def _judgement(
        self, row: int, annotation: Any, output: Output, data: Mapping[str, Any]
    ) -> Judgement | None:
        if not isinstance(annotation, dict):
            raise BadInput(f"{shown(annotation)} is no annotation")
        if annotation.get("was_cancelled") is True:
            self.n_skipped += 1
            return None
        said = read_results(annotation.get("result"), self.errors)
        found = [self._error(row, error, output, data) for error in said.errors]
        active = annotation.get("lead_time")
        is_number = isinstance(active, int | float) and not isinstance(active, bool)
        return Judgement(
            row,
            _rater(annotation.get("completed_by")),
            (output,),
            self._answer(said, [error for error in found if error]),
            note="\n".join(said.notes),
            flagged=said.flagged,
            active_seconds=float(active) if is_number and 0 <= active < LONGEST_SECONDS else None,
            given_at=from_iso(annotation.get("updated_at") or annotation.get("created_at")),
        )

    def _answer(self, said: Answered, errors: list[dict[str, Any]]) -> dict[str, Any]:
        if said.score == CANNOT_JUDGE and isinstance(self.protocol, SQM):
            return {"score": CANNOT_JUDGE}
        if said.score is None and not isinstance(self.protocol, ErrorSpanProtocol):
            raise BadInput("has no score", column="result")
        return self.errors.answer(said.score, errors)

    def _error(
        self, row: int, error: Any, output: Output, data: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        is_source = error.side == "source"
        stored = output.segment.source if is_source else output.text
        if error.start is None:
            place = Place(None, None, error.quoted or "")
        else:
            text = self._text(data, error.side) or stored
            quoted = text[error.start : error.end] if error.quoted is None else error.quoted
            place = self.errors.place(stored, error.start, error.end, quoted)
        return self.errors.error(
            row,
            side=error.side,
            place=place,
            category=error.category,
            severity=error.severity,
            note=error.note,
        )

    @classmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        return {"tasks.json": json_list(tasks(campaign, read))}


def _rater(given: Any) -> str:
    """A number, an address, or an object with either."""
    if isinstance(given, dict):
        given = given.get("email") or given.get("username") or given.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    if not isinstance(given, str) or not given.strip() or len(given) > 100:
        raise BadInput(f"{shown(given)} names no rater", column="completed_by")
    return given.strip()
