"""manage.py verify_backup FILE: restore aside and compare; the site is not touched."""

from pathlib import Path
from typing import Any

from config.backups.restoring import verify
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Restore a backup into a scratch database and compare every table and file."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", help="what `backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify(Path(options["file"]).expanduser(), say=self.say, shown=True)
        n = sum(compared.sent[0] for compared in found)
        self.say(f"The backup is good: {len(found)} tables with {n:,} rows came back the same.")
