"""manage.py export_ratings --campaign NAME --format FORMAT --out DIR"""

from pathlib import Path
from typing import Any

from accounts.audit import record
from annotation.exporting import export_ratings, losses_told, write_folder
from annotation.formats import FORMATS
from annotation.models import Campaign
from common.errors import BadInput
from common.problems import shown
from models_app.management.cli import NikashCommand, counting


class Command(NikashCommand):
    help = "Write a campaign's ratings in an interchange format."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--campaign", required=True)
        parser.add_argument("--format", required=True, choices=FORMATS.names())
        parser.add_argument("--out", required=True, metavar="DIR", help="made if new")
        parser.add_argument("--force", action="store_true", help="write over files that are there")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = _campaign_named(options["campaign"])
        export = export_ratings(campaign, options["format"])
        folder = Path(options["out"])
        record(None, "ratings.export", campaign, campaign_id=campaign.pk, by="command")
        with counting("rows read") as counter:
            names = write_folder(export, folder, force=options["force"], progress=counter)
        with counting("rows looked through for what is lost") as counter:
            losses = losses_told(export, counter)
        for loss in losses:
            self.say(f"Lost: {loss}")
        self.say(f"Campaign {campaign.name}: {len(names)} files in {folder}: {', '.join(names)}")


def _campaign_named(name: str) -> Campaign:
    found = Campaign.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Campaign.objects.values_list("name", flat=True)[:20]) or "none yet"
        raise BadInput(f"there is no campaign called {shown(name)}; known: {known}")
    return found
