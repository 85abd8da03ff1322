"""The demo's models, as the tests of the models room use them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.backends.base import Generation, Producer, Request, Weights
from models_app.backends.huggingface import HuggingFace
from models_app.checkpoints import register_checkpoint
from models_app.demo.data import PROMPT, rows
from models_app.models import Checkpoint

MODELS = settings.FIXTURES / "models"
QUESTIONS = [PROMPT.replace("{source}", row["source"]) for row in rows("questions/mr150.jsonl")]
SHORT = {"max_new_tokens": 40}
LANGUAGES = {"src_lang": "eng_Latn", "tgt_lang": "mar_Deva", "max_new_tokens": 48}


def weights(name: str | Path) -> Weights:
    return Weights(str(MODELS / name))


def causal(adapter: str | Path | None = None, **decoding: object) -> Producer:
    put = weights(adapter) if adapter else None
    return Producer(str(adapter), weights("base"), adapter=put, decoding={**SHORT, **decoding})


def translator(**decoding: object) -> Producer:
    return Producer("en-mr", weights("en-mr"), "seq2seq", decoding={**LANGUAGES, **decoding})


def answers(producer: Producer, prompts: Sequence[str]) -> list[Generation]:
    return HuggingFace([producer]).generate([Request(0, prompt) for prompt in prompts])


def copy(name: str, to: Path) -> Path:
    return Path(shutil.copytree(MODELS / name, to / name))


def registered(name: str = "base", folder: Path = MODELS) -> Checkpoint:
    kind = {"en-mr": "seq2seq", "nli": "classifier"}.get(name, "causal")
    return register_checkpoint(name=name, location=str(folder / name), architecture=kind)
