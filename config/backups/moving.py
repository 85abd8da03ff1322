"""The whole site's rows go to another database, say from the embedded one to PostgreSQL."""

from django.core.management import call_command

from accounts import audit
from common.errors import BadInput
from config.backups import running, state
from config.backups.copying import Compared, replace_all
from config.backups.databases import locked, opened, standing_in
from config.backups.progress import Progress, Say
from config.backups.tables import Table


def move(url: str, *, say: Say, shown: bool = False, alias: str = "default") -> list[Compared]:
    """Copy every row, sessions included, and compare; the database they come from stays as it is.

    Raises BadInput, with nothing kept over there, where the site runs, the other database is not
    empty or cannot be reached, or holds one row otherwise than this one.
    """
    check_current(alias)
    tables = [Table(model) for model in state.models_at(state.all_migrations())]
    with running.stopped(), opened(url) as target:
        prepare(target)
        if not state.is_empty(target, [table.model for table in tables]):
            raise BadInput("the database of --to has data; give an empty one")
        with locked([table.name for table in tables], alias) as source:
            total = sum(table.count(source) for table in tables)
            found = replace_all(
                target,
                tables,
                lambda table: table.values(source),
                every_table=tables,
                progress=Progress(total, "Moving", shown=shown),
                say=say,
            )
        with standing_in(target):
            audit.record(None, "site.move", rows=total)
    return found


def check_current(alias: str) -> None:
    """Raises BadInput where the tables are those of an older release."""
    if state.applied(alias) != state.all_migrations():
        raise BadInput("the database is out of date; run manage.py migrate first")


def prepare(alias: str) -> None:
    """Give a database our tables. Raises BadInput for one that has others, or newer ones."""
    call_command("migrate", database=alias, verbosity=0, interactive=False)
