"""The family of errors whose message is fit to show to a person."""

from common.text import visible

LONGEST = 20_000  # characters of a message; a giant name of a giant column is cut


class NikashError(Exception):
    """Base of every error a person may meet: one sentence, what is wrong and what to do.

    Messages quote files and names, so characters that nobody sees are shown as <U+202E>.
    """

    def __init__(self, message: str) -> None:
        self.message = _printable(message)
        super().__init__(self.message)


class BadInput(NikashError):
    """Something given to Nikash cannot be used; says where, as far as that is known.

    >>> str(BadInput("'abc' is not a number; write a number from 0 to 6",
    ...              file="outputs.csv", row=12, column="score"))
    "outputs.csv, row 12, column score: 'abc' is not a number; write a number from 0 to 6"

    Rows count as a text editor or a spreadsheet does: the first line of a file is row 1.
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.reason = _printable(reason)
        self.file = file
        self.row = row
        self.column = column
        places = [
            file or "",
            "" if row is None else f"row {row}",
            f"column {column}" if column else "",
        ]
        where = ", ".join(place for place in places if place)
        super().__init__(f"{where}: {reason}" if where else reason)


class NotFound(NikashError):
    """What was asked for does not exist, or is not for this person to see."""


class Conflict(NikashError):
    """The request contradicts something already stored."""


class MissingLibrary(NikashError):
    """An optional library is needed; says which package to install."""


def _printable(message: str) -> str:
    return visible(message if len(message) <= LONGEST else f"{message[: LONGEST - 3]}...")
