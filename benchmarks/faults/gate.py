"""Everybody signs in within a minute, as when a day of work begins, while others save."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import counted
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site
from benchmarks.faults.web import faults_in

N_SIGNING_IN, N_SAVING, WITHIN = 500, 20, 60.0


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign(2000, {N_SIGNING_IN}, {N_SAVING})")
        made["sessions"] = made["sessions"][:N_SAVING]
        site.start_serve()
        with crowds.Crowd(site.port, made, think=2.0) as crowd:
            crowd.wait_for_more(20)
            took, statuses = _all_sign_in(site.port)
        faults = faults_in(crowd)
        if statuses != {302: N_SIGNING_IN}:
            faults.append(f"those who signed in were told {dict(statuses)}")
        took.sort()
        notes = (
            f"{N_SIGNING_IN} signed in; half within {took[len(took) // 2]:.1f} s, all within "
            f"{took[-1]:.1f} s each; slowest save {crowd.slowest:.1f} s"
        )
        what = f"{N_SIGNING_IN} sign in in a minute"
        return [Found(what, engine, counted(site, crowd), (), notes, tuple(faults))]


def _all_sign_in(port: int) -> tuple[list[float], Counter[int]]:
    took: list[float] = []
    statuses: Counter[int] = Counter()
    chance = random.Random(6)

    def one(number: int, pause: float) -> None:
        time.sleep(pause)
        began = time.monotonic()
        try:
            statuses[_sign_in(port, f"load-{number}")] += 1
        except crowds.GONE:
            statuses[0] += 1
        took.append(time.monotonic() - began)

    threads = [
        threading.Thread(target=one, args=(number, WITHIN * chance.random()))
        for number in range(N_SIGNING_IN)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, statuses


def _sign_in(port: int, name: str) -> int:
    """The status of the answer to the form; 302 leads on to the start page."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    line.request("GET", "/login/")
    page = line.getresponse()
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert found
    form = {"username": name, "password": "load", "csrfmiddlewaretoken": found[1]}
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/login/", urlencode(form), headers)
    status = line.getresponse().status
    line.close()
    return status
