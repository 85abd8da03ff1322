"""What the header of every page needs to know of the reader and of where the page stands."""

from django.http import HttpRequest
from django.utils.functional import cached_property

from annotation.people import Reader
from annotation.rooms import Door, Room, rooms_for, standing_in


class Menu:
    """Asks nothing of the database until a page shows it."""

    def __init__(self, reader: Reader, path: str) -> None:
        self._reader, self._path = reader, path

    @cached_property
    def rooms(self) -> list[Room]:
        reader = self._reader
        return rooms_for(
            is_admin=reader.is_admin,
            is_researcher=reader.is_researcher,
            reads_site=reader.reads_site,
            reads_campaigns=reader.reads_campaigns,
        )

    @cached_property
    def room(self) -> Room | None:
        found, _ = standing_in(self._path)
        return next((room for room in self.rooms if found and room.label == found.label), None)

    @cached_property
    def door(self) -> Door | None:
        return standing_in(self._path)[1]


def nav(request: HttpRequest) -> dict[str, Reader | Menu]:
    reader = Reader(request.user)
    return {"nav": reader, "menu": Menu(reader, request.path)}
