"""Load outputs made elsewhere: any system's texts become a system without weights."""

import re
from array import array
from collections.abc import Callable, Iterable

from common.errors import BadInput
from common.problems import shown
from common.tables import Problems, Row, Table
from common.text import text_hash
from models_app.loading.common import (
    Loaded,
    all_or_nothing,
    check_fields,
    chunks,
    identifier,
    text,
)
from models_app.models import Dataset, Output, System

HUMAN = re.compile(r"(ref|reference|human)([-_. ]?[A-Z0-9])?", re.IGNORECASE)


def load_outputs(
    table: Table,
    *,
    dataset: Dataset,
    system: str | None = None,
    human: Iterable[str] = (),
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n_rows: None,
) -> Loaded:
    """Store a table's outputs; the same file again changes nothing.

    system : the producer of every row, where the file has no column `system`
    human : systems that are people; names such as ref, refA or human are taken so by themselves

    Raises BadInput or BadTable, and then nothing is stored.
    """
    problems = Problems(table.name)
    required = ["key", "output"] if system else ["system", "key", "output"]
    with all_or_nothing(problems, dry_run=dry_run):
        loader = _Loader(dataset, problems, set(human))
        if system:
            check_fields(System(name=system), exclude=("kind",))
        for chunk in chunks(table.rows(required, problems=problems)):
            loader.store(chunk, system)
            progress(loader.loaded.n_rows)
        loader.note_systems()
    return loader.loaded


class _Loader:
    def __init__(self, dataset: Dataset, problems: Problems, human: set[str]) -> None:
        self.problems = problems
        self.human = human
        self.loaded = Loaded()
        keys = dataset.segments.order_by("position").values_list("key", "pk")
        self.segments = {key: (place, pk) for place, (key, pk) in enumerate(keys)}
        self.dataset = dataset
        self.systems: dict[str, System | None] = {}
        self.created: list[System] = []
        self.seen: dict[str, array] = {}  # system to the row of each segment's output, 0 for none

    def store(self, rows: list[Row], only_system: str | None) -> None:
        wanted = [found for row in rows if (found := self._output(row, only_system))]
        new_systems = {system.pk for system in self.created}
        stored = self._stored([o for _, o in wanted if o.system_id not in new_systems])
        new = []
        for row, output in wanted:
            known = stored.get((output.system_id, output.segment_id))
            if known is None:
                new.append(output)
            elif known == output.text_hash:
                self.loaded.n_unchanged += 1
            else:
                self.problems.add(
                    "another text is stored for this system and segment; texts are never "
                    "overwritten: give the new version another system name",
                    row.number,
                    "output",
                )
        if not self.problems.n:
            Output.objects.bulk_create(new)
        self.loaded.n_new += len(new)

    def _stored(self, outputs: list[Output]) -> dict[tuple[int, int], str]:
        if not outputs:
            return {}
        rows = Output.objects.filter(
            segment__in={output.segment_id for output in outputs},
            system__in={output.system_id for output in outputs},
        ).values_list("system_id", "segment_id", "text_hash")
        return {(system, segment): digest for system, segment, digest in rows}

    def _output(self, row: Row, only_system: str | None) -> tuple[Row, Output] | None:
        self.loaded.see(row)
        name = only_system or identifier(row, "system", self.problems, limit=100)
        key = identifier(row, "key", self.problems)
        words = text(row, "output", self.problems, required=False)
        if row.cells.get("output") is None:
            self.problems.add("is missing; write the text, or an empty one", row.number, "output")
            return None
        if name is None or key is None or words is None:
            return None
        if key not in self.segments:
            self.problems.add(
                f"the dataset {self.dataset.name!r} has no segment {shown(key)}", row.number, "key"
            )
            return None
        place, segment = self.segments[key]
        rows = self.seen.setdefault(name, array("Q", bytes(8 * len(self.segments))))
        if first := rows[place]:
            self.problems.add(
                f"system {name!r} has an output for {shown(key)} already in row {first}; keep one",
                row.number,
                "key",
            )
            return None
        rows[place] = row.number
        system = self._system(name, row)
        if system is None:
            return None
        return row, Output(
            system=system,
            segment_id=segment,
            text=words,
            text_hash=text_hash(words),
        )

    def _system(self, name: str, row: Row) -> System | None:
        if name not in self.systems:
            self.systems[name] = self._find_or_make(name, row)
        return self.systems[name]

    def _find_or_make(self, name: str, row: Row) -> System | None:
        if found := System.objects.filter(name=name).first():
            return found
        is_human = name in self.human or HUMAN.fullmatch(name)
        system = System(name=name, kind=System.Kind.HUMAN if is_human else System.Kind.IMPORTED)
        try:
            check_fields(system)
        except BadInput as problem:
            self.problems.add(problem.reason, row.number, "system")
            return None
        system.save()
        self.created.append(system)
        return system

    def note_systems(self) -> None:
        if self.created:
            names = ", ".join(system.name for system in self.created)
            self.loaded.notes.append(f"New systems: {names}")
        humans = [s.name for s in self.created if s.kind == System.Kind.HUMAN]
        if humans:
            self.loaded.notes.append(
                f"Taken as human, left out of metric comparisons: {', '.join(humans)}"
            )
