"""What the playground may use, so that it cannot starve the site's jobs."""

import os

from common.errors import BadInput

QUEUE = "playground"  # a worker of its own takes these; one who makes jobs never does
MOST_SYSTEMS = 4
MOST_CHARACTERS = 8000
MOST_TURNS = 20
KEEP_DAYS = 30  # requests without a vote are forgotten after that
NO_WORKER_SECONDS = 60.0
WARM_SECONDS = 600.0  # how long a model stays in memory after an answer


def _whole(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdigit() or int(text) < 1:
        raise BadInput(f"{name} is {text!r}; let an admin write a whole number, say {default}")
    return int(text)


def most_tokens() -> int:
    """New tokens of one answer."""
    return _whole("NIKASH_PLAYGROUND_TOKENS", 512)


def most_seconds() -> int:
    """Wall clock of one request."""
    return _whole("NIKASH_PLAYGROUND_SECONDS", 120)


def most_waiting() -> int:
    """Requests of all people that wait or run."""
    return _whole("NIKASH_PLAYGROUND_WAITING", 8)
