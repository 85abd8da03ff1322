"""Registered prompts where they are used: rows, systems and examples."""

from collections.abc import Sequence
from typing import Any

from common.errors import BadInput
from models_app.backends.base import Turn
from models_app.corpora.tokens import load_tokenizer
from models_app.models import Checkpoint, Example, PromptTemplate, Segment, System
from models_app.prompts import PROMPTS
from models_app.prompts.base import Asked, Prompt


def prompt_called(name: str) -> Prompt:
    """The registered prompt; BadInput, naming the known ones, if there is none."""
    try:
        return PROMPTS.get(name)()
    except LookupError as problem:
        raise BadInput(str(problem)) from problem


def registered_template(name: str) -> PromptTemplate:
    """The row by which systems use a registered prompt, made when first asked for."""
    pattern = prompt_called(name).pattern
    found = PromptTemplate.objects.filter(registered=name, text=pattern).first()
    if found is None:
        row = f"{name} (registered)"
        n = PromptTemplate.objects.filter(name__startswith=row).count()
        found = PromptTemplate.objects.create(
            name=f"{row} {n + 1}" if n else row, text=pattern, registered=name
        )
    return found


def check_prompt(
    template: PromptTemplate | None, checkpoint: Checkpoint | None, decoding: dict[str, Any]
) -> dict[str, Any]:
    """Decoding settings as the template's prompt needs them; raises BadInput."""
    if template is None or not template.registered:
        return decoding
    prompt = prompt_called(template.registered)
    if prompt.needs_tokenizer:
        if checkpoint is None:
            raise BadInput(f"the prompt {template.registered} needs a checkpoint; choose one")
        prompt.render(Asked("?"), load_tokenizer(checkpoint))
    return prompt.decoding(decoding)


def rendered_segment(system: System, segment: Segment) -> str:
    """A segment as the system's registered prompt writes it; its context is the input."""
    assert system.template is not None
    prompt = prompt_called(system.template.registered)
    return prompt.render(Asked(segment.source, segment.context), _tokenizer(prompt, system))


def conversation_of(system: System, turns: Sequence[Turn], question: str, asked: str) -> str:
    """Earlier turns, each as the system's prompt has it, and then what is `asked`."""
    template = system.template
    if template is not None and template.registered:
        prompt = prompt_called(template.registered)
        before = [(Asked(turn.question), turn.answer) for turn in turns]
        return prompt.conversation(before, Asked(question), _tokenizer(prompt, system))
    text = template.text if template is not None else "{source}"
    parts = [f"{text.replace('{source}', turn.question)}{turn.answer}" for turn in turns]
    return "\n\n".join([*parts, asked])


def prompt_and_answer(prompt: Prompt, example: Example, tokenizer: Any = None) -> tuple[str, str]:
    """What a model is shown of an example in training, and what it is to write."""
    asked = Asked(example.instruction, example.input)
    return prompt.render(asked, tokenizer), prompt.answer(asked, example.output, tokenizer)


def _tokenizer(prompt: Prompt, system: System) -> Any:
    if not prompt.needs_tokenizer:
        return None
    if system.checkpoint is None:
        raise BadInput(f"the system {system.name!r} has no checkpoint; choose one")
    return load_tokenizer(system.checkpoint)
