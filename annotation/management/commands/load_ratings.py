"""manage.py load_ratings FILE --dataset NAME --campaign NAME --format FORMAT"""

from typing import Any

from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.interchange.opening import open_ratings
from annotation.protocols import PROTOCOLS
from common.errors import BadInput
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
        parser.add_argument("--dataset", help="needed except for nikash")
        parser.add_argument("--campaign", help="the campaign's name; made if new")
        parser.add_argument("--format", choices=FORMATS.names(), default="ratings")
        parser.add_argument(
            "--protocol", choices=PROTOCOLS.names(), help="unless told, the format's usual one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kind = FORMATS.get(options["format"])
        for name in ("dataset", "campaign") if kind.needs_dataset else ():
            if not options[name]:
                raise BadInput(f"--{name} is needed for the format {options['format']}")
        columns = column_map(options["map"])
        dataset = dataset_named(options["dataset"]) if kind.needs_dataset else options["dataset"]
        with (
            open_ratings(options["file"], kind, columns) as source,
            counting("ratings stored", lambda: getattr(source, "share", None)) as counter,
        ):
            loaded = load_ratings(
                source,
                dataset=dataset,
                campaign=options["campaign"],
                format_name=options["format"],
                protocol=options["protocol"],
                progress=counter,
            )
        self.say(
            f"Campaign {options['campaign']}: {loaded}" if options["campaign"] else str(loaded)
        )
