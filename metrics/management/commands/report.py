"""manage.py report --campaign NAME --out DIR: report.html, report.json, tables/*.csv"""

from pathlib import Path
from typing import Any

from metrics.management.campaigns import campaign_named, do_here
from metrics.models import ReportRun
from metrics.reporting import fresh_report, report_files, write_files
from metrics.reports.version import data_version
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Write a campaign's report: report.html, report.json and tables/*.csv."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--out", required=True, type=Path, help="a folder; made if new")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_named(options["campaign"])
        run = fresh_report(campaign)
        if run is None:
            version = data_version(campaign)
            run = do_here(
                ReportRun.objects.create(campaign=campaign, data_version=version), "tables"
            )
        files = report_files(run.payload)
        write_files(files, options["out"])
        self.say(f"{campaign}: {len(files)} files in {options['out']}")
