"""manage.py recount [--campaign NAME]"""

from typing import Any

from annotation.models import Campaign
from annotation.recounting import recount
from common.errors import BadInput
from common.problems import shown
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Check the counts that are kept against fresh ones, and mend what is wrong."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--campaign", metavar="NAME", help="this one only; every one by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, campaigns = options["campaign"], Campaign.objects.order_by("pk")
        if name is not None and not campaigns.filter(name=name).exists():
            raise BadInput(f"there is no campaign called {shown(name)}")
        for campaign in campaigns if name is None else campaigns.filter(name=name):
            found = recount(campaign)
            self.say(
                f"Campaign {campaign.name}: {found.n_items} items and {found.n_summaries} kept "
                f"summaries had wrong counts{'; they are mended' if any(found) else ''}."
            )
