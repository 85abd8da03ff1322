"""A wish becomes a request: looked at, within the limits, its systems in a hidden order."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import BadInput, Conflict, NikashError
from common.language_registry import language
from common.problems import shown
from models_app.backends.decoding import RULES, Rule, whole
from models_app.jobs import enqueue
from models_app.models import PlaygroundAnswer, PlaygroundRequest, System
from models_app.playground import limits, wording

Mode = PlaygroundRequest.Mode
CODED = (Mode.TRANSLATE, Mode.STACKED)


class Full(NikashError):
    """The site's playground has as many requests as it may; later there is room again."""


def ask(
    *,
    user: Any,
    text: str,
    systems: Sequence[System] = (),
    mode: str = Mode.PROMPT,
    raw: bool = False,
    source_lang: str = "",
    target_lang: str = "",
    translator: System | None = None,
    decoding: Mapping[str, Any] | None = None,
    blind: bool = False,
    follows: PlaygroundRequest | None = None,
) -> PlaygroundRequest:
    """Queue a request. A chat's next turn keeps systems, order and blindness of the one before.

    Raises BadInput for what cannot be asked, Conflict while the person's last request is not
    finished, Full while the site has too many.
    """
    _check_text(text)
    if follows is not None:
        _check_turn(follows)
        mode, blind = Mode.CHAT, follows.blind
        systems = [item.system for item in follows.answers.select_related("system")]
    elif blind:
        systems = random.SystemRandom().sample(list(systems), len(systems))
    request = PlaygroundRequest(
        created_by=user, text=text, mode=mode, raw=raw, blind=blind, follows=follows,
        source_lang=source_lang, target_lang=target_lang, translator=translator,
        decoding=checked_decoding(decoding or {}), n_total=len(systems),
    )  # fmt: skip
    _check_mode(request)
    _check_systems(request, systems)
    return _queued(request, systems)


def _check_text(text: str) -> None:
    if not text.strip():
        raise BadInput("the text is empty; write what the systems are to answer")
    if len(text) > limits.MOST_CHARACTERS:
        raise BadInput(
            f"the text has {len(text)} characters; write {limits.MOST_CHARACTERS} at most"
        )
    if "\0" in text:
        raise BadInput("the text has a NUL character; leave it out")


def _check_turn(follows: PlaygroundRequest) -> None:
    if follows.mode != Mode.CHAT or follows.state != PlaygroundRequest.State.DONE:
        raise BadInput(f"request {follows.pk} is no finished turn of a chat; begin a new one")
    n, before = 1, follows.follows
    while before is not None:
        n, before = n + 1, before.follows
    if n >= limits.MOST_TURNS:
        raise BadInput(f"a chat has {limits.MOST_TURNS} turns at most; begin a new one")


def checked_decoding(decoding: Mapping[str, Any]) -> dict[str, Any]:
    """The settings a person may change here; BadInput for others and for impossible values."""
    rules = {name: RULES[name] for name in ("top_p", "top_k", "repetition_penalty", "seed")}
    rules["max_new_tokens"] = whole(1, limits.most_tokens())
    rules["temperature"] = Rule(
        lambda value: type(value) in (int, float) and 0 <= value <= 2,
        "a number from 0 (no chance) to 2",
    )
    for name, value in decoding.items():
        if name not in rules:
            raise BadInput(f"no decoding setting {shown(name)} here; known: {', '.join(rules)}")
        if not rules[name].fits(value):
            raise BadInput(f"{name} is {shown(value)}; write {rules[name].wanted}")
    return dict(decoding)


def _check_mode(request: PlaygroundRequest) -> None:
    if request.mode not in Mode.values:
        raise BadInput(f"no mode {shown(request.mode)}; write one of {', '.join(Mode.values)}")
    for name in ("source_lang", "target_lang"):
        value = getattr(request, name)
        if value:
            setattr(request, name, language(value).tag)
        elif request.mode in CODED:
            raise BadInput(f"{name} is empty; to translate, write both languages, such as mr")
    if (request.translator is None) == (request.mode == Mode.STACKED):
        raise BadInput("the mode stacked, and only it, needs a translator: a system")


def _check_systems(request: PlaygroundRequest, systems: Sequence[System]) -> None:
    most = limits.MOST_SYSTEMS
    if not 1 <= len(systems) <= most or len({system.pk for system in systems}) < len(systems):
        raise BadInput(f"choose 1 to {most} different systems")
    if request.blind and len(systems) < 2:
        raise BadInput("blind, there must be two systems at least to choose between")
    for system in [*systems, *([request.translator] if request.translator else [])]:
        if system.kind != System.Kind.MODEL:
            raise BadInput(f"{system.name!r} does not generate here; choose another system")
    for system in systems:
        wording.check_settings(system, request)


def _queued(request: PlaygroundRequest, systems: Sequence[System]) -> PlaygroundRequest:
    _forget_old(request.created_by)
    if PlaygroundRequest.objects.unfinished().count() >= limits.most_waiting():
        raise Full("many people are asking just now; try again in a minute")
    try:
        with transaction.atomic():
            request.save()
            PlaygroundAnswer.objects.bulk_create(
                PlaygroundAnswer(request=request, system=system, place=place)
                for place, system in enumerate(systems)
            )
            enqueue(request)
    except IntegrityError as problem:
        raise Conflict("your last request is not finished; wait for it or cancel it") from problem
    return request


def _forget_old(user: Any) -> None:
    """What was asked long ago and not voted on is nobody's business any more."""
    PlaygroundRequest.objects.of(user).filter(
        vote=None,
        queued_at__lt=timezone.now() - timedelta(days=limits.KEEP_DAYS),
    ).exclude(pk__in=PlaygroundRequest.objects.unfinished()).delete()
