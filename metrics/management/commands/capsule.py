"""manage.py capsule --campaign NAME --out FILE.zip [--with-excluded]: a study in one file"""

from pathlib import Path
from typing import Any

from common.errors import BadInput
from metrics.capsules.writing import capsule_to
from metrics.management.campaigns import campaign_named, ready_report
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Write a campaign with everything its report rests on into one .zip file."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--out", required=True, type=Path, help="a .zip file")
        parser.add_argument(
            "--with-excluded",
            action="store_true",
            help="with the report that counts excluded annotators, too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        path = options["out"]
        if path.suffix.lower() != ".zip":
            raise BadInput(f"{path} does not end in .zip; write --out {path.name or 'study'}.zip")
        run = ready_report(campaign, with_excluded=options["with_excluded"])
        n_files = capsule_to(path, campaign, run)
        self.say(f"{campaign}: {n_files} files in {path}")
