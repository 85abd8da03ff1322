"""manage.py move --to URL [--campaign NAME]: to another database, say from SQLite to PostgreSQL."""

from typing import Any

from config.backups.campaigns import move_campaign
from config.backups.moving import move
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Copy the whole site, or one campaign, into another database, and compare."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--to", required=True, metavar="URL", help="say postgres://user:password@host/name"
        )
        parser.add_argument("--campaign", metavar="NAME", help="only this one, beside others there")
        parser.add_argument(
            "--accounts",
            choices=["pseudonymous", "usernames"],
            default="pseudonymous",
            help="with --campaign: whether annotators' accounts go with their codes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["campaign"]:
            usernames = options["accounts"] == "usernames"
            name = options["campaign"]
            made = move_campaign(name, options["to"], usernames=usernames, say=self.say, shown=True)
            self.say(
                f"Campaign {name} is there now: {made.n_rows:,} rows; exports compared byte for "
                f"byte with those of this database: {made.n_files}, all the same."
            )
            return
        found = move(options["to"], say=self.say, shown=True)
        n = sum(compared.sent[0] for compared in found)
        self.say(f"Moved: {len(found)} tables with {n:,} rows are the same on both sides.")
        self.say("Start the site with the same data folder and this line in its environment:")
        self.stdout.write(f"DATABASE_URL={options['to']}")
