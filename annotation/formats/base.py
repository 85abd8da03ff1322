"""What a format turns a file into: one judgement per rater, system and segment."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

from annotation.protocols.base import AnnotationProtocol, Answer
from common.problems import shown
from common.tables import Problems, Row, Table
from models_app.loading.common import identifier
from models_app.models import Output, Segment


class Judgement(NamedTuple):
    """A rater's answer on one system's output of a segment; `row` is where it begins."""

    row: int
    rater: str
    output: Output
    answer: Answer


class Sources(NamedTuple):
    """What a format may look up: the dataset's segments, and outputs by (system, key)."""

    segments: Mapping[str, Segment]
    outputs: Mapping[tuple[str, str], Output]


class RatingFormat(ABC):
    label: ClassVar[str]
    default_protocol: ClassVar[str]
    required: ClassVar[list[str]]

    @classmethod  # noqa: B027 - a format may fit all
    def check_protocol(cls, protocol: type[AnnotationProtocol]) -> None:
        """Raise BadInput where the format's answers do not fit the protocol."""

    def __init__(self, protocol: AnnotationProtocol, sources: Sources, problems: Problems) -> None:
        self.protocol = protocol
        self.sources = sources
        self.problems = problems
        self.notes: list[str] = []

    @abstractmethod
    def judgements(self, table: Table) -> Iterator[Judgement]:
        """Read the table; what is wrong goes to `problems`, row by row."""

    def place(self, row: Row, key_field: str = "key") -> tuple[str, Output] | None:
        """The row's rater and output; None, and a problem, where one of them is not known."""
        rater = identifier(row, "rater", self.problems, limit=100)
        system = identifier(row, "system", self.problems, limit=100)
        key = identifier(row, key_field, self.problems)
        if rater is None or system is None or key is None:
            return None
        if key not in self.sources.segments:
            self.problems.add(f"the dataset has no segment {shown(key)}", row.number, "key")
            return None
        output = self.sources.outputs.get((system, key))
        if output is None:
            self.problems.add(
                f"no output of system {shown(system)} is stored for segment {shown(key)}; "
                "load it with load_outputs first",
                row.number,
                "system",
            )
            return None
        return rater, output
