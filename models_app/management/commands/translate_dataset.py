"""manage.py translate_dataset NAME --system SYSTEM --name NEW --target-lang mr"""

from typing import Any

from models_app.corpora.translated_datasets import translate_dataset
from models_app.loading.common import dataset_named
from models_app.management.cli import NikashCommand, counting
from models_app.management.found import system_named


class Command(NikashCommand):
    help = "Put a dataset of questions into another language with a registered system."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--system", required=True, help="who translates")
        parser.add_argument("--name", dest="new_name", required=True, help="of the new dataset")
        parser.add_argument("--target-lang", required=True, help="BCP 47, say mr")

    def handle(self, *args: Any, **options: Any) -> None:
        with counting("segments") as counter:
            made = translate_dataset(
                dataset_named(options["name"]),
                system_named(options["system"]),
                name=options["new_name"],
                target_lang=options["target_lang"],
                progress=counter,
            )
        self.say(f"Dataset {made}: {made.segments.count()} segments, {made.origin}")
        if n_cut := made.segments.filter(extra__has_key="cut_off").count():
            self.say(f"{n_cut} of them were cut off at the length limit (max_new_tokens)")
