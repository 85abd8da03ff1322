"""manage.py replay FILE.zip [--into-database NAME]: does a capsule give its report again?"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from metrics.capsules.opening import open_capsule
from metrics.capsules.replaying import Replay, replay
from models_app.management.cli import NikashCommand, counting

SHOWN = 200  # differing cells; --all shows the rest


class Command(NikashCommand):
    help = "Check a capsule, make its report again and compare every cell; exit 1 if one differs."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="a capsule, FILE.zip")
        parser.add_argument(
            "--into-database",
            metavar="NAME",
            help="keep the study here, as a new campaign and dataset of this name; without it the "
            "study is loaded into an empty database in memory and forgotten",
        )
        parser.add_argument("--all", action="store_true", help="print every cell that differs")

    def handle(self, *args: Any, **options: Any) -> None:
        with open_capsule(options["file"]) as capsule, counting("tables") as counter:
            found = replay(
                capsule,
                keep_as=options["into_database"],
                report=lambda done, total, _message: counter(done, total),
            )
        self._tell(found, sys.maxsize if options["all"] else SHOWN)

    def _tell(self, found: Replay, most: int) -> None:
        self.say(f"{found.campaign}: {found.n_files} files are what the manifest says.")
        for line in (*found.made_with, *found.notes):
            self.say(f"Otherwise than then: {line}")
        rounded = f", {found.n_rounded} of them but for rounding" if found.n_rounded else ""
        if found.is_identical:
            self.stdout.write(f"identical: {found.n_cells} cells{rounded}")
            return
        for one in found.differences[:most]:
            self.stdout.write(f"{one.path}: then {_value(one.then)}, now {_value(one.now)}")
        n = len(found.differences)
        rest = f"; the first {most} are shown, --all shows all" if n > most else ""
        raise CommandError(f"{n} of {found.n_cells} cells differ{rest}")


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
