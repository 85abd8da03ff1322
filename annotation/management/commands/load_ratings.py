"""manage.py load_ratings FILE --dataset NAME --campaign NAME --format {ratings,wmt-mqm}"""

from typing import Any

from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.protocols import PROTOCOLS
from common.tables import open_table
from models_app.management.cli import (
    NikashCommand,
    add_file_arguments,
    column_map,
    counting,
    dataset_named,
)


class Command(NikashCommand):
    help = "Load ratings collected elsewhere as a campaign."

    def add_arguments(self, parser: Any) -> None:
        add_file_arguments(parser)
        parser.add_argument("--dataset", required=True)
        parser.add_argument("--campaign", required=True, help="the campaign's name; made if new")
        parser.add_argument("--format", choices=FORMATS.names(), default="ratings")
        parser.add_argument(
            "--protocol", choices=PROTOCOLS.names(), help="da for ratings, mqm for wmt-mqm"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        columns = column_map(options["map"])
        dataset = dataset_named(options["dataset"])
        with open_table(options["file"], columns) as table, counting("ratings stored") as counter:
            loaded = load_ratings(
                table,
                dataset=dataset,
                campaign=options["campaign"],
                format_name=options["format"],
                protocol=options["protocol"],
                progress=counter,
            )
        self.say(f"Campaign {options['campaign']}: {loaded}")
