"""What every interchange format answers: which file it opens, what it reads, what it writes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from annotation.interchange.finding import Sources, ahead
from annotation.interchange.gathering import Judgement
from annotation.interchange.judged import Judged, Reader, finished_ratings, judged
from annotation.interchange.losses import Losses
from annotation.models import Campaign
from annotation.protocols import PROTOCOLS
from annotation.protocols.base import AnnotationProtocol
from common.errors import BadInput
from common.problems import shown
from common.tables import Problems, Row, Table
from models_app.loading.common import identifier
from models_app.models import Output

__all__ = ["Export", "Judgement", "RatingFormat"]


@dataclass
class Export:
    """Files to write, each a name and its bytes in pieces; and what they cannot hold.

    count_rows : the rows that are read for a file, as annotation.interchange.judged tells them
    """

    files: Mapping[str, Iterable[bytes]]
    count_losses: Callable[[], list[str]]
    count_rows: Callable[[], int] = lambda: 0

    @cached_property
    def losses(self) -> list[str]:
        """Counted while the files are written; where they were not, asking takes as long."""
        return self.count_losses()


class RatingFormat(ABC):
    """One format, in and out. Subclasses register under a name.

    A format of single outputs says which `protocols` it knows and what of a rating it `keeps`
    (names of annotation.interchange.losses.WORDS); the rest is counted and told.
    """

    label: ClassVar[str]
    title: ClassVar[str]  # what a sentence calls it
    default_protocol: ClassVar[str]
    protocols: ClassVar[tuple[str, ...]]
    keeps: ClassVar[frozenset[str]] = frozenset()
    needs_dataset: ClassVar[bool] = True
    restores: ClassVar[bool] = False  # makes a whole campaign, by annotation.restoring
    endings: ClassVar[tuple[str, ...]] = ("csv", "tsv", "jsonl")  # each also .gz

    @classmethod
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        """Raise BadInput where the format's answers do not fit the protocol."""
        if not any(issubclass(protocol, PROTOCOLS.get(name)) for name in cls.protocols):
            raise BadInput(
                f"{cls.title} fits the protocol {' or '.join(cls.protocols)}, "
                f"not {protocol.label}; use another format"
            )

    @classmethod
    def open(cls, stream: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """What `judgements` reads, from an open file; it has a `name`."""
        return Table(stream, name, columns)

    @classmethod
    def open_folder(cls, path: Path, columns: Mapping[str, str] | None = None) -> Any:
        """What `judgements` reads, from a folder. Raises BadInput where a file is needed."""
        raise BadInput(f"{path.name} is a folder; {cls.title} is a file")

    def __init__(self, protocol: AnnotationProtocol, sources: Sources, problems: Problems) -> None:
        self.protocol = protocol
        self.sources = sources
        self.problems = problems
        self.notes: list[str] = []

    @abstractmethod
    def judgements(self, source: Any) -> Iterator[Judgement]:
        """Read the file; what is wrong goes to `problems`, row by row."""

    @classmethod
    def export(cls, campaign: Campaign) -> Export:
        """The campaign's finished ratings in this format. Raises BadInput where it cannot be."""
        cls.check_protocol(PROTOCOLS.get(campaign.protocol))
        losses = Losses(campaign, cls.title, cls.kept(campaign), cls.lost)
        files = cls.files(campaign, losses.counting)
        return Export(files, losses.told, finished_ratings(campaign).count)

    @classmethod
    def kept(cls, campaign: Campaign) -> frozenset[str]:
        """What of this campaign's ratings is kept."""
        return cls.keeps

    @classmethod
    @abstractmethod
    def files(cls, campaign: Campaign, read: Reader = judged) -> Mapping[str, Iterable[bytes]]:
        """The export's files; nothing is read before a file is."""

    @classmethod
    def lost(cls, one: Judged) -> Iterator[str]:
        """What else of one judgement is lost, in the plural: "texts with tabs, which ..."."""
        yield from ()

    def rows(
        self,
        source: Table,
        required: Sequence[str],
        optional: Sequence[str] = (),
        key_field: str = "key",
    ) -> Iterator[Row]:
        """The rows of a table whose outputs `place` finds; these are read many at a time."""

        def expect(rows: list[Row]) -> None:
            named = [[row.cells.get(name) for name in ("system", key_field)] for row in rows]
            self.sources.expect((str(system).strip(), str(key).strip()) for system, key in named)

        found = source.rows(required, optional, self.problems)
        return ahead(found, self.problems, expect)

    def place(self, row: Row, key_field: str = "key") -> tuple[str, Output] | None:
        """The row's rater and output; None, and a problem, where one of them is not known."""
        rater = identifier(row, "rater", self.problems, limit=100)
        system = identifier(row, "system", self.problems, limit=100)
        key = identifier(row, key_field, self.problems)
        if rater is None or system is None or key is None:
            return None
        output = self.output(system, key, row.number)
        return None if output is None else (rater, output)

    def output(self, system: str, key: str, row: int) -> Output | None:
        """The stored output of a system for a segment; None, and a problem, where there is none."""
        if self.sources.segment(key) is None:
            self.problems.add(f"the dataset has no segment {shown(key)}", row, "key")
            return None
        found = self.sources.output(system, key)
        if found is None:
            self.problems.add(
                f"no output of system {shown(system)} is stored for segment {shown(key)}; "
                "load it with load_outputs first",
                row,
                "system",
            )
        return found
