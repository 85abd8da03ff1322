"""manage.py split_corpus NAME --seed 1 [--train 90 --valid 5 --test 5]"""

from typing import Any

from models_app.corpora.hashing import corpus_named
from models_app.corpora.splitting import split_corpus
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Split a corpus into train, valid and test, alike texts together."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--seed", type=int, required=True)
        parser.add_argument("--train", type=float, default=90, help="percent")
        parser.add_argument("--valid", type=float, default=5, help="percent")
        parser.add_argument("--test", type=float, default=5, help="percent")
        parser.add_argument(
            "--near", type=float, help="keep questions and sources at least this similar together"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["name"])
        percent = {split: options[split] for split in ("train", "valid", "test")}
        counts = split_corpus(corpus, seed=options["seed"], percent=percent, near=options["near"])
        told = ", ".join(f"{n} {split}" for split, n in counts.items())
        self.say(f"Corpus {corpus}: {told}")
