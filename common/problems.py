"""What is wrong with a file: every bad row gathered, told together."""

from collections.abc import Sequence
from typing import NoReturn

from common.errors import BadInput, NikashError

SHOWN_PROBLEMS = 20
SHOWN_CHARACTERS = 60


class BadTable(NikashError):
    """A file with rows that cannot be used; nothing of it was stored."""

    def __init__(self, problems: Sequence[BadInput], n_problems: int | None = None) -> None:
        self.problems = list(problems)
        self.n_problems = n_problems or len(self.problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if self.n_problems > len(lines):
            lines.append(f"... and {self.n_problems - len(lines)} more.")
        super().__init__("Nothing was loaded.\n" + "\n".join(lines))


class Problems:
    """Gathers what is wrong with a file, so that every bad row is named, not only the first."""

    KEPT = 500

    def __init__(self, file: str) -> None:
        self.file = file
        self.kept: list[BadInput] = []
        self.n = 0

    def add(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        self.n += 1
        if len(self.kept) < self.KEPT:
            self.kept.append(BadInput(reason, file=self.file, row=row, column=column))

    def raise_if_any(self) -> None:
        if self.n:
            raise BadTable(self._in_order(), self.n)

    def stop(self, last: BadInput) -> NoReturn:
        """Give up at a problem that makes the rest unreadable; earlier ones are told first."""
        if not self.n:
            raise last
        raise BadTable([*self._in_order(), last], self.n + 1) from last

    def _in_order(self) -> list[BadInput]:
        return sorted(self.kept, key=lambda problem: problem.row or 0)


class FirstProblem(Problems):
    """For readers who gather nothing: the first bad row is raised."""

    def add(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        raise BadInput(reason, file=self.file, row=row, column=column)


def shown(value: object) -> str:
    """A value as an error message quotes it: on one line, printable and short."""
    # A giant value is cut before it is written out: its repr would be as giant.
    text = repr(value[: SHOWN_CHARACTERS + 1] if isinstance(value, str) else value)
    if len(text) > SHOWN_CHARACTERS:
        text = text[: SHOWN_CHARACTERS - 3] + "..."
    return text.encode("utf-8", "backslashreplace").decode()
