"""manage.py subset_corpus NAME [NAME ...] --sizes 16,64,256 --seed 1"""

from typing import Any

from common.errors import BadInput
from models_app.corpora.hashing import corpus_named
from models_app.corpora.subsets import make_subsets, matched_size
from models_app.management.cli import NikashCommand
from models_app.models import Split


class Command(NikashCommand):
    help = "Draw nested subsets: each smaller one lies within the larger."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", nargs="+")
        parser.add_argument("--seed", type=int, required=True)
        sizes = parser.add_mutually_exclusive_group(required=True)
        sizes.add_argument("--sizes", help="numbers of examples, separated by commas")
        sizes.add_argument(
            "--match", action="store_true", help="of each corpus as many as the smallest has"
        )
        parser.add_argument("--split", choices=Split.values, help="train unless told")
        parser.add_argument(
            "--per-language", action="store_true", help="so many of each language of the outputs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        corpora = [corpus_named(name) for name in dict.fromkeys(options["name"])]
        if options["match"] and (len(corpora) < 2 or options["per_language"]):
            raise BadInput("--match compares several corpora as a whole; name at least two")
        split = options["split"]
        sizes = [matched_size(corpora, split)] if options["match"] else _sizes(options["sizes"])
        for corpus in corpora:
            subsets = make_subsets(
                corpus,
                sizes=sizes,
                seed=options["seed"],
                split=split,
                per_language=options["per_language"],
            )
            for subset in subsets:
                self.say(f"{subset}: {subset.n_examples} examples, {subset.content_hash[:12]}")


def _sizes(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise BadInput(f"--sizes {text!r} cannot be read; write numbers, say 16,64,256") from None
