"""manage.py archive --campaign NAME --out DIR [--with-excluded]: a site that needs no server"""

from pathlib import Path
from typing import Any

from metrics.archives.writing import write_archive
from metrics.management.campaigns import campaign_named, ready_report
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Write a campaign as a site of files: report, a page for each segment, all outputs."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--out", required=True, type=Path, help="a folder; made if new")
        parser.add_argument(
            "--with-excluded",
            action="store_true",
            help="with the answers of excluded annotators, too",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        run = ready_report(campaign, with_excluded=options["with_excluded"])
        n_files = write_archive(campaign, run, options["out"])
        self.say(f"{campaign}: {n_files} files; open {options['out'] / 'index.html'}")
