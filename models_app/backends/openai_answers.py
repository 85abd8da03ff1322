"""What a server that speaks OpenAI's protocol answers: whole, or in pieces."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from common.text import storable
from models_app.backends.base import Piece
from models_app.backends.servers import ServerProblem


def choice(server: str, answer: Any, part: str) -> tuple[str, str]:
    """The text and why it ended; completions have it as `text`, chats in `part`."""
    try:
        choice = answer["choices"][0]
        text = choice["text"] if "text" in choice else choice[part].get("content")
        reason = choice.get("finish_reason")
    except (TypeError, KeyError, IndexError, AttributeError) as problem:
        raise ServerProblem(f"the model server {server} answers without a text") from problem
    if not isinstance(text, str | None):
        raise ServerProblem(f"the model server {server} answers without a text")
    return storable(text or ""), storable(str(reason or "")[:20])


def n_tokens_of(answer: Mapping[str, Any]) -> int | None:
    usage = answer.get("usage")
    found = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return found if isinstance(found, int) and 0 <= found < 2**31 else None


def read_pieces(place: int, server: str, found: Iterable[Any]) -> Iterator[Piece]:
    """Pieces of a stream; spaces and line breaks around the answer are left out."""
    held, begun, reason, n_tokens = "", False, "", None
    for event in found:
        if isinstance(event, dict):
            n_tokens = n_tokens_of(event) or n_tokens
            if not event.get("choices") and "error" not in event:
                continue  # the last one tells only how many tokens there were
        text, why = choice(server, event, "delta")
        reason = why or reason
        text = held + text if begun else (held + text).lstrip()
        kept = text.rstrip()
        held = text[len(kept) :]
        begun = begun or bool(kept)
        if kept:
            yield Piece(place, kept, n_tokens)
    yield Piece(place, "", n_tokens, reason or "stop")
