"""Annotators with two devices each, on a line that sends every answer twice at the same moment,
while leases run out so that items are handed to others before late answers come in."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.faults.audit import HALVES, Counts, plain
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site

N_PEOPLE, N_ITEMS, N_ANSWERS, LONGEST = 4, 1500, 300, 240.0
EXPIRE_EVERY, LATE_SECONDS, LATE_SHARE = 1.5, 3.0, 8
# An answer stored twice cannot be, its key forbids it; a rating has to be its newest answer's.
NOT_NEWEST = """SELECT count(*) FROM annotation_rating r WHERE r.sequence <> (
    SELECT max(e.sequence) FROM annotation_ratingevent e
    WHERE e.item_id = r.item_id AND e.annotator_id = r.annotator_id)"""
LEASES = "UPDATE annotation_assignment SET lease_until = created_at WHERE state = 'open'"


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, 1)")
        site.start_web()
        site.start_worker()
        crowd = Devices(site.port, made)
        crowd.work(site)
        return [_found(site, crowd)]


def _found(site: Site, crowd: Devices) -> Found:
    stored = {plain(str(key)) for (key,) in site.rows("SELECT key FROM annotation_ratingevent")}
    lost = sum(plain(key) not in stored for key in crowd.acknowledged)
    halves = sum(site.one(sql) for sql in HALVES)
    late = site.one("SELECT count(*) FROM annotation_ratingevent WHERE after_lease")
    doubled = site.one(NOT_NEWEST)
    counts = Counts(len(crowd.acknowledged), len(stored), lost, doubled, halves, 0)
    odd = {status: n for status, n in crowd.statuses.items() if status not in (200, 302, 503)}
    faults = [f"told {odd}: {crowd.odd[:3]}"] if odd else []
    faults += ["no answer came after its lease"] if not late else []
    notes = f"told {dict(crowd.statuses)}; {late} after their lease"
    what = f"{2 * N_PEOPLE} devices, all twice"
    return Found(what, site.engine, counts, (), notes, tuple(faults))


class Devices:
    """What all devices of all people were told."""

    def __init__(self, port: int, made: dict[str, Any]) -> None:
        self.port, self.campaign, self.sessions = port, made["campaign"], made["sessions"]
        self.acknowledged: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self.odd: list[str] = []
        self.halted = threading.Event()

    def work(self, site: Site) -> None:
        threads = [
            threading.Thread(target=self._device, args=(session,))
            for session in self.sessions
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        until = time.monotonic() + LONGEST
        while len(self.acknowledged) < N_ANSWERS and time.monotonic() < until:
            time.sleep(EXPIRE_EVERY)
            site.write(LEASES)
        self.halted.set()
        for thread in threads:
            thread.join()

    def _device(self, session: str) -> None:
        sequence, n = 0, 0
        while not self.halted.is_set():
            _status, headers, _ = self._ask(session, "GET", f"/work/{self.campaign}/next/")
            address = urlsplit(headers.get("Location", "")).path
            if not address.startswith("/work/item/"):
                self.halted.wait(0.3)
                continue
            n += 1
            if n % LATE_SHARE == 0:
                self.halted.wait(LATE_SECONDS)  # somebody else has the item by then
            sequence += 1
            self._send_twice(session, address, sequence)

    def _send_twice(self, session: str, address: str, sequence: int) -> None:
        key = str(uuid.uuid4())
        letter = {
            "score": str(secrets.randbelow(7)), "note": "", "key": key, "sequence": str(sequence),
            "active_seconds": "2.0", "client_time": "2026-01-01T10:00:00.000Z", "finish": "1",
            "bring": "0",
        }  # fmt: skip

        def send() -> None:
            status, _, body = self._ask(session, "POST", address, letter)
            if status == 200 and json.loads(body)["saved"]:
                self.acknowledged.add(key)

        pair = [threading.Thread(target=send) for _ in range(2)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()

    def _ask(
        self, session: str, method: str, address: str, form: dict[str, str] | None = None
    ) -> tuple[int, Any, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        token = secrets.token_hex(16)
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token,
            "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        line.request(method, address, urlencode(form) if form else None, headers)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        self.statuses[answer.status] += 1
        if answer.status not in (200, 302):
            self.odd.append(f"{method} {address}: {answer.status} {body[:200]!r}")
        return answer.status, answer.headers, body
