"""manage.py mix_corpora --name NEW --part NAME=WEIGHT ... --budget 100000 --unit tokens --seed 1"""

from typing import Any

from common.errors import BadInput
from models_app.corpora.hashing import corpus_named
from models_app.corpora.mixing import UNITS, mix_corpora
from models_app.management.cli import NikashCommand
from models_app.management.found import checkpoint_named


class Command(NikashCommand):
    help = "Mix corpora of one kind to a budget, with a share of English."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--name", required=True, help="of the new corpus")
        parser.add_argument(
            "--part", action="append", required=True, metavar="NAME=WEIGHT", help="may be repeated"
        )
        parser.add_argument("--budget", type=int, required=True)
        parser.add_argument("--unit", choices=UNITS, required=True)
        parser.add_argument("--checkpoint", help="whose tokeniser counts tokens")
        parser.add_argument("--english", metavar="NAME", help="the corpus in English")
        parser.add_argument("--english-share", type=float, default=0.0, help="0 to 1")
        parser.add_argument("--seed", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        weights = {}
        for text in options["part"]:
            name, _, weight = text.rpartition("=")
            try:
                weights[corpus_named(name)] = float(weight)
            except ValueError:
                raise BadInput(f"--part {text!r} cannot be read; write NAME=WEIGHT") from None
        mixed = mix_corpora(
            options["name"],
            weights,
            budget=options["budget"],
            unit=options["unit"],
            seed=options["seed"],
            english=corpus_named(options["english"]) if options["english"] else None,
            english_share=options["english_share"],
            checkpoint=checkpoint_named(options["checkpoint"]) if options["checkpoint"] else None,
        )
        for part in mixed.recipe["parts"]:
            self.say(
                f"{part['corpus']}: {part['n_examples']} examples, "
                f"{part['n_units']} {mixed.recipe['unit']}"
            )
        self.say(f"Corpus {mixed}: {mixed.n_examples} examples under {mixed.licence}")
