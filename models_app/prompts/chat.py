"""The chat template that a checkpoint's tokeniser brings."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import BadInput
from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked, Prompt


@PROMPTS.register("chat")
class Chat(Prompt):
    label = _("the tokeniser's own chat template")
    source = "the checkpoint"
    pattern = "chat template of the tokeniser: user: {instruction} {input}, then the model's turn"
    needs_tokenizer = True

    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        return self._written([("user", asked.whole)], tokenizer, ask=True)

    def answer(self, asked: Asked, output: str, tokenizer: Any = None) -> str:
        prompt = self.render(asked, tokenizer)
        turns = [("user", asked.whole), ("assistant", output)]
        whole = self._written(turns, tokenizer, ask=False)
        if not whole.startswith(prompt):
            raise BadInput(
                "the tokeniser's chat template writes an asked question otherwise than an answered "
                "one; use another prompt"
            )
        return whole.removeprefix(prompt)

    def conversation(
        self, before: Sequence[tuple[Asked, str]], asked: Asked, tokenizer: Any = None
    ) -> str:
        turns = []
        for question, output in before:
            turns += [("user", question.whole), ("assistant", output)]
        return self._written([*turns, ("user", asked.whole)], tokenizer, ask=True)

    def _written(self, turns: list[tuple[str, str]], tokenizer: Any, *, ask: bool) -> str:
        if tokenizer is None or not getattr(tokenizer, "chat_template", None):
            raise BadInput("the checkpoint's tokeniser has no chat template; use another prompt")
        messages = [{"role": role, "content": text} for role, text in turns]
        try:
            text = tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=ask
            )
        except Exception as problem:  # whatever a template of somebody else's raises
            raise BadInput(f"the tokeniser's chat template cannot be used: {problem}") from problem
        return str(text).removeprefix(tokenizer.bos_token or "")
