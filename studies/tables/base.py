"""What a table of a study is: columns, rows, and what has to be said of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from studies.work import Work


class Column(NamedTuple):
    """`unit` stands in the header; `kind` is how a cell is printed: text, number, interval, p."""

    name: str
    label: str
    kind: str = "number"
    unit: str = ""


class Picture(NamedTuple):
    """Dots with intervals: `value`, an interval column; `line`, the column down the side.

    panels : columns of whose values each combination has a figure of its own
    """

    value: str
    line: str
    panels: tuple[str, ...] = ()


class Table(ABC):
    """Subclasses register under a name; a cell that is not defined is None, its row says why."""

    title: ClassVar[Any]
    columns: ClassVar[tuple[Column, ...]]
    recipe: ClassVar[str]
    picture: ClassVar[Picture | None] = None

    def __init__(self, work: Work, options: Mapping[str, Any]) -> None:
        self.work, self.options = work, options

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """Rows by column name; `reason` says why a cell is None, `link` where to read on."""

    def notes(self) -> list[str]:
        """Sentences below the table, say that ratings are simulated."""
        return []

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": str(self.options.get("title", self.title)),
            "columns": [column._asdict() for column in self.columns],
            "rows": self.rows(),
            "recipe": self.recipe,
            "notes": self.notes(),
            "picture": self.picture._asdict() if self.picture else None,
        }

    def short(self, name: str) -> str:
        """A part's name without the study's."""
        return name.removeprefix(f"{self.work.study.name}: ")
