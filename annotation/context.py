"""What the header of every page needs to know of the reader."""

from django.http import HttpRequest

from annotation.people import Reader


def nav(request: HttpRequest) -> dict[str, Reader]:
    return {"nav": Reader(request.user)}
