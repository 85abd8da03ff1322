"""The playground at work: several systems answer at once; what they write is stored as it comes."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from common.errors import NikashError
from common.text import storable
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Piece, Request, Turn
from models_app.backends.loaded import forget
from models_app.generation import producer_of
from models_app.jobs import Progress
from models_app.models import PlaygroundAnswer, PlaygroundRequest, System
from models_app.playground import wording
from models_app.playground.limits import WARM_SECONDS, most_seconds

WRITE_EVERY = 0.1  # seconds between two looks for those who watch
Given = Callable[[PlaygroundAnswer, Backend, int], Request]
_cooling: threading.Timer | None = None


def answer(request: PlaygroundRequest, progress: Progress) -> None:
    """The job. A system that cannot answer says why; the others do."""
    answers = list(
        request.answers.select_related("system__checkpoint", "system__adapter", "system__template")
    )
    request.answers.update(text="", translation="", error="", finish_reason="", n_tokens=None)
    deadline = time.monotonic() + most_seconds()
    progress.total(len(answers))
    turns = {item.system_id: turns_before(request, item.system_id) for item in answers}
    translates = request.mode == PlaygroundRequest.Mode.TRANSLATE

    def asked(item: PlaygroundAnswer, backend: Backend, place: int) -> Request:
        before = turns[item.system_id]
        beside = backend.takes_turns(place)
        item.prompt = wording.prompt_of(item.system, request, before, beside=beside)
        return Request(place, item.prompt, before if beside else ())

    for group in _groups(answers):
        writer = _Writer(group, "text", progress, deadline)
        _stream(request, [item.system for item in group], writer, asked, translates=translates)
    if request.mode == PlaygroundRequest.Mode.STACKED:
        _translate(request, [item for item in answers if item.text], progress, deadline)
    _cool_later()
    if all(item.error for item in answers):
        raise NikashError(answers[0].error)


def turns_before(request: PlaygroundRequest, system_id: int) -> tuple[Turn, ...]:
    """What was said to this system before, oldest first."""
    turns: list[Turn] = []
    earlier = request.follows
    while earlier is not None:
        item = earlier.answers.filter(system_id=system_id).first()
        if item is not None:
            turns.append(Turn(earlier.text, item.text))
        earlier = earlier.follows
    return tuple(reversed(turns))


def _groups(answers: Sequence[PlaygroundAnswer]) -> list[list[PlaygroundAnswer]]:
    """Those that one backend serves together: adapters with their base."""
    found: dict[tuple[str, int | None], list[PlaygroundAnswer]] = {}
    for item in answers:
        key = (item.system.backend, item.system.checkpoint_id)
        found.setdefault(key, []).append(item)
    return list(found.values())


def _translate(
    request: PlaygroundRequest,
    answers: list[PlaygroundAnswer],
    progress: Progress,
    deadline: float,
) -> None:
    """All answers by the one translator, at once."""
    translator = request.translator
    if translator is None or not answers:
        return

    def asked(item: PlaygroundAnswer, backend: Backend, place: int) -> Request:
        return Request(place, wording.translation_prompt(translator, request, item.text))

    writer = _Writer(answers, "translation", progress, deadline)
    _stream(request, [translator] * len(answers), writer, asked, translates=True)


def _stream(
    request: PlaygroundRequest,
    systems: Sequence[System],
    writer: "_Writer",
    asked: Given,
    *,
    translates: bool,
) -> None:
    try:
        backend = _backend(request, systems, translates=translates)
        requests = [asked(item, backend, place) for place, item in enumerate(writer.answers)]
        with closing(backend.stream(requests)) as pieces:
            for piece in pieces:
                if not writer.take(piece):
                    break
        writer.finish()
    except NikashError as problem:
        writer.fail(problem.message)


def _backend(request: PlaygroundRequest, systems: Sequence[System], *, translates: bool) -> Backend:
    producers = [
        dataclasses.replace(
            producer_of(system),
            decoding=wording.settings_of(system, request, translates=translates),
        )
        for system in systems
    ]
    return BACKENDS.get(systems[0].backend)(producers)


class _Writer:
    """Puts pieces into one field of the answers' rows, a few times a second."""

    def __init__(
        self,
        answers: list[PlaygroundAnswer],
        field: str,
        progress: Progress,
        deadline: float,
    ) -> None:
        self.answers, self.field, self.progress = answers, field, progress
        self.deadline, self.started = deadline, time.monotonic()
        self.changed: set[int] = set()
        self.written_at = 0.0
        self.open = set(range(len(answers)))

    def take(self, piece: Piece) -> bool:
        """False once the time is up."""
        item = self.answers[piece.place]
        setattr(item, self.field, getattr(item, self.field) + storable(piece.text))
        if self.field == "text":
            item.n_tokens = piece.n_tokens
        if piece.finish_reason:
            self._close(piece.place, piece.finish_reason)
        self.changed.add(piece.place)
        if time.monotonic() - self.written_at >= WRITE_EVERY:
            self.write()
        return time.monotonic() < self.deadline

    def _close(self, place: int, reason: str) -> None:
        item = self.answers[place]
        self.open.discard(place)
        item.seconds = (item.seconds or 0.0) + time.monotonic() - self.started
        item.finish_reason = reason if item.finish_reason in ("", "stop") else item.finish_reason
        self.changed.add(place)
        if self.field == "text":
            self.progress.advance()

    def write(self) -> None:
        for item in self._changed():
            item.save(
                update_fields=[
                    self.field, "prompt", "n_tokens", "seconds", "finish_reason", "error",
                ]
            )  # fmt: skip
        self.written_at = time.monotonic()
        self.progress.advance(0)  # looks for the cancel button too

    def _changed(self) -> Iterator[PlaygroundAnswer]:
        places, self.changed = sorted(self.changed), set()
        return (self.answers[place] for place in places)

    def finish(self) -> None:
        for place in sorted(self.open):
            self._close(place, "time")
        self.write()

    def fail(self, sentence: str) -> None:
        for place, item in enumerate(self.answers):
            item.error = sentence
            self.changed.add(place)
        self.write()


def _cool_later() -> None:
    """Give the models' memory back once nobody has asked for a while."""
    global _cooling
    if _cooling is not None:
        _cooling.cancel()
    _cooling = threading.Timer(WARM_SECONDS, forget)
    _cooling.daemon = True
    _cooling.start()
