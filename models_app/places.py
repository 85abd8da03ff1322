"""Where checkpoints and adapters are: folders, ours among them, or hub ids."""

from pathlib import Path

from django.conf import settings


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
