"""Two admins open the same campaign at the same moment and close it; two workers want one job."""

from __future__ import annotations

import http.client
import secrets
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from benchmarks.faults.audit import stuck_jobs
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, until

N_ADMINS, N_ITEMS, N_CLAIMING = 4, 600, 8


def drill(engine: str, **_: Any) -> list[Found]:
    with Site(engine) as site:
        made = site.code(f"campaign({N_ITEMS}, {N_ADMINS}, 1, draft=True)")
        site.start_web()
        opened, n_items, doubled = opened_at_once(site, made)
        closed = _at_once(site, made, "close")
        state = site.one(f"SELECT state FROM annotation_campaign WHERE id = {made['draft']}")
        faults = [
            f"{what} answered {dict(told)}" for what, told in (("open", opened), ("close", closed))
            if set(told) != {302}
        ]  # fmt: skip
        faults += [] if state == "closed" else [f"the campaign is {state}"]
        counts = NOTHING._replace(
            acknowledged=N_ITEMS, stored=n_items, lost=N_ITEMS - n_items, doubled=doubled
        )
        run = site.code("generation(4, 0)")
        winners = site.code(f"claims({run}, {N_CLAIMING})")
        site.start_worker("one")
        site.start_worker("two")
        until(lambda: stuck_jobs(site) == 0, "the job ends")
        found = site.code(f"generated({run})")
        claimed = NOTHING._replace(
            acknowledged=4, stored=found["stored"], lost=4 - found["stored"],
            doubled=found["doubled"] + winners - 1, stuck=stuck_jobs(site),
        )  # fmt: skip
        return [
            Found(f"{N_ADMINS} admins open and close", engine, counts, (), "", tuple(faults)),
            Found(f"{N_CLAIMING} claim one job", engine, claimed, (), f"{winners} had it"),
        ]


def opened_at_once(site: Site, made: dict[str, Any]) -> tuple[Counter[int], int, int]:
    """The statuses, how many items there are, and what was done once too often."""
    told = _at_once(site, made, "open")
    items = f"FROM annotation_item WHERE campaign_id = {made['draft']}"
    n_items = site.one(f"SELECT count(*) {items}")
    positions = site.one(f"SELECT count(DISTINCT position) {items}")
    acts = site.one(
        "SELECT count(*) FROM accounts_auditentry WHERE action = 'campaign.open' "
        f"AND campaign_id = {made['draft']}"
    )
    return told, n_items, n_items - positions + acts - 1


def _at_once(site: Site, made: dict[str, Any], what: str) -> Counter[int]:
    """The statuses of the same act by every admin at the same moment."""
    gate, told = threading.Barrier(len(made["admins"])), Counter[int]()

    def act(session: str) -> None:
        token = secrets.token_hex(16)
        line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        line.connect()
        gate.wait()
        line.request(
            "POST", f"/campaigns/{made['draft']}/{what}/", urlencode({"despite_leaks": "1"}),
            {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token,
             "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        told[line.getresponse().status] += 1
        line.close()

    threads = [threading.Thread(target=act, args=(session,)) for session in made["admins"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
