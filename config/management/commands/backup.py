"""manage.py backup [--out FILE]: the whole site in one file, while it is in use."""

from pathlib import Path
from typing import Any

from accounts import audit
from common.errors import BadInput
from config.backups.rotation import keep_newest, next_name
from config.backups.writing import write_backup
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Write everything the site holds into one file, from which `restore` makes it again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--out", metavar="FILE", help="a new file; otherwise named by the time")
        parser.add_argument("--without-models", action="store_true", help="leave weights out")
        parser.add_argument("--with-secret-key", action="store_true")
        parser.add_argument("--with-sessions", action="store_true", help="and tokens")
        parser.add_argument("--keep", type=int, metavar="N", help="delete all but the newest N")

    def handle(self, *args: Any, **options: Any) -> None:
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise BadInput(f"--keep is {keep}; write a whole number from 1")
        out = Path(options["out"]).expanduser() if options["out"] else next_name()
        made = write_backup(
            out,
            with_models=not options["without_models"],
            with_secret_key=options["with_secret_key"],
            with_sessions=options["with_sessions"],
            shown=True,
        )
        audit.record(None, "site.backup", backup=out.name, rows=made.n_rows)
        left = f"; without {', '.join(made.left_out)}" if made.left_out else ""
        self.say(
            f"{out}: {made.n_rows:,} rows of {len(made.tables)} tables, "
            f"{len(made.files):,} files, {out.stat().st_size:,} bytes{left}"
        )
        if keep is not None:
            for path in keep_newest(out.parent, keep):
                self.say(f"Deleted {path}.")
