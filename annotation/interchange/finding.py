"""Which stored segment and output a file of another tool speaks of."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import TypeVar

from common.errors import BadInput
from common.problems import BadTable, Problems, shown
from models_app.models import Dataset, Output, Segment, System

T = TypeVar("T")
Pair = tuple[str, str]  # a system's name, a segment's key
CHUNK, KEPT = 500, 5000


class Sources:
    """A dataset's segments by key, and outputs by (system, key), of which few are in memory."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._segments: dict[str, Segment | None] = {}
        self._outputs: dict[Pair, Output | None] = {}

    def expect(self, pairs: Iterable[Pair]) -> None:
        """Read in few queries what will be asked for soon."""
        self._make_room()
        named = [(self.name_of(system), key) for system, key in pairs]
        self._read_segments({key for _, key in named} - self._segments.keys())
        wanted = {pair for pair in named if pair[0] and pair not in self._outputs}
        self._outputs |= dict.fromkeys(wanted)
        segments = {s.pk: s for _, key in wanted if (s := self._segments[key])}
        systems = {(s := self.systems[name]).pk: s for name, _ in wanted}
        found = Output.objects.filter(segment__in=segments, system__in=systems)
        for output in found.only("system", "segment", "text") if segments else ():
            self._keep(output, segments[output.segment_id], systems[output.system_id])

    def segment(self, key: str) -> Segment | None:
        if key not in self._segments:
            self._make_room()
            self._read_segments({key})
        return self._segments[key]

    def output(self, system: str, key: str) -> Output | None:
        """A system's output; its name may differ in upper and lower case from ours."""
        pair = (self.name_of(system), key)
        if not pair[0]:
            return None
        if pair not in self._outputs:
            self.expect([pair])
        return self._outputs[pair]

    def by_key(self, outputs: Collection[int]) -> dict[int, Output]:
        """Outputs by their primary keys, with segments and systems."""
        systems = {system.pk: system for system in self.systems.values()}
        found = list(Output.objects.filter(pk__in=outputs).select_related("segment"))
        for output in found:
            output.system = systems[output.system_id]
        return {output.pk: output for output in found}

    def name_of(self, system: str) -> str:
        """A system's name as we spell it; empty where there is none, or several."""
        return system if system in self.systems else self._folded.get(system.casefold(), "")

    @cached_property
    def systems(self) -> dict[str, System]:
        outputs = Output.objects.filter(segment__dataset=self.dataset).order_by()
        found = System.objects.filter(pk__in=outputs.values_list("system", flat=True).distinct())
        return {system.name: system for system in found}

    @cached_property
    def _folded(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for name in self.systems:
            names[name.casefold()] = "" if name.casefold() in names else name
        return names

    def with_text(self, source: str) -> list[Segment]:
        """The segments with this source text, in their order."""
        keys = self._by_text.get(hash(source), ())
        found = self.dataset.segments.filter(pk__in=keys).order_by("position") if keys else ()
        return [segment for segment in found if segment.source == source]

    @cached_property
    def _by_text(self) -> dict[int, tuple[int, ...]]:
        """Hash of a source text to the primary keys of its segments."""
        found: dict[int, tuple[int, ...]] = {}
        for pk, source in self.dataset.segments.order_by().values_list("pk", "source").iterator():
            found[hash(source)] = (*found.get(hash(source), ()), pk)
        return found

    def _make_room(self) -> None:
        if len(self._segments) + len(self._outputs) > KEPT:
            self._segments, self._outputs = {}, {}

    def _read_segments(self, keys: Collection[str]) -> None:
        self._segments |= dict.fromkeys(keys)
        if keys:
            found = self.dataset.segments.filter(key__in=keys)
            self._segments |= {segment.key: segment for segment in found}

    def _keep(self, output: Output, segment: Segment, system: System) -> None:
        output.segment, output.system = segment, system
        self._outputs[system.name, segment.key] = output


def ahead(
    rows: Iterator[T], problems: Problems, expect: Callable[[list[T]], None], size: int = CHUNK
) -> Iterator[T]:
    """The same rows; `expect` sees many of them before they come.

    Where the file cannot be read on, the rows before come first and then what is wrong.
    """
    while True:
        chunk: list[T] = []
        stopped: BadInput | BadTable | None = None
        try:
            chunk.extend(islice(rows, size))
        except (BadInput, BadTable) as problem:
            stopped = problem
        expect(chunk)
        yield from chunk
        if stopped is not None:
            problems.stop(stopped.problems[-1] if isinstance(stopped, BadTable) else stopped)
        if len(chunk) < size:
            return


class Finder:
    """Finds segments by key or, where a file has none of ours, by their source text."""

    def __init__(self, sources: Sources, problems: Problems) -> None:
        self.sources = sources
        self.problems = problems

    def segment(
        self, row: int, key: str = "", source: str | None = None, document: str = ""
    ) -> Segment | None:
        """The segment; None, and a problem, where none or several could be meant."""
        found = self.sources.segment(key) if key else None
        if found is not None and source in (None, found.source):
            return found
        same = self.sources.with_text(source or "")
        if len(same) > 1:
            same = [segment for segment in same if segment.document == document] or same
        if len(same) == 1:
            return same[0]
        if found is not None and not same:
            return found
        self._tell(row, key, source, len(same))
        return None

    def _tell(self, row: int, key: str, source: str | None, n: int) -> None:
        if n:
            reason = f"the source {shown(source)} is that of {n} segments; give their keys"
        elif key:
            reason = f"the dataset has no segment {shown(key)}"
        else:
            reason = f"the dataset has no segment with the source {shown(source)}"
        self.problems.add(reason, row, "key" if key else "source")

    def output(self, row: int, system: str, key: str) -> Output | None:
        """A system's output of a segment; None, and a problem, where none is stored."""
        found = self.sources.output(system, key)
        if found is None:
            self.problems.add(
                f"no output of system {shown(system)} is stored for segment "
                f"{shown(key)}; load it with load_outputs first",
                row,
                "system",
            )
        return found
