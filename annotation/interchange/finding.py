"""Which stored segment and output a file of another tool speaks of."""

from collections.abc import Mapping
from functools import cached_property

from common.problems import Problems, shown
from models_app.models import Output, Segment


class Sources:
    """A dataset's segments by key, and outputs by (system, key)."""

    def __init__(
        self, segments: Mapping[str, Segment], outputs: Mapping[tuple[str, str], Output]
    ) -> None:
        self.segments = segments
        self.outputs = outputs

    def output(self, system: str, key: str) -> Output | None:
        """A system's output; its name may differ in upper and lower case from ours."""
        found = self.outputs.get((system, key))
        if found is None and (name := self.name_of(system)):
            found = self.outputs.get((name, key))
        return found

    def name_of(self, system: str) -> str:
        """A system's name as we spell it; empty where there is none, or several."""
        return system if system in self.systems else self._folded.get(system.casefold(), "")

    @cached_property
    def systems(self) -> set[str]:
        return {system for system, _ in self.outputs}

    @cached_property
    def _folded(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for name in self.systems:
            names[name.casefold()] = "" if name.casefold() in names else name
        return names

    @cached_property
    def by_text(self) -> dict[str, list[Segment]]:
        found: dict[str, list[Segment]] = {}
        for segment in self.segments.values():
            found.setdefault(segment.source, []).append(segment)
        return found


class Finder:
    """Finds segments by key or, where a file has none of ours, by their source text."""

    def __init__(self, sources: Sources, problems: Problems) -> None:
        self.sources = sources
        self.problems = problems

    def segment(
        self, row: int, key: str = "", source: str | None = None, document: str = ""
    ) -> Segment | None:
        """The segment; None, and a problem, where none or several could be meant."""
        found = self.sources.segments.get(key)
        if found is not None and source in (None, found.source):
            return found
        same = self.sources.by_text.get(source or "", [])
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

    def output(self, row: int, system: str, segment: Segment) -> Output | None:
        """A system's output; None, and a problem, where none is stored."""
        found = self.sources.output(system, segment.key)
        if found is None:
            self.problems.add(
                f"no output of system {shown(system)} is stored for segment "
                f"{shown(segment.key)}; load it with load_outputs first",
                row,
                "system",
            )
        return found
