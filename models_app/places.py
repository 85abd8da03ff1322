"""Where checkpoints and adapters are: folders, ours among them, or hub ids."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from common.errors import BadInput
from common.problems import shown

OURS = ("models", "training", "published", "studies")  # in the data folder


def folder_of(location: str) -> Path | None:
    """The folder a location means, if there is one; ours are named from the project's root."""
    path = Path(location)
    if location.startswith("fixtures/"):
        path = settings.BASE_DIR / path
    try:
        path = path.expanduser()
        return path if path.is_dir() else None
    except (OSError, RuntimeError):  # a name too long, a user unknown
        return None


def place_of(location: str) -> str:
    """What a library is given to load: the folder's path, or the hub id as it is."""
    return str(folder_of(location) or location)


def check_open_to_pages(path: Path, folders: Iterable[str], variable: str) -> None:
    """Raise BadInput for a path that a page or the API may not name; commands may name any.

    folders : those that an admin of the machine has opened, by the environment `variable`

    Links are followed first: where a path leads is what counts.
    """
    ours = [settings.FIXTURES, *(Path(settings.DATA_DIR) / name for name in OURS)]
    allowed = [Path(folder).expanduser().resolve() for folder in [*ours, *folders]]
    try:
        found = path.resolve()
    except (OSError, RuntimeError, ValueError):
        found = Path("/")
    if not any(found.is_relative_to(folder) for folder in allowed):
        raise BadInput(
            f"{shown(str(path))} lies in no folder that pages may read from; put it below "
            f"{allowed[1]}, or let whoever runs the site name its folder in {variable}"
        )


def check_location(location: str) -> None:
    """Raise BadInput for a folder of weights that a page or the API may not name."""
    if (folder := folder_of(location)) is None:
        return
    check_open_to_pages(folder, settings.MODEL_FOLDERS, "NIKASH_MODEL_FOLDERS")
    for path in folder.iterdir():
        if path.is_symlink() and path.suffix in (".md", ".json"):
            check_open_to_pages(path, settings.MODEL_FOLDERS, "NIKASH_MODEL_FOLDERS")
