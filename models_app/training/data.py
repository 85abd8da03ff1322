"""Examples as tokens: what is shown, and what the loss is counted on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import BadInput
from common.language_registry import find_language
from models_app.corpora.subsets import split_to_draw_from, subset_examples
from models_app.models import Checkpoint, Example, Split, TrainingRun
from models_app.prompting import prompt_and_answer, prompt_called
from models_app.prompts.base import Prompt
from models_app.training.settings import TrainingSettings
from models_app.training.weights import n_positions, tokenizer_for

IGNORED = -100  # the label that the loss passes over
Encoded = dict[str, list[int]]


@dataclass
class Cut:
    """How many prompts and answers were longer than the limits; the longest, in tokens."""

    examples: int = 0
    prompts: int = 0
    answers: int = 0
    longest_prompt: int = 0
    longest_answer: int = 0

    def note(self, prompt: int, answer: int, kept_prompt: int, kept_answer: int) -> None:
        self.examples += 1
        self.prompts += kept_prompt < prompt
        self.answers += kept_answer < answer
        self.longest_prompt = max(self.longest_prompt, prompt)
        self.longest_answer = max(self.longest_answer, answer)


def training_examples(run: TrainingRun) -> list[Example]:
    """The subset in its order, or the training split in the corpus's order. Raises BadInput."""
    if run.subset is not None:
        return subset_examples(run.subset)
    split = split_to_draw_from(run.corpus)
    return list(run.corpus.examples.filter(split=split).order_by("position"))


def valid_examples(run: TrainingRun) -> list[Example]:
    return list(run.corpus.examples.filter(split=Split.VALID).order_by("position"))


class Encoder:
    """Examples as a model is given them.

    A causal prompt that is too long loses its beginning (its end leads to the answer), a source
    its end. An answer that is too long loses its end, and with it the token that says it ends.
    The loss is on the answer and its end only.
    """

    def __init__(
        self,
        tokenizer: Any,
        prompt: Prompt,
        settings: TrainingSettings,
        *,
        seq2seq: bool,
        positions: int | None,
    ) -> None:
        self.tokenizer, self.prompt, self.seq2seq = tokenizer, prompt, seq2seq
        self.max_prompt, self.max_answer = settings.max_prompt_tokens, settings.max_answer_tokens
        self.positions = positions or self.max_prompt + self.max_answer

    def texts(self, example: Example) -> tuple[str, str]:
        return prompt_and_answer(self.prompt, example, self.tokenizer)

    def encode(self, examples: Sequence[Example]) -> tuple[list[Encoded], Cut]:
        """Tokens and labels, and what did not fit."""
        encode, cut = self._pair if self.seq2seq else self._row, Cut()
        return [encode(example, cut) for example in examples], cut

    def longest_answer(self, examples: Sequence[Example]) -> int:
        """How many tokens a generated answer may have: twice the longest reference and some."""
        longest = max(len(self._answer(example)) for example in examples)
        return min(self.max_answer, self.positions, 2 * longest + 8)

    def shown(self, example: Example) -> list[int]:
        """The tokens of the prompt alone, as they are when an answer is generated."""
        if self.seq2seq:
            return self._pair(example, Cut())["input_ids"]
        ids = self.tokenizer(self.texts(example)[0])["input_ids"]
        return self._end_of(ids, min(self.max_prompt, self.positions // 2))

    def _row(self, example: Example, cut: Cut) -> Encoded:
        prompt = self.tokenizer(self.texts(example)[0])["input_ids"]
        answer = self._answer(example)
        kept = answer[: min(self.max_answer, self.positions // 2)]
        shown = self._end_of(prompt, min(self.max_prompt, self.positions - len(kept)))
        cut.note(len(prompt), len(answer), len(shown), len(kept))
        return {"input_ids": shown + kept, "labels": [IGNORED] * len(shown) + kept}

    def _answer(self, example: Example) -> list[int]:
        text = self.texts(example)[1]
        if self.seq2seq:
            speak(self.tokenizer, example)
            return list(self.tokenizer(text_target=text)["input_ids"])
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*ids, self.tokenizer.eos_token_id]

    def _end_of(self, ids: list[int], limit: int) -> list[int]:
        """The last `limit` tokens, after the one that begins a text, if there is one."""
        if len(ids) <= limit:
            return list(ids)
        if ids[0] == self.tokenizer.bos_token_id:
            return [ids[0], *ids[len(ids) - limit + 1 :]]
        return list(ids[-limit:])

    def _pair(self, example: Example, cut: Cut) -> Encoded:
        speak(self.tokenizer, example)
        source = self.tokenizer(self.texts(example)[0])["input_ids"]
        target = self._answer(example)
        limit = min(self.max_prompt, self.positions)
        shown = source if len(source) <= limit else [*source[: limit - 1], source[-1]]
        kept = target[: min(self.max_answer, self.positions)]
        cut.note(len(source), len(target), len(shown), len(kept))
        return {"input_ids": shown, "labels": kept}


def encoder_for(checkpoint: Checkpoint, prompt: str, settings: TrainingSettings) -> Encoder:
    """The encoder of examples for a checkpoint, with a registered prompt. Raises NikashError."""
    return Encoder(
        tokenizer_for(checkpoint),
        prompt_called(prompt),
        settings,
        seq2seq=checkpoint.architecture == Checkpoint.Architecture.SEQ2SEQ,
        positions=n_positions(checkpoint),
    )


def speak(tokenizer: Any, example: Example) -> None:
    """Set the languages of a tokeniser that has language codes to those of an example."""
    if hasattr(tokenizer, "src_lang"):
        tokenizer.src_lang = language_code(tokenizer, example.source_lang)
        tokenizer.tgt_lang = language_code(tokenizer, example.target_lang)


def language_code(tokenizer: Any, tag: str) -> str:
    """By which code a tokeniser knows a language: FLORES's (NLLB) or the tag itself (M2M-100)."""
    found = find_language(tag)
    codes = [code for code in (found and found.flores, found and found.tag, tag) if code]
    for code in codes:
        if tokenizer.convert_tokens_to_ids(code) not in (None, tokenizer.unk_token_id):
            return code
    raise BadInput(f"the model's tokeniser has no code for the language {tag}; choose another")


def collator(tokenizer: Any, *, seq2seq: bool) -> Callable[[list[Encoded]], dict[str, Any]]:
    """Rows as one batch, padded on the right; padding is neither seen nor counted."""
    import torch

    pad = tokenizer.pad_token_id

    def filled(rows: list[list[int]], with_: int) -> Any:
        width = max(map(len, rows))
        return torch.tensor([row + [with_] * (width - len(row)) for row in rows])

    def collate(batch: list[Encoded]) -> dict[str, Any]:
        ids = [row["input_ids"] for row in batch]
        return {
            "input_ids": filled(ids, pad),
            "attention_mask": filled([[1] * len(row) for row in ids], 0),
            "labels": filled([row["labels"] for row in batch], IGNORED),
        }

    return collate
