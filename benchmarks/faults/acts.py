"""While people save, admins close and open their campaign, take one out of it and erase others."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from benchmarks.faults import crowd as crowds
from benchmarks.faults.audit import DOUBLED, HALVES, Counts, plain
from benchmarks.faults.result import Found
from benchmarks.faults.site import Site

N_PEOPLE, N_ITEMS, N_ERASED, TIMES = 8, 2000, 3, 4


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_PEOPLE}, {N_PEOPLE}, draft=True)")
        site.manage("collectstatic", "--no-input", "--verbosity", "0")  # for pages that refuse
        site.start_web()
        told: Counter[str] = Counter()
        with crowds.Crowd(site.port, made) as crowd:
            crowd.wait_for_more(20)
            _at_once(site, made, told, (_erase, _take_out))
            crowd.wait_for_more(20)
            _at_once(site, made, told, (_close_and_open, _close_and_open))
        stored = {plain(str(key)) for (key,) in site.rows("SELECT key FROM annotation_ratingevent")}
        erased = N_PEOPLE - site.one("SELECT count(*) FROM annotation_annotator")
        names = [f"load-{n}" for n in range(N_ERASED)]
        theirs = {
            plain(key) for person in crowd.people[:N_ERASED] for key in person.acknowledged
        }  # fmt: skip
        lost = sum(
            plain(key) not in stored for key in crowd.acknowledged if plain(key) not in theirs
        )
        counts = Counts(
            len(crowd.acknowledged), len(stored), lost, site.one(DOUBLED),
            sum(site.one(sql) for sql in HALVES), len(theirs & stored),
        )  # fmt: skip
        odd = {
            status: n for status, n in crowd.statuses().items()
            if status >= 500 and status not in (503, 507)
        }  # fmt: skip
        faults = [f"annotators were told {odd}"] if odd else []
        faults += [f"admins were told {text}" for text in told if text.split()[1] != "302"]
        faults += [] if erased == N_ERASED else [f"{erased} of {names} are erased"]
        notes = f"annotators told {crowd.statuses()}, admins {dict(told)}"
        what = "admins act, people save"
        return [Found(what, engine, counts, (), notes, tuple(faults))]


def _at_once(
    site: Site, made: dict[str, Any], told: Counter[str], acts: Iterable[Callable[..., None]]
) -> None:
    threads = [threading.Thread(target=act, args=(site, made, told)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _close_and_open(site: Site, made: dict[str, Any], told: Counter[str]) -> None:
    for _ in range(TIMES):
        for act in ("close", "open"):
            _post(site, made, told, act, f"/campaigns/{made['campaign']}/{act}/", {})
            time.sleep(0.2)


def _erase(site: Site, made: dict[str, Any], told: Counter[str]) -> None:
    for number in range(N_ERASED):
        name = f"load-{number}"
        pk = site.one(f"SELECT id FROM auth_user WHERE username = '{name}'")
        form = {"what": "answers", "username": name}
        _post(site, made, told, "erase", f"/people/{pk}/erase/", form)


def _take_out(site: Site, made: dict[str, Any], told: Counter[str]) -> None:
    pk = site.one(
        "SELECT m.id FROM annotation_membership m JOIN auth_user u ON u.id = m.user_id "
        f"WHERE u.username = 'load-{N_PEOPLE - 1}'"
    )
    _post(site, made, told, "take out", f"/campaigns/{made['campaign']}/people/{pk}/remove/", {})


def _post(
    site: Site, made: dict[str, Any], told: Counter[str], what: str, address: str,
    form: dict[str, str],
) -> None:  # fmt: skip
    """As a browser does whose person presses the button again where the site was busy."""
    status = 503
    while status == 503:
        token = secrets.token_hex(16)
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        line.request(
            "POST", address, urlencode({"x": "1", **form}),
            {"Cookie": f"sessionid={made['admins'][0]}; csrftoken={token}", "X-CSRFToken": token,
             "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        status = line.getresponse().status
        line.close()
    told[f"{what.replace(' ', '-')} {status}"] += 1
