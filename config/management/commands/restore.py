"""manage.py restore FILE [--replace]: a site again from its backup."""

from pathlib import Path
from typing import Any

from accounts import audit
from config.backups.restoring import restore
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Make the site again from a backup; on an empty machine, or with --replace."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", help="what `backup` wrote")
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--into-empty", action="store_true", help="the default; for scripts")
        way.add_argument(
            "--replace", action="store_true", help="back up what is there, then replace it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"]).expanduser()
        found = restore(path, replace=options["replace"], say=self.say, shown=True)
        n = sum(compared.sent[0] for compared in found)
        audit.record(None, "site.restore", backup=path.name, rows=n)
        self.say(f"Restored: {len(found)} tables with {n:,} rows are those of the backup.")
