"""manage.py load_dataset FILE --name NAME --source-lang en --target-lang mr"""

from typing import Any

from common.tables import open_table
from models_app.loading.dataset import load_dataset
from models_app.management.cli import NikashCommand, add_file_arguments, column_map, counting


class Command(NikashCommand):
    help = "Load segments: key, source, reference(s), document, domain."

    def add_arguments(self, parser: Any) -> None:
        add_file_arguments(parser)
        parser.add_argument("--name", required=True, help="the dataset's name")
        parser.add_argument("--source-lang", required=True, help="BCP 47, say en")
        parser.add_argument("--target-lang", required=True, help="BCP 47, say mr")
        parser.add_argument("--licence", default="")
        parser.add_argument("--origin", default="", help="where the texts come from")

    def handle(self, *args: Any, **options: Any) -> None:
        columns = column_map(options["map"])
        with (
            open_table(options["file"], columns) as table,
            counting("rows read", lambda: table.share) as counter,
        ):
            loaded = load_dataset(
                table,
                name=options["name"],
                source_lang=options["source_lang"],
                target_lang=options["target_lang"],
                licence=options["licence"],
                origin=options["origin"],
                progress=counter,
            )
        self.say(f"Dataset {options['name']}: {loaded}")
