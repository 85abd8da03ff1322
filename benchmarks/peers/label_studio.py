"""Label Studio 1.23.2: POST the annotation, then POST the action that brings the next task.

A project with seven choices, 0 to 6, and as many annotations for each task as there are raters;
the label stream is that of all tasks. The server is Django's own on SQLite, as `label-studio start`
starts it. The page also keeps a draft five seconds after a change, and asks for the project every
twenty seconds; neither is sent here, and it sends no reports to its makers. People are signed in
beforehand.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.load.nikash import wait_for
from benchmarks.load.platform import N_ITEMS, SOURCE, TARGET, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.peers.environments import environment, installed

CHOICES = "".join(f'<Choice value="{n}"/>' for n in range(7))
CONFIG = f"""<View>
<Text name="source" value="$source"/><Text name="target" value="$target"/>
<Choices name="quality" toName="target" choice="single">{CHOICES}</Choices>
</View>"""
BEGIN = """
import json, sys, time
from label_studio import server
server._setup_env()
"""
MIGRATE = f"{BEGIN}server._apply_database_migrations()"
MAKE = f"""{BEGIN}
from django.test import Client
from organizations.models import Organization
from users.models import User
items, config, n_people, raters = json.load(sys.stdin)
admin = User.objects.create(email="admin@example.org", username="admin")
organization = Organization.create_organization(created_by=admin, title="load")
def signed_in(person):
    person.active_organization = organization
    person.save()
    client = Client()
    client.force_login(person)
    session = client.session
    session["last_login"] = time.time()
    session.save()
    client.cookies["sessionid"] = session.session_key  # the whole session: it lies in the cookie
    return client
def asked(address, letter):
    answer = manager.post(address, json.dumps(letter), content_type="application/json")
    assert answer.status_code == 201, answer.content
    return answer.json()
manager = signed_in(admin)
project = asked("/api/projects/", dict(
    title="load", label_config=config, maximum_annotations=raters))["id"]
asked(f"/api/projects/{{project}}/import", items)
people, sessions = [], []
for n in range(n_people):
    person = User.objects.create(email=f"load-{{n}}@example.org", username=f"load-{{n}}")
    organization.add_user(person)
    people.append(person.pk)
    sessions.append(signed_in(person).cookies["sessionid"].value)
print("made", json.dumps(dict(
    project=project, people=people, sessions=sessions,
    manager=manager.cookies["sessionid"].value)))
"""


def variables(folder: Path) -> dict[str, str]:
    return environment(
        LABEL_STUDIO_BASE_DATA_DIR=str(folder),
        LATEST_VERSION_CHECK="false",
        COLLECT_ANALYTICS="false",
        SENTRY_DSN="",
        FRONTEND_SENTRY_DSN="",
    )


class Person(Annotator):
    async def begin(self) -> None:
        self.http.cookie_jar.update_cookies({"sessionid": self.spec["sessions"][self.number]})
        await self.following()

    async def following(self) -> None:
        asked = {"id": "next_task", "project": str(self.spec["project"])}
        async with self.http.post(
            f"{self.spec['address']}/api/dm/actions", params=asked, json={}
        ) as answer:
            self.task: dict[str, Any] | None = None
            if answer.status == 404:  # it has nothing left
                return
            answer.raise_for_status()
            self.task = await answer.json()

    async def loop(self) -> Done | None:
        if self.task is None:
            return None
        item = self.task["id"]
        letter = {
            "lead_time": 20.0, "draft_id": 0, "parent_prediction": None, "parent_annotation": None,
            "result": [{
                "id": f"quality{item}", "type": "choices", "origin": "manual", "to_name": "target",
                "from_name": "quality", "value": {"choices": [str(self.number % 7)]},
            }],
        }  # fmt: skip
        if lock := self.task.get("unique_lock_id"):
            letter["unique_id"] = lock
        begin = time.perf_counter()
        async with self.http.post(
            f"{self.spec['address']}/api/tasks/{item}/annotations",
            params={"project": str(self.spec["project"])}, json=letter,
        ) as answer:  # fmt: skip
            answer.raise_for_status()
            await answer.read()
        saved = time.perf_counter()
        await self.following()
        ended = time.perf_counter()
        return Done(f"{self.number}:{item}", 1000 * (saved - begin), 1000 * (ended - saved), 2)


class Peer(Platform):
    name, version = "Label Studio", "1.23.2"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        return installed("label-studio", f"label-studio=={cls.version}")

    def prepare(self) -> None:
        self.bin = self.installed()
        self.port = free_port()
        shutil.copytree(self.empty(), self.folder, dirs_exist_ok=True)
        items = [
            {"source": SOURCE.format(n=n), "target": TARGET.format(n=n)} for n in range(N_ITEMS)
        ]
        letter = json.dumps([items, CONFIG, self.n_people, self.raters])
        self.made = json.loads(self.inside(MAKE, self.folder, letter).rpartition("made ")[2])

    def empty(self) -> Path:
        """A folder with its migrated, empty database, which takes it minutes to make: kept."""
        kept = self.bin.parent / "empty"
        if not kept.exists():
            making = self.bin.parent / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            self.inside(MIGRATE, making)
            making.rename(kept)
        return kept

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "label-studio", "start", "--no-browser", "--port", str(self.port),
                 "--internal-host", "127.0.0.1", "--data-dir", str(self.folder)],
                cwd=self.folder, env=variables(self.folder), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}", **self.made}

    def stored(self) -> Stored:
        """Its own export over HTTP: the tasks with their annotations."""
        address = f"{self.spec()['address']}/api/projects/{self.made['project']}/export"
        cookie = {"Cookie": f"sessionid={self.made['manager']}"}
        asked = urllib.request.Request(f"{address}?exportType=JSON", headers=cookie)
        with urllib.request.urlopen(asked, timeout=300) as answer:
            tasks = json.load(answer)
        number = {key: str(n) for n, key in enumerate(self.made["people"])}
        rows = [(number[a["completed_by"]], task["id"]) for task in tasks
                for a in task["annotations"]]  # fmt: skip
        people = Counter(item for _person, item in set(rows))
        pairs = [(person, f"{person}:{item}") for person, item in rows]
        return Stored(pairs, sum(n > self.raters for n in people.values()))

    def inside(self, code: str, folder: Path, letter: str = "") -> str:
        """What a piece of code inside its own Django printed."""
        done = subprocess.run(
            [self.bin / "python", "-c", code], cwd=folder, env=variables(folder),
            input=letter, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"Label Studio could not be made ready:\n{done.stderr[-2000:]}")
        return done.stdout
