"""Annotators who save without a pause and keep what was not acknowledged, as their pages do."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
import uuid
from collections import Counter
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

WAIT = 0.3  # seconds before an answer is sent again
GONE = (OSError, http.client.HTTPException)


class Told(NamedTuple):
    """What the site said instead of an acknowledgement; status 0 where it said nothing."""

    at: float
    status: int
    code: str
    message: str
    has_retry_after: bool


class Crowd:
    """People with a session each; all that was acknowledged, when, and all that was not."""

    def __init__(self, port: int, made: dict[str, Any], *, think: float = 0.05) -> None:
        self.port, self.campaign, self.think = port, made["campaign"], think
        self.acknowledged: dict[str, str] = {}  # score by key
        self.moments: list[float] = []
        self.slowest = 0.0
        self.told: list[Told] = []
        self.halted = threading.Event()
        self.people = [Person(self, session) for session in made["sessions"]]

    def __enter__(self) -> Crowd:
        for person in self.people:
            person.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.halted.set()
        for person in self.people:
            person.join()

    def wait_for_more(self, n: int = 5, seconds: float = 90.0) -> float:
        """Until n more were acknowledged; the seconds until the first of them."""
        began, before = time.time(), len(self.moments)
        deadline = time.monotonic() + seconds
        while len(self.moments) < before + n:
            if time.monotonic() > deadline or not any(p.is_alive() for p in self.people):
                raise RuntimeError(f"nothing is acknowledged any more; last told {self.told[-3:]}")
            time.sleep(0.05)
        return self.moments[before] - began

    def statuses(self) -> dict[int, int]:
        return dict(sorted(Counter(told.status for told in self.told).items()))

    def bare(self) -> list[Told]:
        """Refusals without a sentence of ours, or of a kind that no annotator should meet."""
        plain = {503, 507}
        return [
            told for told in self.told
            if told.status and not (told.status in plain and told.message and told.has_retry_after)
        ]  # fmt: skip


class Person(threading.Thread):
    """One session; saves, goes on to the next item, and sends again what got no answer."""

    def __init__(self, crowd: Crowd, session: str) -> None:
        super().__init__(daemon=True)
        self.crowd, self.session = crowd, session
        self.token = secrets.token_hex(16)
        self.line: http.client.HTTPConnection | None = None
        self.address = ""
        self.letter: dict[str, str] = {}
        self.acknowledged: list[str] = []  # keys

    def run(self) -> None:
        while not self.crowd.halted.is_set():
            try:
                is_done = self._step()
            except GONE as problem:
                self._hang_up()
                self._note(0, type(problem).__name__, "", has_retry_after=False)
                is_done = False
            if is_done is None:
                break
            self.crowd.halted.wait(self.crowd.think if is_done else WAIT)
        self._hang_up()

    def _step(self) -> bool | None:
        """Whether something was done; None where there is nothing left to judge."""
        if not self.address:
            return self._go_on(f"/work/{self.crowd.campaign}/next/")
        if not self.letter:
            score = str(secrets.randbelow(7))
            self.letter = {
                "score": score, "note": "", "key": str(uuid.uuid4()), "sequence": "1",
                "active_seconds": "2.0", "client_time": "2026-01-01T10:00:00.000Z",
                "finish": "1", "bring": "0",
            }  # fmt: skip
        began = time.monotonic()
        status, headers, body = self._ask("POST", self.address, self.letter)
        self.crowd.slowest = max(self.crowd.slowest, time.monotonic() - began)
        told = _read(body)
        if status != 200 or not told.get("saved"):
            return self._refused(status, headers, told)
        self.crowd.acknowledged[self.letter["key"]] = self.letter["score"]
        self.acknowledged.append(self.letter["key"])
        self.crowd.moments.append(time.time())
        self.letter = {}
        return self._go_on(told["next"])

    def _go_on(self, address: str) -> bool | None:
        """To an item's own address; the address that leads there is asked where need be."""
        self.address = ""
        if not address.startswith("/work/item/"):
            status, headers, body = self._ask("GET", address)
            if status >= 400:
                return self._refused(status, headers, _read(body))
            address = urlsplit(headers.get("Location", "")).path
            if not address.startswith("/work/item/"):
                return None
        self.address = address
        return True

    def _ask(
        self, method: str, address: str, form: dict[str, str] | None = None
    ) -> tuple[int, Any, bytes]:
        self.line = self.line or http.client.HTTPConnection(
            "127.0.0.1", self.crowd.port, timeout=60
        )
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={self.token}",
            "X-CSRFToken": self.token, "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        self.line.request(method, address, urlencode(form) if form else None, headers)
        answer = self.line.getresponse()
        body = answer.read()
        if answer.will_close:
            self._hang_up()
        return answer.status, answer.headers, body

    def _refused(self, status: int, headers: Any, told: dict[str, Any]) -> bool:
        error = told.get("error") or {}
        has = "Retry-After" in headers
        self._note(status, error.get("code", ""), error.get("message", ""), has_retry_after=has)
        return False

    def _note(self, status: int, code: str, message: str, *, has_retry_after: bool) -> None:
        self.crowd.told.append(Told(time.time(), status, code, message, has_retry_after))

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
