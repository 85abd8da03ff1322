"""manage.py load_corpus FILE [FILE] --name NAME --kind parallel --source-lang en ..."""

from typing import Any

from common.errors import BadInput
from models_app.loading.corpus import Card, load_corpus
from models_app.loading.pairs import open_examples
from models_app.management.cli import NikashCommand, column_map, counting
from models_app.models import Corpus, Split


class Command(NikashCommand):
    help = "Load training examples: instructions, parallel texts, or documents with summaries."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "file",
            nargs="+",
            help="a .csv, .tsv, .jsonl or .json file, or two plain texts, line by line",
        )
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
        parser.add_argument("--name", required=True, help="the corpus's name")
        parser.add_argument("--kind", required=True, choices=Corpus.Kind.values)
        parser.add_argument("--source-lang", required=True, help="BCP 47, say en")
        parser.add_argument("--target-lang", help="the same as the source unless told")
        parser.add_argument("--licence", required=True, help="say CC-BY-NC-SA-4.0, or unknown")
        parser.add_argument("--origin", required=True, help="where the texts come from")
        parser.add_argument("--text-origin", required=True, choices=Corpus.TextOrigin.values)
        parser.add_argument("--produced-by", default="", help="what translated or wrote the texts")
        parser.add_argument("--split", default="", choices=Split.values, help="of every row")

    def handle(self, *args: Any, **options: Any) -> None:
        files, kind = options["file"], options["kind"]
        if len(files) > 2 or (len(files) == 2 and kind != Corpus.Kind.PARALLEL):
            raise BadInput("give one file; or, of parallel texts, two: the source, the target")
        card = Card(
            name=options["name"],
            kind=kind,
            source_lang=options["source_lang"],
            target_lang=options["target_lang"] or options["source_lang"],
            licence=options["licence"],
            origin=options["origin"],
            text_origin=options["text_origin"],
            produced_by=options["produced_by"],
        )
        columns = column_map(options["map"])
        with open_examples(files, columns) as file, counting("rows read") as counter:
            loaded = load_corpus(file, card, split=options["split"], progress=counter)
        self.say(f"Corpus {options['name']}: {loaded}")
