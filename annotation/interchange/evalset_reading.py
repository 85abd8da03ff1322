"""An EvalSet of MTME that comes in: its lines are matched with stored segments and outputs."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from annotation.interchange.evalset import MANIFEST, SCHEMA, line
from annotation.interchange.finding import Finder, Sources
from annotation.interchange.folder import Folder, reading
from annotation.interchange.reading import parsed
from common.errors import BadInput
from common.problems import Problems, shown
from models_app.models import Output, Segment


class EvalSet:
    def __init__(self, folder: Folder, sources: Sources, problems: Problems) -> None:
        self.folder = folder
        self.problems = problems
        self.finder = Finder(sources, problems)
        self._texts: dict[str, list[str]] = {}
        self.segments: list[Segment | None] = self._segments()

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What our own exports say of keys and names; empty for a set of others."""
        if MANIFEST not in self.folder:
            return {}
        where = self.folder.path(MANIFEST)
        found = parsed(self.folder.data(MANIFEST), where)
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise BadInput(f"is not of the schema {SCHEMA}", file=where)
        for name in ("keys", "systems", "raters"):
            given = found.get(name)
            values = given.values() if isinstance(given, dict) else given
            is_right = isinstance(given, list if name == "keys" else dict)
            if not is_right or not all(isinstance(value, str) for value in values):
                raise BadInput(f"{name} is missing or malformed", file=where)
        return found

    @cached_property
    def pair(self) -> str:
        given = self.folder.columns.get("pair") or self.manifest.get("pair")
        pairs = [
            name[len("sources/") : -len(".txt")] for name in self.folder.names("sources/*.txt")
        ]
        if given in pairs:
            return str(given)
        if given or len(pairs) != 1:
            raise BadInput(
                f"holds the language pairs {', '.join(pairs) or 'none'}; "
                "give one with --map pair=SRC-TGT",
                file=self.folder.name,
            )
        return pairs[0]

    def rated_files(self, ending: str) -> Iterator[tuple[str, str]]:
        """(path, rater) of the files of ratings or scores of segments."""
        prefix = f"human-scores/{self.pair}."
        found = {
            name[len(prefix) : -len(f".seg.{ending}")]: name
            for name in self.folder.names(f"{prefix}*.seg.{ending}")
        }
        raters = self.manifest.get("raters", {})
        wanted = self.folder.columns.get(ending)
        chosen = [name for name in found if name == wanted or (not wanted and name in raters)]
        if not chosen and not wanted and not raters:
            chosen = list(found)
        if not chosen:
            raise BadInput(
                f"there is no file {prefix}{wanted or '*'}.seg.{ending}", file=self.folder.name
            )
        for name in chosen:
            yield found[name], raters.get(name, name)

    def output(self, row: int, system: str, number: int) -> Output | None:
        """The stored output of a system on a line; None, and a problem, where there is none."""
        segment = self.segments[number] if number < len(self.segments) else None
        if segment is None:
            return None
        name = self.manifest.get("systems", {}).get(system, system)
        return self.finder.output(row, name, segment)

    def shown(self, side: str, system: str, number: int) -> str:
        """The set's own text, on which offsets count."""
        if side == "source":
            return self._lines(f"sources/{self.pair}.txt")[number]
        found = self._lines(f"system-outputs/{self.pair}/{system}.txt")
        if number >= len(found):
            raise BadInput(f"system-outputs/{self.pair}/{system}.txt has no line {number + 1}")
        return found[number]

    def _lines(self, name: str) -> list[str]:
        if name not in self._texts:
            self._texts[name] = self.folder.lines(name)
        return self._texts[name]

    def _segments(self) -> list[Segment | None]:
        name = f"sources/{self.pair}.txt"
        texts = self._lines(name)
        keys = self.manifest.get("keys")
        if keys is not None and len(keys) != len(texts):
            raise BadInput(
                f"has {len(texts)} lines where {MANIFEST} names {len(keys)} keys",
                file=self.folder.path(name),
            )
        stored = sorted(self.finder.sources.segments.values(), key=lambda s: s.position)
        with reading(self.problems, self.folder.path(name)):
            return [self._segment(number, text, keys, stored) for number, text in enumerate(texts)]

    def _segment(
        self, number: int, text: str, keys: list[str] | None, stored: list[Segment]
    ) -> Segment | None:
        """By key where the set has ours; else the one on this line; else the one that reads so."""
        if keys is None and number < len(stored) and _same(stored[number].source, text):
            return stored[number]
        if keys is None:
            return self.finder.segment(number + 1, source=text)
        segment = self.finder.segment(number + 1, keys[number])
        if segment is not None and not _same(segment.source, text):
            self.problems.add(
                f"is not the source of {shown(keys[number])} that is stored", number + 1
            )
            return None
        return segment


def _same(stored: str, text: str) -> bool:
    """MTME's readers cut blanks off the end of a line."""
    return line(stored).rstrip() == text.rstrip()
