"""What a registered prompt does, in training and in generation alike. No Django here."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from common.errors import BadInput


class Asked(NamedTuple):
    """What is asked: an instruction, and what it is about; either may be empty."""

    instruction: str = ""
    input: str = ""

    @property
    def whole(self) -> str:
        """Both as one text, an empty line between them."""
        return "\n\n".join(part for part in self if part)


class Prompt(ABC):
    """Subclasses say what they write; a tokeniser is given where `needs_tokenizer`."""

    label: ClassVar[str]
    pattern: ClassVar[str]  # what it writes, for people and for the hash in run cards
    source: ClassVar[str]  # where the pattern comes from
    needs_tokenizer: ClassVar[bool] = False

    @abstractmethod
    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        """The prompt, without a BOS token: tokenisers put one themselves. Raises BadInput."""

    def answer(self, asked: Asked, output: str, tokenizer: Any = None) -> str:
        """What follows the prompt in training, without an EOS token."""
        return output

    def conversation(
        self, before: Sequence[tuple[Asked, str]], asked: Asked, tokenizer: Any = None
    ) -> str:
        """The prompt after earlier questions and their answers, each written as in training."""
        text = ""
        for question, output in before:
            text += self.render(question, tokenizer) + self.answer(question, output, tokenizer)
            text += "" if text.endswith("\n") else "\n\n"
        return text + self.render(asked, tokenizer)

    def decoding(self, decoding: Mapping[str, Any]) -> dict[str, Any]:
        """Decoding settings as the model needs them; raises BadInput for what it cannot use."""
        return dict(decoding)


class TwoForms(Prompt):
    """One text with an input, another without; an input alone stands where instructions do."""

    with_input: ClassVar[str]
    without_input: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.pattern = f"{cls.with_input}\n\n--- without input:\n\n{cls.without_input}"

    def render(self, asked: Asked, tokenizer: Any = None) -> str:
        if not asked.whole:
            raise BadInput("there is nothing to ask: instruction and input are empty")
        if not (asked.instruction and asked.input):
            return self.without_input.replace("{instruction}", asked.whole)
        before, middle, after = _cut(self.with_input)
        return f"{before}{asked.instruction}{middle}{asked.input}{after}"


def _cut(text: str) -> tuple[str, str, str]:
    """A pattern around its two blanks: what is filled in may itself hold braces."""
    before, rest = text.split("{instruction}")
    middle, after = rest.split("{input}")
    return before, middle, after
