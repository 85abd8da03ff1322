"""manage.py compose_adapters ADAPTER[=WEIGHT] ... --name NEW [--search CORPUS --prompt P]"""

from typing import Any

from common.errors import BadInput
from models_app.corpora.hashing import corpus_named
from models_app.corpora.subsets import in_seeded_order, split_to_draw_from
from models_app.management.cli import NikashCommand, counting
from models_app.management.found import adapter_named
from models_app.models import Adapter
from models_app.training.compose import COMBINATIONS, compose_adapters, search_composition
from models_app.training.made import card_beside


class Command(NikashCommand):
    help = "Make one adapter of several: a weighted sum, its weights given or searched for."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("adapter", nargs="+", metavar="ADAPTER[=WEIGHT]")
        parser.add_argument("--name", required=True, help="of the new adapter")
        parser.add_argument("--combination", default="linear", choices=COMBINATIONS)
        parser.add_argument("--search", metavar="CORPUS", help="search the weights on examples")
        parser.add_argument("--prompt", help="a registered prompt, for --search")
        parser.add_argument("--n-examples", type=int, default=8)
        parser.add_argument("--tries", type=int, default=40)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        weights = _weights(options["adapter"])
        if options["search"]:
            made = self._searched(weights, options)
        else:
            made = compose_adapters(
                {adapter: 1.0 if w is None else w for adapter, w in weights.items()},
                name=options["name"],
                combination=options["combination"],
            )
        self.say(f"Adapter {made} in {made.location}")

    def _searched(self, weights: dict[Adapter, float | None], options: dict[str, Any]) -> Adapter:
        if not options["prompt"]:
            raise BadInput("--search needs --prompt, the registered prompt of the examples")
        if any(weight is not None for weight in weights.values()):
            raise BadInput("--search finds the weights; name the adapters without =WEIGHT")
        if options["n_examples"] < 1 or options["tries"] < 1:
            raise BadInput("--n-examples and --tries must be at least 1")
        corpus = corpus_named(options["search"])
        ordered = in_seeded_order(corpus, seed=options["seed"], split=split_to_draw_from(corpus))
        with counting("tries") as counter:
            made = search_composition(
                list(weights),
                ordered[: options["n_examples"]],
                name=options["name"],
                prompt=options["prompt"],
                combination=options["combination"],
                seed=options["seed"],
                n_tries=options["tries"],
                report=counter,
            )
        found = card_beside(made)["recipe"]["found"]
        parts = zip(weights, found["weights"], strict=True)
        self.say(", ".join(f"{adapter} {weight:.3f}" for adapter, weight in parts))
        return made


def _weights(words: list[str]) -> dict[Adapter, float | None]:
    found: dict[Adapter, float | None] = {}
    for word in words:
        name, equals, weight = word.partition("=")
        adapter = adapter_named(name)
        if adapter in found:
            raise BadInput(f"{name} stands twice; name each adapter once")
        try:
            found[adapter] = float(weight) if equals else None
        except ValueError:
            raise BadInput(f"{word!r} cannot be read; write ADAPTER=WEIGHT, say a=0.5") from None
    return found
