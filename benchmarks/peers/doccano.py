"""doccano 1.8.4: the rating, the mark that confirms it, and the next text, in seven requests.

A text classification project with the labels 0 to 6, of which a text has one; everybody judges
every text. The server is gunicorn with 2n+1 processes on SQLite, as `doccano webserver` starts it;
it binds to all addresses, which cannot be changed. The confirming mark is what the page counts its
progress by; without it a loop would have four requests. People are signed in beforehand.

doccano does not name the newest of its libraries that it works with; those of today do not.
"""

from __future__ import annotations

import io
import json
import subprocess
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.load.nikash import wait_for
from benchmarks.load.platform import N_ITEMS, SOURCE, TARGET, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.peers.environments import environment, installed

PINS = ("marshmallow<4", "numpy<2", "scikit-learn<1.6", "setuptools<81")
TOKEN = "a" * 32  # for both the cookie and the header, as the page's script copies it
MAKE = """
import json, sys
from backend import cli
cli.django.setup()
from django.contrib.auth.models import User
from django.test import Client
from examples.models import Example
from label_types.models import CategoryType
from projects.models import Member, TextClassificationProject
from roles.models import Role
texts, n_people = json.load(sys.stdin)
admin = User.objects.get(username="admin")
project = TextClassificationProject.objects.create(
    name="load", project_type="DocumentClassification", created_by=admin,
    single_class_classification=True)
project.add_admin()
Example.objects.bulk_create(Example(project=project, text=text) for text in texts)
labels = [CategoryType.objects.create(project=project, text=str(n), suffix_key=str(n)).pk
          for n in range(7)]
role, sessions = Role.objects.get(name="annotator"), []
for n in range(n_people):
    person, client = User.objects.create(username=f"load-{n}"), Client()
    Member.objects.create(project=project, user=person, role=role)
    client.force_login(person)
    sessions.append(client.cookies["sessionid"].value)
print("made", json.dumps({"project": project.pk, "labels": labels, "sessions": sessions}))
"""
EXPORT = """
import sys
from backend import cli
cli.django.setup()
from data_export.celery_tasks import export_dataset
print("made", export_dataset(int(sys.argv[1]), "JSONL"))
"""


class Person(Annotator):
    async def begin(self) -> None:
        cookies = {"sessionid": self.spec["sessions"][self.number], "csrftoken": TOKEN}
        self.http.cookie_jar.update_cookies(cookies)
        self.project = f"{self.spec['address']}/v1/projects/{self.spec['project']}"
        self.page = 0
        await self.following()

    async def get(self, path: str, **parameters: str) -> Any:
        async with self.http.get(f"{self.project}/{path}", params=parameters) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, letter: dict[str, Any]) -> None:
        async with self.http.post(
            f"{self.project}/{path}", json=letter, headers={"X-CSRFToken": TOKEN}
        ) as answer:
            answer.raise_for_status()
            await answer.read()

    async def following(self) -> None:
        asked = {"limit": "1", "offset": str(self.page), "confirmed": "", "ordering": "", "q": ""}
        found = (await self.get("examples", **asked))["results"]
        self.item = found[0]["id"] if found else None
        if self.item is not None:
            await self.get(f"examples/{self.item}/categories")

    async def loop(self) -> Done | None:
        if self.item is None:
            return None
        item, label = self.item, self.spec["labels"][self.number % 7]
        begin = time.perf_counter()
        await self.post(f"examples/{item}/categories", {"id": 0, "label": label, "user": 0})
        saved = time.perf_counter()
        await self.get(f"examples/{item}/categories")
        await self.post(f"examples/{item}/states", {})
        await self.get(f"examples/{item}")
        await self.get("metrics/progress")
        self.page += 1
        await self.following()
        ended = time.perf_counter()
        return Done(f"{self.number}:{item}", 1000 * (saved - begin), 1000 * (ended - saved), 7)


class Peer(Platform):
    name, version = "doccano", "1.8.4"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        return installed("doccano", f"doccano=={cls.version}", *PINS)

    def prepare(self) -> None:
        self.bin = self.installed()
        self.port = free_port()
        self.environment = environment(DOCCANO_HOME=str(self.folder))
        self.call("doccano", "init")
        account = ("--username", "admin", "--password", "correct-horse", "--email", "a@example.org")
        self.call("doccano", "createuser", *account)
        texts = [f"{SOURCE.format(n=n)}\n{TARGET.format(n=n)}" for n in range(N_ITEMS)]
        self.made = json.loads(self.inside(MAKE, letter=json.dumps([texts, self.n_people])))

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "doccano", "webserver", "--port", str(self.port)],
                cwd=self.folder, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}", **self.made}

    def stored(self) -> Stored:
        """Its own export: a file of JSON lines for each person, in an archive."""
        archive = Path(self.inside(EXPORT, str(self.made["project"])))
        pairs = []
        with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as files:
            for name in files.namelist():
                person = name.removesuffix(".jsonl").removeprefix("load-")
                rows = map(json.loads, files.read(name).decode().splitlines())
                pairs += [(person, f"{person}:{row['id']}") for row in rows for _ in row["label"]]
        people = Counter(item.split(":")[1] for _person, item in set(pairs))
        return Stored(pairs, sum(n > self.raters for n in people.values()))

    def inside(self, code: str, *arguments: str, letter: str = "") -> str:
        """What a piece of code inside doccano's own Django printed after the word `made`."""
        told = self.call("python", "-c", code, *arguments, letter=letter)
        return told.rpartition("made ")[2].strip()

    def call(self, program: str, *arguments: str, letter: str = "") -> str:
        done = subprocess.run(
            [self.bin / program, *arguments], cwd=self.folder, env=self.environment, input=letter,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} {arguments[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout
