"""manage.py publish_model NAME --folder DIR | --hub OWNER/NAME [--public]"""

from pathlib import Path
from typing import Any

from common.errors import BadInput
from models_app.management.cli import NikashCommand
from models_app.models import Adapter, Checkpoint
from models_app.training.publish import publish_to_folder, publish_to_hub


class Command(NikashCommand):
    help = "Publish an adapter or checkpoint with its model card and inherited licence."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", help="of the adapter or checkpoint")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--folder", type=Path, help="made by the command")
        where.add_argument("--hub", metavar="OWNER/NAME", help="the token is read from HF_TOKEN")
        parser.add_argument("--public", action="store_true", help="the repository, if it is new")

    def handle(self, *args: Any, **options: Any) -> None:
        row = _named(options["name"])
        if options["folder"]:
            place = str(publish_to_folder(row, options["folder"].expanduser()))
        else:
            place = publish_to_hub(row, options["hub"], private=not options["public"])
        self.say(f"{row} is published: {place}")


def _named(name: str) -> Adapter | Checkpoint:
    for model in (Adapter, Checkpoint):
        if found := model.objects.filter(name=name).first():
            return found
    raise BadInput(f"there is no adapter or checkpoint called {name!r}")
