"""What a model is given: the person's text in the system's own prompt, by mode."""

from collections.abc import Sequence
from typing import Any

from common.language_registry import find_language, flores_code
from models_app.backends import BACKENDS
from models_app.backends.base import Turn
from models_app.generation import prompt_for
from models_app.models import PlaygroundRequest, Segment, System
from models_app.playground.limits import most_seconds, most_tokens
from models_app.prompting import conversation_of

Mode = PlaygroundRequest.Mode


def settings_of(system: System, request: PlaygroundRequest, *, translates: bool) -> dict[str, Any]:
    """The system's decoding with the person's over it, within the limits."""
    found, asked = dict(system.decoding), dict(request.decoding)
    if (temperature := asked.pop("temperature", None)) is not None:
        found.pop("temperature", None)
        found["do_sample"] = temperature > 0
        if temperature > 0:
            found["temperature"] = temperature
    found |= asked
    found["max_new_tokens"] = min(found.get("max_new_tokens", 128), most_tokens())
    if not found.get("do_sample"):
        for name in ("temperature", "top_p", "top_k"):
            found.pop(name, None)
    if system.backend == "openai_compatible":
        found |= {"retries": 1, "timeout": min(found.get("timeout", 120), most_seconds())}
    if translates and by_codes(system):
        found["src_lang"] = flores_code(request.source_lang)
        found["tgt_lang"] = flores_code(request.target_lang)
    return found


def by_codes(system: System) -> bool:
    """Whether it is told languages by codes, as NLLB is, and not in words."""
    registered = system.template.registered if system.template else ""
    return registered == "nllb" or "tgt_lang" in system.decoding


def check_settings(system: System, request: PlaygroundRequest) -> None:
    """Raises BadInput for what this system's backend cannot use."""
    translates = request.mode == Mode.TRANSLATE
    BACKENDS.get(system.backend).check(settings_of(system, request, translates=translates))


def prompt_of(
    system: System, request: PlaygroundRequest, turns: Sequence[Turn], *, beside: bool
) -> str:
    """The prompt for the request; earlier turns are in it unless they go `beside` it."""
    if request.mode == Mode.TRANSLATE:
        return translation_prompt(system, request, request.text)
    if request.raw:
        return request.text
    asked = prompt_for(system, Segment(source=request.text))
    if beside or not turns:
        return asked
    return conversation_of(system, turns, request.text, asked)


def translation_prompt(system: System, request: PlaygroundRequest, text: str) -> str:
    """The text alone for models that know languages by codes; an instruction for the others."""
    if by_codes(system) or request.raw:
        return text
    wish = f"Translate from {_name(request.source_lang)} to {_name(request.target_lang)}:"
    if system.template and system.template.registered:
        return prompt_for(system, Segment(source=wish, context=text))
    return prompt_for(system, Segment(source=f"{wish}\n\n{text}"))


def _name(tag: str) -> str:
    found = find_language(tag)
    return found.name if found else tag
