"""manage.py load_outputs FILE --dataset NAME [--system NAME]"""

from typing import Any

from common.tables import open_table
from models_app.loading.outputs import load_outputs
from models_app.management.cli import (
    NikashCommand,
    add_file_arguments,
    column_map,
    counting,
    dataset_named,
)


class Command(NikashCommand):
    help = "Load outputs made elsewhere: system, key, output."

    def add_arguments(self, parser: Any) -> None:
        add_file_arguments(parser)
        parser.add_argument("--dataset", required=True)
        parser.add_argument("--system", help="who made every row, where there is no such column")
        parser.add_argument(
            "--human",
            action="append",
            default=[],
            metavar="SYSTEM",
            help="this system is a person; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        columns = column_map(options["map"])
        dataset = dataset_named(options["dataset"])
        with (
            open_table(options["file"], columns) as table,
            counting("rows read", lambda: table.share) as counter,
        ):
            loaded = load_outputs(
                table,
                dataset=dataset,
                system=options["system"],
                human=options["human"],
                progress=counter,
            )
        self.say(f"Outputs for {dataset}: {loaded}")
