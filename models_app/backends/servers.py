"""Model servers an admin has named, and talking to them over HTTP: keys, retries, plain sentences.

NIKASH_MODEL_SERVERS is a list such as `gpu=http://10.0.0.5:8000/v1`; NIKASH_MODEL_KEYS holds keys
by the same names. Systems name a server, never an address, and redirects are not followed: nothing
that a person writes on a page makes this machine call another host.
"""

import email.utils
import http.client
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from time import sleep
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from common.addresses import cut_off_after
from common.errors import BadInput, NikashError
from common.text import storable, visible

AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds
LARGEST_ANSWER = 16 * 1024 * 1024  # bytes, of a stream's lines all together, too
LONGEST_EXCHANGE = 3600.0  # seconds; `timeout` is how long a server may say nothing at all
SHOWN = 300
TOO_LONG = ("context length", "context_length", "maximum context", "too long", "max_model_len")


class ServerProblem(NikashError):
    """A server that does not answer as it should."""


class Busy(ServerProblem):
    """Worth asking again, after `pause` seconds where the server said how many."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


class Server(NamedTuple):
    name: str
    url: str
    key: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path.rstrip("/")

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else None
        return (kind or http.client.HTTPConnection)(parts.netloc, timeout=timeout)

    def says(self, text: str) -> str:
        """What a server said, short, on one line, printable and without the key."""
        text = text.replace(self.key, "***") if self.key else text
        return visible(" ".join(storable(text).split())[:SHOWN])


def _named(variable: str) -> dict[str, str]:
    words = os.environ.get(variable, "").replace(",", " ").split()
    for word in words:
        if "=" not in word.strip("="):
            raise BadInput(f"{variable} must be a list such as name=value, separated by spaces")
    return dict(word.split("=", 1) for word in words)


def server_called(name: str) -> Server:
    """The server of this name, or the only one there is; BadInput names the known ones."""
    servers = _named("NIKASH_MODEL_SERVERS")
    if not servers:
        raise BadInput(
            "no model server is named; let an admin set NIKASH_MODEL_SERVERS, "
            "say gpu=http://10.0.0.5:8000/v1"
        )
    if not name and len(servers) == 1:
        (name,) = servers
    if name not in servers:
        raise BadInput(
            f"there is no model server {name!r}; write server: one of {', '.join(sorted(servers))}"
        )
    _check_address(name, servers[name])
    return Server(name, servers[name], _named("NIKASH_MODEL_KEYS").get(name, ""))


def _check_address(name: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_plain = None
    if not is_plain or not url.isprintable():
        raise BadInput(
            f"the address of the model server {name} must begin with http:// or https:// "
            "and name a server"
        )
    if "@" in parts.netloc:
        raise BadInput(
            f"the address of the model server {name} holds a name or password; "
            "write the key in NIKASH_MODEL_KEYS"
        )


@contextmanager
def asked(
    server: Server, method: str, path: str, body: Mapping[str, Any] | None, timeout: float
) -> Iterator[http.client.HTTPResponse]:
    """The server's answer to one request, if it is a good one. Raises ServerProblem or Busy."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if server.key:
        headers["Authorization"] = f"Bearer {server.key}"
    connection = server.connection(timeout)
    try:
        data = json.dumps(body).encode() if body is not None else None
        with cut_off_after(connection, LONGEST_EXCHANGE):
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(server, response)
            yield response
    except TimeoutError as problem:
        raise Busy(
            f"the model server {server.name} took longer than {timeout:g} seconds; "
            "raise timeout in the decoding settings"
        ) from problem
    except (OSError, http.client.HTTPException) as problem:
        reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise Busy(
            f"the model server {server.name} does not answer ({server.says(reason)}); "
            "is it running?"
        ) from problem
    finally:
        connection.close()


def _refusal(server: Server, response: http.client.HTTPResponse) -> ServerProblem:
    said = server.says(_message(response.read(LARGEST_ANSWER)))
    status = response.status
    if status in (401, 403):
        return ServerProblem(
            f"the model server {server.name} refuses the key ({status}); "
            f"let an admin correct {server.name} in NIKASH_MODEL_KEYS"
        )
    if status == 404:
        return UnknownModel(f"the model server {server.name} does not know it: {said}")
    if status == 400 and any(words in said.lower() for words in TOO_LONG):
        return ServerProblem(
            f"the prompt and its answer are too long for the model ({said}); "
            "lower max_new_tokens or shorten the text"
        )
    sentence = f"the model server {server.name} refuses the request ({status}): {said}"
    if status in AGAIN:
        return Busy(sentence, _pause(response.getheader("Retry-After")))
    return ServerProblem(sentence)


class UnknownModel(ServerProblem):
    """404: no such model, or no such address on this server."""


def _message(body: bytes) -> str:
    """The sentence in an error's body, whichever of the usual shapes it has."""
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    while isinstance(found, dict):
        found = found.get("error") or found.get("message") or found.get("detail") or text
    return found if isinstance(found, str) else text


def _pause(header: str | None) -> float | None:
    """Retry-After in seconds: a number or a date; None where it is neither."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        when = email.utils.parsedate_to_datetime(header).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def with_retries(ask: Callable[[], Any], retries: int) -> Any:
    """What `ask` answers; asked again while the server is busy, each time after a longer pause."""
    for attempt in range(retries + 1):
        try:
            return ask()
        except Busy as problem:
            if attempt == retries:
                raise
            pause = FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5)
            sleep(min(LONGEST_PAUSE, pause if problem.pause is None else problem.pause))


def read_json(server: Server, response: http.client.HTTPResponse) -> Any:
    body = response.read(LARGEST_ANSWER)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as problem:
        said = server.says(body[:SHOWN].decode("utf-8", "replace"))
        raise ServerProblem(
            f"the model server {server.name} answers with something that is not JSON: {said!r}"
        ) from problem


def events(server: Server, response: http.client.HTTPResponse) -> Iterator[Any]:
    """The JSON objects of a stream of server-sent events, up to [DONE]."""
    n_bytes = 0
    while line := response.readline(LARGEST_ANSWER + 1):
        n_bytes += len(line)
        if n_bytes > LARGEST_ANSWER:
            raise ServerProblem(
                f"the model server {server.name} streams more than {LARGEST_ANSWER:,} bytes"
            )
        field, _, data = line.decode("utf-8", "replace").rstrip("\r\n").partition(":")
        if field != "data":
            continue
        if data.strip() == "[DONE]":
            return
        try:
            yield json.loads(data)
        except (ValueError, RecursionError) as problem:
            raise ServerProblem(
                f"the model server {server.name} streams something that is not JSON: "
                f"{server.says(data)!r}"
            ) from problem
    raise Busy(f"the model server {server.name} broke off in the middle of an answer")
