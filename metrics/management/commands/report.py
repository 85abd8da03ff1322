"""manage.py report --campaign NAME --out DIR [--format csv ...]: report.html, .json, tables"""

from pathlib import Path
from typing import Any

from metrics.management.campaigns import campaign_named, ready_report
from metrics.reporting import FORMATS, USUAL_FORMATS, report_files, write_files
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Write a campaign's report: a page, JSON, and tables as CSV, LaTeX or Parquet."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--campaign", required=True)
        parser.add_argument(
            "--with-excluded",
            action="store_true",
            help="count the ratings of annotators who were excluded, too",
        )
        parser.add_argument(
            "--format",
            action="append",
            choices=FORMATS,
            help="what to write; may be repeated; html, json and csv unless told",
        )
        parser.add_argument("--out", required=True, type=Path, help="a folder; made if new")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        run = ready_report(campaign, with_excluded=options["with_excluded"])
        files = report_files(run.payload, options["format"] or USUAL_FORMATS)
        write_files(files, options["out"])
        self.say(f"{campaign}: {len(files)} files in {options['out']}")
