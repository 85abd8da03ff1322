"""Gemma's turns, written out: the same for its base models, whose tokenisers have no template."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked, Prompt

START, END = "<start_of_turn>", "<end_of_turn>"


@PROMPTS.register("gemma")
class Gemma(Prompt):
    label = _("Gemma's turns")
    source = "Gemma model card, chat template"
    pattern = f"{START}user\n{{instruction}}\n\n{{input}}{END}\n{START}model\n{{output}}{END}"

    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        return f"{START}user\n{asked.whole.strip()}{END}\n{START}model\n"

    def answer(self, asked: Asked, output: str, tokenizer: Any = None) -> str:
        return f"{output.strip()}{END}\n"
