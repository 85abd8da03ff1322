"""A backup becomes a site again: checked whole, stored in one transaction, compared."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from common.errors import BadInput
from config.backups import running, state
from config.backups.archive import Archive, opened_archive
from config.backups.copying import Compared, Source, replace_all
from config.backups.databases import scratch
from config.backups.files import check_room, put_back, put_in_place
from config.backups.progress import Progress, Say
from config.backups.tables import Table
from config.backups.writing import SIGNED_IN, write_backup

PASSING = ".restoring-"


def restore(
    path: Path, *, replace: bool = False, say: Say, shown: bool = False, alias: str = "default"
) -> list[Compared]:
    """The site as it was; how each table compares with the backup.

    Raises BadInput, with nothing changed, where the backup is damaged or of a newer release, and
    where the site has data and `replace` is false.
    """
    with running.stopped(), opened_archive(path) as archive:
        check_whole(archive)
        call_command("migrate", database=alias, verbosity=0, interactive=False)
        models = state.models_at(state.applied(alias))
        if not state.is_empty(alias, models):
            _make_way(replace, say, alias)
        with (
            _current_rows(archive, say, shown) as (tables, source, expected),
            _files(archive) as folder,
            _placing(folder, say) as place,
        ):
            found = replace_all(
                alias,
                tables,
                source,
                every_table=[Table(model) for model in models],
                progress=Progress(archive.manifest.n_rows, "Restoring", shown=shown),
                say=say,
                expected=expected,
                before_commit=place,
            )
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    return found


def verify(path: Path, *, say: Say, shown: bool = False) -> list[Compared]:
    """Restore into a scratch database and compare; the site is not touched."""
    with opened_archive(path) as archive:
        check_whole(archive)
        with scratch() as alias:
            return _restored(archive, alias, say, shown)


def check_whole(archive: Archive) -> None:
    """Raises BadInput where not every byte is as written, or a table is not of its release."""
    found = archive.manifest
    try:
        state.check_known(found.migrations)
    except BadInput as problem:
        raise archive.bad(problem.reason) from problem
    archive.check()
    ours = {model._meta.label_lower for model in state.models_at(found.migrations)}
    odd = sorted((found.tables.keys() - ours) | (ours - SIGNED_IN - found.tables.keys()))
    if odd:
        raise archive.bad(f"its tables are not those of its release; look at {odd[0]!r}")
    archive.check_fields(_tables(archive))
    check_room(found.n_plain, Path(settings.DATA_DIR))


@contextlib.contextmanager
def _current_rows(
    archive: Archive, say: Say, shown: bool
) -> Iterator[tuple[list[Table], Source, dict[str, tuple[int, str]] | None]]:
    """Tables of this release and their rows; a backup of an older one is brought forward first."""
    if set(archive.manifest.migrations) == set(state.all_migrations()):
        yield _tables(archive), archive.rows, _expected(archive)
        return
    with scratch() as alias:
        say("The backup is of an older release: restored aside, then migrated.")
        _restored(archive, alias, say, shown)
        call_command("migrate", database=alias, verbosity=0, interactive=False)
        tables = [Table(model) for model in state.models_at(state.applied(alias))]
        yield tables, lambda table: table.values(alias), None


def _restored(archive: Archive, alias: str, say: Say, shown: bool) -> list[Compared]:
    """The backup in an empty database with the tables of its own release."""
    state.migrate_to(alias, archive.manifest.migrations)
    every = [Table(model) for model in state.models_at(archive.manifest.migrations)]
    return replace_all(
        alias,
        _tables(archive),
        archive.rows,
        every_table=every,
        progress=Progress(archive.manifest.n_rows, "Checking", shown=shown),
        say=say,
        expected=_expected(archive),
    )


def _tables(archive: Archive) -> list[Table]:
    models = state.models_at(archive.manifest.migrations)
    return [Table(m) for m in models if m._meta.label_lower in archive.manifest.tables]


def _expected(archive: Archive) -> dict[str, tuple[int, str]]:
    tables = archive.manifest.tables
    return {label: (entry.n_rows, entry.sha256) for label, entry in tables.items()}


@contextlib.contextmanager
def _files(archive: Archive) -> Iterator[Path]:
    """The backup's files in a passing folder beside where they belong.

    What a killed one left goes first: while a site is restored nobody else restores it.
    """
    for left in Path(settings.DATA_DIR).glob(f"{PASSING}*"):
        shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=PASSING, dir=settings.DATA_DIR))
    try:
        for piece in archive.manifest.files:
            archive.unpack(piece, folder / archive.path_of(piece))
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _placing(folder: Path, say: Say) -> Iterator[Callable[[], None]]:
    """What puts the files into place; they go back where the rows could not be stored after all."""
    renamed: list[tuple[Path, Path]] = []
    is_stored = False

    def place() -> None:
        if aside := put_in_place(folder, renamed):
            say(f"Files that were replaced lie in {aside}.")

    try:
        yield place
        is_stored = True
    finally:
        if not is_stored:
            put_back(renamed)


def _make_way(replace: bool, say: Say, alias: str) -> None:
    if not replace:
        raise BadInput(
            "the site has data; restore on an empty one, "
            "or give --replace (which makes a backup of the present data first)"
        )
    out = Path(settings.DATA_DIR) / "backups" / f"replaced-{timezone.now():%Y%m%d-%H%M%S-%f}.tar"
    write_backup(out, alias=alias, with_secret_key=True, with_sessions=True)
    say(f"What was there is now in {out}.")
