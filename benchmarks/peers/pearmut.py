"""Pearmut 1.1.6: POST /log-response, then POST /get-next-item; state in JSON files.

A single stream of 1,000 documents of one item each, a slider from 0 to 6. Everybody draws from the
same pool, so each item is wanted from one annotator.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.load.nikash import wait_for
from benchmarks.load.platform import N_ITEMS, SOURCE, TARGET, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.peers.environments import installed

CAMPAIGN = "load"


class Person(Annotator):
    async def begin(self) -> None:
        self.who = {"campaign_id": CAMPAIGN, "user_id": self.spec["users"][self.number]}
        async with self.http.get(f"{self.spec['address']}/annotate", params=self.who) as answer:
            answer.raise_for_status()
        await self.following()

    async def following(self) -> None:
        async with self.http.post(f"{self.spec['address']}/get-next-item", json=self.who) as answer:
            answer.raise_for_status()
            self.item = await answer.json()

    async def loop(self) -> Done | None:
        if self.item is None or self.item.get("status") != "ok":
            return None
        number = self.item["info"]["item_i"]
        score = {"quality": self.number % 7}
        payload = {
            "annotation": [{"base": {"score": None, "error_spans": [], "sliders": score}}],
            "actions": [
                {"time": time.time(), "action": "load"}, {"time": time.time(), "action": "submit"}
            ],
            "item": self.item["payload"],
        }  # fmt: skip
        begin = time.perf_counter()
        async with self.http.post(
            f"{self.spec['address']}/log-response",
            json={**self.who, "item_i": number, "payload": payload},
        ) as answer:
            answer.raise_for_status()
            await answer.read()
        saved = time.perf_counter()
        await self.following()
        ended = time.perf_counter()
        return Done(str(number), 1000 * (saved - begin), 1000 * (ended - saved), 2)


class Peer(Platform):
    name, version = "Pearmut", "1.1.6"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        return installed("pearmut", f"pearmut=={cls.version}", python="python3.12")

    def prepare(self) -> None:
        self.bin = self.installed()
        self.port = free_port()
        campaign = {
            "campaign_id": CAMPAIGN,
            "info": {
                "assignment": "single-stream", "protocol": "DA", "users": self.n_people,
                "sliders": [{"name": "quality", "min": 0, "max": 6, "step": 1}],
            },
            "data": [
                [{"src": SOURCE.format(n=n), "tgt": {"base": TARGET.format(n=n)},
                  "item_id": f"s{n}"}]
                for n in range(N_ITEMS)
            ],
        }  # fmt: skip
        file = self.folder / "campaign.json"
        file.write_text(json.dumps(campaign), encoding="utf-8")
        subprocess.run(
            [self.bin / "pearmut", "add", str(file)],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        progress = self.folder / "data" / "progress" / f"{CAMPAIGN}.json"
        self.users = list(json.loads(progress.read_text()))

    def start(self) -> None:
        (self.folder / "data" / ".lock").unlink(missing_ok=True)  # left by a killed server
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "pearmut", "run", "--port", str(self.port)],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}", "users": self.users}

    def stored(self) -> Stored:
        """Its annotations file, a line for each answer."""
        lines = [
            line
            for file in (self.folder / "data" / "annotations").glob("*")
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        rows = [json.loads(line) for line in lines]
        pairs = [(row["user_id"], str(row["item_i"])) for row in rows]
        people = Counter(item for _user, item in set(pairs))
        return Stored(pairs, sum(n > 1 for n in people.values()))
