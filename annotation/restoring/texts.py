"""What was judged: dataset, guidelines, systems, segments and outputs, new or already there."""

from collections.abc import Callable
from typing import Any

from annotation.formats.nikash import FIELDS
from annotation.interchange.rows import from_json
from annotation.models import Guideline
from common.errors import BadInput
from common.problems import Problems, shown
from common.shelf import Shelf
from common.tables import Row
from common.text import text_hash
from models_app.loading.common import check_fields
from models_app.models import Dataset, Output, Segment, System

SAID = ("source", "references", "document", "domain", "context", "extra")


class Texts:
    """Stores the texts that are missing; one that is stored otherwise is a problem."""

    KINDS = ("guideline", "system", "segment", "output")

    def __init__(self, dataset: Any, name: str | None, problems: Problems) -> None:
        self.problems = problems
        try:
            self.dataset, self.is_new = _dataset(dataset, name)
        except BadInput as problem:
            raise BadInput(problem.reason, file=problems.file, row=1, column="dataset") from problem
        self.segments: dict[str, Segment] = {}  # of the chunk at hand
        self.stored: dict[tuple[int, int], Output] = {}  # of the chunk at hand
        self.systems: dict[str, System] = {}
        self.named = Shelf()  # (system, key) of the outputs in the file

    def take(self, kind: str, rows: list[Row]) -> None:
        takers: dict[str, Callable[[Row], Any]] = {
            "guideline": self._guideline,
            "system": self._system,
            "segment": self._segment,
            "output": self._output,
        }
        self._prepare(kind, rows)
        new = []
        for row in rows:
            try:
                new.append(takers[kind](row))
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, problem.column)
        new = [row for row in new if row is not None]
        if new and not self.problems.n:
            type(new[0])._default_manager.bulk_create(new)

    def _prepare(self, kind: str, rows: list[Row]) -> None:
        """Segments and outputs that may be stored already, in a query each."""
        if kind in ("segment", "output"):
            self.read_segments(rows)
        if kind == "output":
            self.read_outputs()

    def read_segments(self, rows: list[Row]) -> None:
        keys = {row.cells.get("key") for row in rows if isinstance(row.cells.get("key"), str)}
        found = self.dataset.segments.filter(key__in=keys)
        self.segments = {segment.key: segment for segment in found}

    def read_outputs(self) -> None:
        """Those of the segments at hand."""
        found = Output.objects.filter(
            segment__in=self.segments.values(), system__in=self.systems.values()
        )
        self.stored = {(output.system_id, output.segment_id): output for output in found}

    def output(self, system: str, key: str) -> Output | None:
        """An output that the file named before, of a segment at hand."""
        if (system, key) not in self.named:
            return None
        return self.stored[self.systems[system].pk, self.segments[key].pk]

    def _guideline(self, row: Row) -> Guideline | None:
        wanted = Guideline(**_values(row, "guideline"))
        check_fields(wanted)
        named = {"name": wanted.name, "version": wanted.version, "language": wanted.language}
        stored = Guideline.objects.filter(**named).first()
        if stored is not None and stored.text != wanted.text:
            raise BadInput(f"the guideline {wanted} is stored with another text", column="text")
        return None if stored else wanted

    def _system(self, row: Row) -> None:
        wanted = System(**_values(row, "system"))
        check_fields(wanted)
        stored = System.objects.filter(name=wanted.name).first()
        human = System.Kind.HUMAN
        if stored is not None and (stored.kind == human) != (wanted.kind == human):
            raise BadInput(f"the system {shown(wanted.name)} is stored as another kind")
        if stored is None:
            if wanted.kind == System.Kind.MODEL:
                wanted.kind = System.Kind.IMPORTED
            wanted.save()
        self.systems[wanted.name] = stored or wanted

    def _segment(self, row: Row) -> Segment | None:
        wanted = Segment(dataset=self.dataset, **_values(row, "segment"))
        stored = self.segments.get(wanted.key)
        if stored is None and not self.is_new:
            raise BadInput(
                f"the stored dataset {self.dataset.name!r} has no segment {shown(wanted.key)}; "
                "give a new name with --dataset",
                column="key",
            )
        if stored is None:
            check_fields(wanted, exclude=("references", "extra", "dataset"))
            self.segments[wanted.key] = wanted
            return wanted
        for name in SAID:
            if getattr(stored, name) != getattr(wanted, name):
                raise BadInput(
                    f"segment {shown(wanted.key)} is stored otherwise; give a new name with "
                    "--dataset",
                    column=name,
                )
        return None

    def _output(self, row: Row) -> Output | None:
        system, segment = self.system(row), self.segment(row)
        values = _values(row, "output", without=("system", "key"))
        wanted = Output(
            system=system, segment=segment, text_hash=text_hash(values["text"]), **values
        )
        name = (system.name, segment.key)
        if not self.named.add(name):
            raise BadInput(f"the output of {shown(name)} stands twice", column="key")
        stored = self.stored.get((system.pk, segment.pk))
        if stored is not None and stored.text_hash != wanted.text_hash:
            raise BadInput(
                f"the output of {shown(system.name)} for {shown(segment.key)} is stored with "
                "another text; give a new name with --dataset",
                column="text",
            )
        return None if stored else wanted

    def system(self, row: Row) -> System:
        name = row.cells.get("system")
        if not isinstance(name, str) or name not in self.systems:
            raise BadInput(f"the file names no system {shown(name)} before", column="system")
        return self.systems[name]

    def segment(self, row: Row) -> Segment:
        key = row.cells.get("key")
        if not isinstance(key, str) or key not in self.segments:
            raise BadInput(f"the file names no segment {shown(key)} before", column="key")
        return self.segments[key]


def _values(row: Row, kind: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    given = {k: v for k, v in row.cells.items() if k not in ("record", *without)}
    return from_json(given, FIELDS[kind])


def _dataset(given: Any, name: str | None) -> tuple[Dataset, bool]:
    """The stored dataset of that name, or a new one; and whether it is new."""
    wanted = Dataset(**from_json(given, FIELDS["dataset"]))
    wanted.name = name or wanted.name
    check_fields(wanted)
    stored = Dataset.objects.select_for_update().filter(name=wanted.name).first()
    if stored is None:
        wanted.save()
        return wanted, True
    if (stored.source_lang, stored.target_lang) != (wanted.source_lang, wanted.target_lang):
        raise BadInput(
            f"the dataset {wanted.name!r} is stored with the languages {stored.source_lang} and "
            f"{stored.target_lang}; give a new name with --dataset"
        )
    return stored, False
