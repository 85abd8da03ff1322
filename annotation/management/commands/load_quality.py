"""manage.py load_quality FILE --campaign NAME --purpose {training,qualification,known}"""

from typing import Any

from annotation.models import Campaign
from annotation.quality_loading import PURPOSES, load_quality
from common.errors import BadInput
from common.problems import shown
from common.tables import open_table
from models_app.management.cli import NikashCommand, add_file_arguments, column_map


class Command(NikashCommand):
    help = "Load items with known answers into a campaign that is a draft."

    def add_arguments(self, parser: Any) -> None:
        add_file_arguments(parser)
        parser.add_argument("--campaign", required=True, help="the campaign's name")
        parser.add_argument("--purpose", required=True, choices=[str(p) for p in PURPOSES])
        parser.add_argument(
            "--replace", action="store_true", help="remove what was loaded for it before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["campaign"]
        campaign = Campaign.objects.filter(name=name).select_related("dataset").first()
        if campaign is None:
            known = ", ".join(Campaign.objects.values_list("name", flat=True)[:20]) or "none yet"
            raise BadInput(f"there is no campaign called {shown(name)}; known: {known}")
        with open_table(options["file"], column_map(options["map"])) as table:
            loaded = load_quality(
                table, campaign=campaign, purpose=options["purpose"], replace=options["replace"]
            )
        self.say(f"Campaign {name}, {options['purpose']}: {loaded}")
