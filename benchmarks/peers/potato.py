"""Potato 2.12.1: POST /updateinstance, POST /annotate to go on, then the next page by GET.

1,000 items, a scale of seven points, accounts with passwords; the server is Flask's own, as
`potato start` starts it.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.load.nikash import wait_for
from benchmarks.load.platform import N_ITEMS, SOURCE, TARGET, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.peers.environments import installed

CONFIG = """
annotation_task_name: load
task_dir: .
output_annotation_dir: annotation_output
data_files: [items.json]
item_properties: {{id_key: id, text_key: text}}
user_config: {{allow_all_users: true, users: []}}
assignment_strategy: fixed_order
max_annotations_per_item: {raters}
max_annotations_per_user: {n_items}
alert_time_each_instance: 0
site_dir: default
secret_key: load
annotation_schemes:
  - annotation_type: likert
    name: quality
    description: How good is it?
    min_label: bad
    max_label: perfect
    size: 7
"""


class Person(Annotator):
    async def begin(self) -> None:
        account = {"email": f"load-{self.number}", "pass": "correct-horse-battery"}
        async with self.http.post(f"{self.spec['address']}/register", data=account) as answer:
            answer.raise_for_status()
        await self.following()

    async def following(self) -> None:
        async with self.http.get(f"{self.spec['address']}/annotate") as answer:
            answer.raise_for_status()
            html = await answer.text()
        found = re.search(r'id="instance_id"[^>]*value="([^"]+)"', html)
        self.item = found[1] if found else ""

    async def loop(self) -> Done | None:
        if not self.item:
            return None
        item, address = self.item, self.spec["address"]
        value = str(self.number % 7 + 1)
        save = {
            "instance_id": item, "annotations": {f"quality:{value}": value}, "cleared_schemas": [],
            "span_annotations": [], "client_timestamp": "2026-01-01T10:00:00.000Z",
            "response_time_seconds": 20,
        }  # fmt: skip
        begin = time.perf_counter()
        async with self.http.post(f"{address}/updateinstance", json=save) as answer:
            answer.raise_for_status()
            told = await answer.json()
            if told.get("status") != "success":
                raise ValueError(f"not acknowledged: {told}")
        saved = time.perf_counter()
        move = {"action": "next_instance", "instance_id": item}
        headers = {"X-Potato-Navigation": "1"}
        async with self.http.post(f"{address}/annotate", json=move, headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()
        await self.following()
        if self.item == item:
            self.item = ""
        ended = time.perf_counter()
        return Done(f"{self.number}:{item}", 1000 * (saved - begin), 1000 * (ended - saved), 3)


class Peer(Platform):
    name, version = "Potato", "2.12.1"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        return installed("potato", f"potato-annotation=={cls.version}")

    def prepare(self) -> None:
        self.bin = self.installed()
        self.port = free_port()
        items = [
            {"id": f"s{n}", "text": f"{SOURCE.format(n=n)} / {TARGET.format(n=n)}"}
            for n in range(N_ITEMS)
        ]
        (self.folder / "items.json").write_text(json.dumps(items), encoding="utf-8")
        config = CONFIG.format(raters=self.raters, n_items=N_ITEMS)
        (self.folder / "config.yaml").write_text(config, encoding="utf-8")

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "potato", "start", "config.yaml", "-p", str(self.port), "--host",
                 "127.0.0.1", "--persist-sessions"],
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}"}

    def stored(self) -> Stored:
        """The state that it writes for each person."""
        pairs = []
        for file in (self.folder / "annotation_output").rglob("user_state.json"):
            state = json.loads(file.read_text(encoding="utf-8"))
            person = state["user_id"].removeprefix("load-")
            labels = state.get("instance_id_to_label_to_value", {})
            pairs += [(person, f"{person}:{item}") for item in labels]
        people = Counter(item.split(":")[1] for _person, item in pairs)
        return Stored(pairs, sum(n > self.raters for n in people.values()))
