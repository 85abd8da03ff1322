"""A big file is sent, confirmed and loaded while web server and worker are killed."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from benchmarks.faults.audit import counted
from benchmarks.faults.crowd import GONE
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.servers import kill_tree
from benchmarks.faults.site import Site, until

N_ROWS, TRIES = 120_000, 8
NAME = "sent"


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code("campaign(10, 1, 1, draft=True)")
        site.start_serve()
        line = Line(site, made["admins"][0])
        began = time.monotonic()
        pk = line.send(
            f"key,source\n{''.join(f'k{n},Sentence {n}.{chr(10)}' for n in range(N_ROWS))}"
        )
        state = f"SELECT state FROM models_app_upload WHERE id = {pk}"
        until(lambda: site.one(state) == "done", "the file is checked")
        step = f"SELECT step FROM models_app_upload WHERE id = {pk}"
        n_tries = confirm(site, line, pk, lambda: site.one(step) == "load")
        until(lambda: site.one(state) == "running", "the load begins")
        time.sleep(2.0)
        kill_tree(site.descendants("serve", "celery")[0].pid)
        until(lambda: site.one(state) in ("done", "failed"), "the load ends", 240)
        rows = (
            "SELECT count(*) FROM models_app_segment s JOIN models_app_dataset d ON d.id = "
            f"s.dataset_id WHERE d.name = '{NAME}'"
        )
        stored, ended = site.one(rows), site.one(state)
        faults = [] if ended == "done" else [f"the upload {ended}"]
        faults += [f"told {status}" for status in line.statuses if status >= 500 and status != 503]
        left = [path.name for path in (site.folder / "uploads").iterdir()]
        faults += [f"left behind: {left}"] if left else []
        counts = NOTHING._replace(
            acknowledged=N_ROWS, stored=stored, lost=max(0, N_ROWS - stored),
            doubled=max(0, stored - N_ROWS), stuck=counted(site).stuck,
        )  # fmt: skip
        notes = f"confirmed {n_tries} times while the web server was killed"
        seconds = time.monotonic() - began
        what = "web and worker killed, upload"
        return [Found(what, engine, counts, (seconds,), notes, tuple(faults))]


def confirm(site: Site, line: Line, pk: int, is_confirmed: Any) -> int:
    """Press the button while the web server is killed, until it is known to have worked."""
    for number in range(TRIES):
        with contextlib.suppress(*GONE):
            line.post(f"/models/uploads/{pk}/confirm/", answers=number % 2 == 1)
        if number < 2:
            kill_tree(site.descendants("serve", "gunicorn")[0].pid)
        if number >= 2 and is_confirmed():
            return number + 1
        time.sleep(2.0)
    raise RuntimeError("the confirmation never came through")


class Line:
    """An admin's browser."""

    def __init__(self, site: Site, session: str) -> None:
        self.port, self.session, self.token = site.port, session, secrets.token_hex(16)
        self.statuses: list[int] = []

    def send(self, text: str) -> int:
        mark = uuid.uuid4().hex
        fields = {"name": NAME, "source_lang": "en", "target_lang": "mr"}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="sent.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\n{text}\r\n--{mark}--\r\n"
        )
        kind = f"multipart/form-data; boundary={mark}"
        answer = self._ask("/models/datasets/load/", "".join(parts).encode(), kind)
        return int(answer.headers["Location"].strip("/").split("/")[-1])

    def post(self, address: str, *, answers: bool = True) -> None:
        """answers : whether it is waited for"""
        kind = "application/x-www-form-urlencoded"
        self._ask(address, urlencode({"x": "1"}).encode(), kind, answers=answers)

    def _ask(self, address: str, body: bytes, kind: str, *, answers: bool = True) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={self.token}",
            "X-CSRFToken": self.token, "Content-Type": kind,
        }  # fmt: skip
        line.request("POST", address, body, headers)
        if not answers:
            return None
        answer = line.getresponse()
        answer.read()
        self.statuses.append(answer.status)
        return answer
