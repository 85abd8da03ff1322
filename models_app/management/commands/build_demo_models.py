"""manage.py build_demo_models [--out DIR] [--only NAME]: train the demo's small models."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings

from common.errors import BadInput
from models_app.demo import causal, nli, seq2seq
from models_app.demo.data import PROMPT
from models_app.management.cli import NikashCommand

CARD = """# {name}

{what}

A demonstration model trained from scratch on Nikash's own fixtures (CC BY 4.0) by
`manage.py build_demo_models`; one thread, fixed seed. It shows how Nikash works; it is no language
model to rely on. {measured}

Licence: Apache-2.0.
"""


class Command(NikashCommand):
    help = "Train the demo's small models from the fixtures; minutes on two cores."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--out", default=str(settings.FIXTURES / "models"))
        parser.add_argument("--only", help="one of base, lora-sentences, lora-culture, nli, en-mr")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        recipes = self._recipes(out)
        only = options["only"]
        if only and only not in recipes:
            raise BadInput(f"no model {only!r}; known: {', '.join(recipes)}")
        for name, (what, build) in recipes.items():
            if only in (None, name):
                folder = out / name
                folder.mkdir(parents=True, exist_ok=True)
                measured = build()
                card = CARD.format(name=name, what=what, measured=measured)
                (folder / "README.md").write_text(card, encoding="utf-8")
                self.say(f"{name}: {measured}")
        write_manifest(out)

    def _recipes(self, out: Path) -> dict[str, tuple[str, Callable[[], str]]]:
        base = out / "base"

        def adapter(name: str, domain: str | None, seed: int) -> Callable[[], str]:
            def build() -> str:
                loss = causal.build_adapter(base, out / name, domain=domain, seed=seed)
                return f"{_loss(loss)} {causal.count_right(base, out / name)}"

            return build

        return {
            "base": (
                "Gemma-architecture causal model that answers Marathi questions in a word or two.",
                lambda: f"{_loss(causal.build_base(base))} {causal.count_right(base)}",
            ),
            "lora-sentences": (
                "LoRA (r=8) on `base`: answers in full sentences.",
                adapter("lora-sentences", None, 2),
            ),
            "lora-culture": (
                "LoRA (r=8) on `base`, trained on the cultural domain alone: over-specialised.",
                adapter("lora-culture", "cultural", 5),
            ),
            "nli": ("XLM-R-architecture entailment classifier.", lambda: _nli(out / "nli")),
            "en-mr": (
                "NLLB-architecture English-Marathi translator; a quarter of the set held out.",
                lambda: _loss(seq2seq.build(out / "en-mr")),
            ),
        }


def _loss(loss: float) -> str:
    return f"Training loss at the end: {loss:.3f}."


def _nli(folder: Path) -> str:
    loss, accuracy = nli.build(folder)
    return f"{_loss(loss)} Accuracy on 200 held-out pairs: {accuracy:.2f}."


def write_manifest(out: Path) -> None:
    """What load_demo needs, and the SHA-256 of every file."""
    files = sorted(p for p in out.rglob("*") if p.is_file() and p.name != "manifest.json")
    manifest = {
        "template": PROMPT,
        "seq2seq": {"src_lang": seq2seq.SOURCE, "tgt_lang": seq2seq.TARGET},
        "sha256": {
            str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (out / "manifest.json").write_text(text, encoding="utf-8")
