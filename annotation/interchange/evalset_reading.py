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
from common.shelf import Shelf
from models_app.models import Output, Segment

AHEAD = 100  # lines


class EvalSet:
    def __init__(self, folder: Folder, sources: Sources, problems: Problems) -> None:
        self.folder = folder
        self.problems = problems
        self.finder = Finder(sources, problems)
        self._texts = Shelf()
        self.keys: list[str | None] = self._keys()

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
        key = self.keys[number] if number < len(self.keys) else None
        if key is None:
            return None
        name = self.manifest.get("systems", {}).get(system, system)
        if number % AHEAD == 0:
            near = self.keys[number : number + AHEAD]
            self.finder.sources.expect((name, one) for one in near if one is not None)
        return self.finder.output(row, name, key)

    def shown(self, side: str, system: str, number: int) -> str:
        """The set's own text, on which offsets count."""
        is_source = side == "source"
        name = f"sources/{self.pair}" if is_source else f"system-outputs/{self.pair}/{system}"
        found = self._line(f"{name}.txt", number)
        if found is None:
            raise BadInput(f"{name}.txt has no line {number + 1}")
        return found

    def _line(self, name: str, number: int) -> str | None:
        """A line of a text; each file is read once."""
        if self._texts.add((name,)):
            for place, text in enumerate(self.folder.lines(name)):
                self._texts.add((name, place), text)
        found: str | None = self._texts.get((name, number))
        return found

    def _keys(self) -> list[str | None]:
        """Of each line, the key of its segment in the dataset."""
        name = f"sources/{self.pair}.txt"
        keys = self.manifest.get("keys")
        n_lines = 0 if keys is None else sum(1 for _ in self.folder.lines(name))
        if keys is not None and len(keys) != n_lines:
            raise BadInput(
                f"has {n_lines} lines where {MANIFEST} names {len(keys)} keys",
                file=self.folder.path(name),
            )
        sources = self.finder.sources
        stored = sources.dataset.segments.order_by("position").iterator(AHEAD)
        found: list[str | None] = []
        with reading(self.problems, self.folder.path(name)):
            for number, text in enumerate(self.folder.lines(name)):
                if keys is not None and number % AHEAD == 0:
                    sources.expect(("", key) for key in keys[number : number + AHEAD])
                here = next(stored, None) if keys is None else None
                segment = self._segment(number, text, keys, here)
                found.append(segment and segment.key)
        return found

    def _segment(
        self, number: int, text: str, keys: list[str] | None, here: Segment | None
    ) -> Segment | None:
        """By key where the set has ours; else the one on this line; else the one that reads so."""
        if here is not None and _same(here.source, text):
            return here
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
