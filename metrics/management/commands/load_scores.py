"""manage.py load_scores FILE --dataset NAME [--lower-is-better METRIC]"""

from typing import Any

from metrics.loading_scores import load_scores
from models_app.management.cli import (
    NikashCommand,
    add_file_arguments,
    column_map,
    counting,
    dataset_named,
)


class Command(NikashCommand):
    help = "Load metric scores computed elsewhere: system, key, metric, score."

    def add_arguments(self, parser: Any) -> None:
        add_file_arguments(parser)
        parser.add_argument("--dataset", required=True)
        parser.add_argument(
            "--lower-is-better",
            action="append",
            default=[],
            metavar="METRIC",
            help="of this metric of the file the lowest score is best; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = dataset_named(options["dataset"])
        with counting("rows read") as counter:
            loaded = load_scores(
                options["file"],
                dataset=dataset,
                lower_is_better=options["lower_is_better"],
                columns=column_map(options["map"]),
                progress=counter,
            )
        self.say(f"Scores for {dataset}: {loaded}")
