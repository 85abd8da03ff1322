"""A campaign's ratings into files of any format, in a folder or as a .zip."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from annotation.formats import FORMATS
from annotation.formats.base import Export
from annotation.interchange.judged import watching
from annotation.models import Campaign
from common.errors import BadInput, NotFound

LOSSES = "LOSSES.txt"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the same data make the same bytes


def export_ratings(campaign: Campaign, format_name: str) -> Export:
    """The campaign in a format. Raises BadInput where the format does not fit, NotFound if none."""
    try:
        kind = FORMATS.get(format_name)
    except LookupError as problem:
        raise NotFound(str(problem)) from problem
    return kind.export(campaign)


def fitting_formats(campaign: Campaign) -> list[tuple[str, str]]:
    """(name, label) of every format that holds this campaign's protocol."""
    kind = type(campaign.protocol_object)
    fitting = []
    for name, format_class in FORMATS.items():
        try:
            format_class.check_protocol(kind)
        except BadInput:
            continue
        fitting.append((name, format_class.label))
    return fitting


def write_folder(
    export: Export,
    folder: Path,
    *,
    force: bool = False,
    progress: Callable[..., None] = lambda n_rows, share: None,
) -> list[str]:
    """Write the files; their names. Raises BadInput where one is there and `force` is not set.

    progress : told the rows read so far and, as `share`, how much of the work that is
    """
    there = [name for name in export.files if (folder / name).exists()]
    if there and not force:
        raise BadInput(
            f"{there[0]} is there already; give another folder, or --force to write over it",
            file=str(folder),
        )
    n_rows, n_files = export.count_rows(), len(export.files)
    read = [0] * n_files
    try:
        for place, (name, pieces) in enumerate(export.files.items()):

            def watch(n: int, place: int = place) -> None:
                read[place] += n
                share = (place + min(1.0, read[place] / max(n_rows, 1))) / n_files
                progress(sum(read), share=share)

            with watching(watch):
                _write(folder / name, pieces)
    except OSError as problem:
        raise BadInput(f"cannot be written ({problem.strerror})", file=str(folder)) from problem
    return list(export.files)


def losses_told(export: Export, progress: Callable[..., None]) -> list[str]:
    """The export's losses, with progress as write_folder tells it."""
    n_rows, read = export.count_rows(), 0

    def watch(n: int) -> None:
        nonlocal read
        read += n
        progress(read, share=min(1.0, read / max(n_rows, 1)))

    with watching(watch):
        losses = export.losses
    progress(read, share=1.0)
    return losses


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """A file that is there wholly or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def zipped(export: Export, title: str) -> Iterator[bytes]:
    """The files and a list of what they cannot hold as a .zip, piece by piece."""
    pipe = _Pipe()
    files = {**export.files, LOSSES: _once(lambda: losses_text(export, title).encode())}
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, pieces in files.items():
            info = zipfile.ZipInfo(name, FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            with packed.open(info, "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    if packed_piece := pipe.take():
                        yield packed_piece
    yield pipe.take()


def _once(text: Callable[[], bytes]) -> Iterator[bytes]:
    """Nothing is counted before its turn comes."""
    yield text()


def losses_text(export: Export, title: str) -> str:
    """What the export cannot hold, a line each."""
    if not export.losses:
        return f"{title}\nNothing of the ratings is lost.\n"
    return "\n".join([title, "Not in these files:", *(f"- {loss}" for loss in export.losses), ""])


class _Pipe(io.RawIOBase):
    """Takes what the packer writes and gives it away again."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data
