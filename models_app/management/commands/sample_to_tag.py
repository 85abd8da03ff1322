"""manage.py sample_to_tag --corpus NAME | --dataset NAME --name NEW --size 100 --seed 1"""

from typing import Any

from models_app.corpora.hashing import corpus_named
from models_app.corpora.tagging import sample_to_tag
from models_app.loading.common import dataset_named
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Draw translated texts with their sources, for people to tag traces of translation."

    def add_arguments(self, parser: Any) -> None:
        made = parser.add_mutually_exclusive_group(required=True)
        made.add_argument("--corpus", help="parallel texts, or translated here")
        made.add_argument("--dataset", help="translated here")
        parser.add_argument("--name", required=True, help="of the new dataset and its system")
        parser.add_argument("--size", type=int, default=100)
        parser.add_argument("--seed", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        corpus, name = options["corpus"], options["dataset"]
        dataset = sample_to_tag(
            corpus_named(corpus) if corpus else dataset_named(name),
            name=options["name"],
            size=options["size"],
            seed=options["seed"],
        )
        self.say(f"Dataset {dataset}: {dataset.segments.count()} texts, with a system of its name")
