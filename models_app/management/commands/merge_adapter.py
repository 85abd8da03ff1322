"""manage.py merge_adapter ADAPTER --name NEW [--bits 16]"""

from typing import Any

from models_app.management.cli import NikashCommand
from models_app.management.found import adapter_named
from models_app.training.merge import MERGED_BITS, merge_adapter


class Command(NikashCommand):
    help = "Merge an adapter into its base: a checkpoint that needs no adapter."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("adapter")
        parser.add_argument("--name", required=True, help="of the new checkpoint")
        parser.add_argument("--bits", type=int, default=32, choices=MERGED_BITS)

    def handle(self, *args: Any, **options: Any) -> None:
        made = merge_adapter(
            adapter_named(options["adapter"]), name=options["name"], bits=options["bits"]
        )
        self.say(f"Checkpoint {made} in {made.location}")
