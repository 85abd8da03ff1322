"""Appraise, from a checkout of its source: one POST stores the rating and brings the next page.

Direct assessment from 0 to 100 of 1,000 segments in tasks of 100, dealt out beforehand by its own
`StartNewCampaign`, two to each person. People sign in by the addresses that it writes for them. The
server is `manage.py runserver`, the only one that its INSTALL.md names, on SQLite, with
APPRAISE_DEBUG off and without watching its files, which is kinder than its defaults. A loop costs
the more the more a person has done of a task.

It is in no package index. NIKASH_PEERS_APPRAISE names a checkout; otherwise git fetches the commit
below where that is wanted. It was tried with the files of its direct assessment alone, put together
by hand as they stood at commits 17c319c0c0, 612e4b09fc, cea7b6ea86, 054e27cbd2, 8a22f27a1c and
00c1d4afeb (2023 to 2025) with migrations made from its models; not yet with a whole checkout.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.load.nikash import wait_for
from benchmarks.load.platform import N_ITEMS, SOURCE, TARGET, Annotator, Done, Platform, Stored
from benchmarks.load.ports import free_port
from benchmarks.peers import environments
from benchmarks.peers.environments import (
    INSTALL,
    MAY_INSTALL,
    NotInstalled,
    environment,
    installed,
)

CHECKOUT = "NIKASH_PEERS_APPRAISE"
REPOSITORY = "https://github.com/AppraiseDev/Appraise"
COMMIT = "17c319c0c02309cda98279060558e2f53716f2ad"
PINS = ("django==4.2.22", "tablib==3.8.0", "whitenoise[brotli]==6.9.0")
LEFT_OUT = shutil.ignore_patterns(".git", "Examples", "*.sqlite3", "*.log", "Batches")
TASKS = (10, 20, 40, 50, 100, 200, 250, 500, 1000)  # of equal sizes
PAGE = "/direct-assessment/"
UNKNOWN = "files without a commit, as benchmarks/peers/appraise.py tells"
HIDDEN = re.compile(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"')


def checkout() -> Path:
    """The folder of its source; fetched where that is wanted.

    Raises
    ------
    NotInstalled
        It is not there, and may not or cannot be fetched.
    """
    if named := os.environ.get(CHECKOUT):
        folder = Path(named)
        if not (folder / "manage.py").exists():
            raise NotInstalled(f"not installed: appraise; {CHECKOUT} names {named}, which has no "
                               "manage.py: name a checkout of AppraiseDev/Appraise")  # fmt: skip
        return folder
    folder = environments.FOLDER / "appraise-source"
    if (folder / "manage.py").exists():
        return folder
    if not os.environ.get(MAY_INSTALL):
        raise NotInstalled(
            f"not installed: appraise; install it with `{INSTALL} appraise`, which fetches "
            f"{REPOSITORY} by git, or name a checkout by {CHECKOUT}"
        )
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        ["git", "clone", "--quiet", REPOSITORY, str(folder)],
        ["git", "-C", str(folder), "checkout", "--quiet", COMMIT],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise NotInstalled(
                f"not installed: appraise; git could not fetch {REPOSITORY} ({last}): fetch it "
                f"elsewhere, copy it here and name its folder by {CHECKOUT}"
            )
    return folder


def commit_of(folder: Path) -> str:
    """Of a checkout; it is said where that is not known."""
    done = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True
    )
    is_checkout = (folder / ".git").exists() and done.returncode == 0
    return f"commit {done.stdout[:10]}" if is_checkout else UNKNOWN


def dealt(people: int, raters: int) -> tuple[int, int]:
    """How many tasks there are, and how often each is dealt out, so that all have as many.

    As its campaigns have it, a task is of 100 items and a person has two, where that can be: each
    loop looks through all the tasks that a person has.

    Raises
    ------
    RuntimeError
        Nothing deals them out evenly.
    """
    for n_tasks in TASKS:
        fits = [n for n in range(1, raters + 1) if n_tasks * n % people == 0]
        if fits:
            return n_tasks, next((n for n in fits if n_tasks * n >= 2 * people), fits[-1])
    raise RuntimeError(
        f"{people} people cannot have as many items each of {N_ITEMS}, {raters} times"
    )


class Person(Annotator):
    async def begin(self) -> None:
        await self.see(self.spec["accounts"][self.number][1], PAGE)

    async def see(self, *paths: str) -> None:
        """Follow these; the last is the page with the item, or leads away where none is left."""
        for path in paths:
            address = f"{self.spec['address']}{path}"
            async with self.http.get(address) as answer:
                self.read(answer.url.path, await answer.text(), answer)

    def read(self, path: str, html: str, answer: Any) -> None:
        answer.raise_for_status()
        self.form = dict(HIDDEN.findall(html)) if path == PAGE else {}
        if path == PAGE and "task_id" not in self.form:
            raise ValueError("the page has no item")
        if "sign-in" in path:
            raise ValueError("not signed in")

    async def loop(self) -> Done | None:
        if not self.form:
            return None
        item, now = self.form["task_id"], time.time()
        letter = {
            **self.form, "score": str(self.number % 101), "submit_button": "SUBMIT",
            "start_timestamp": str(now - 20), "end_timestamp": str(now),
        }  # fmt: skip
        begin = time.perf_counter()
        async with self.http.post(f"{self.spec['address']}{PAGE}", data=letter) as answer:
            self.read(answer.url.path, await answer.text(), answer)
        saved = 1000 * (time.perf_counter() - begin)
        if self.form:
            if self.form["task_id"] == item:
                raise ValueError("not acknowledged")
            return Done(f"{self.number}:{item}", saved, saved, 1)
        begin = time.perf_counter()
        await self.see(PAGE)  # a task ends on the list of tasks, from where one goes on
        return Done(f"{self.number}:{item}", saved, 1000 * (time.perf_counter() - begin), 3)


class Peer(Platform):
    name, version = "Appraise", f"commit {COMMIT[:10]}"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        folder = checkout()
        cls.version = commit_of(folder)
        return installed("appraise", "-r", str(folder / "requirements.txt"), *PINS)

    def prepare(self) -> None:
        self.python = self.installed() / "python"
        self.port = free_port()
        self.site = self.folder / "site"
        shutil.copytree(checkout(), self.site, ignore=LEFT_OUT)
        self.environment = environment(
            APPRAISE_DEBUG="", DJANGO_SUPERUSER_PASSWORD="correct-horse-battery"
        )
        self.call("migrate", "--verbosity", "0")
        self.call("createsuperuser", "--no-input", "--username", "admin", "--email",
                  "admin@example.org")  # fmt: skip
        n_tasks, times = dealt(self.n_people, self.raters)
        self.write("manifest.json", {
            "CAMPAIGN_URL": "/dashboard/sso/", "CAMPAIGN_NAME": "load", "CAMPAIGN_KEY": "load",
            "CAMPAIGN_NO": 1, "REDUNDANCY": times, "TASK_TYPE": "Direct",
            "TASKS_TO_ANNOTATORS": [["eng", "mar", "linear", self.n_people, n_tasks]],
        })  # fmt: skip
        self.write("batches.json", batches(n_tasks, times))
        self.call("StartNewCampaign", "manifest.json", "--batches-json", "batches.json",
                  "--csv-output", "accounts.csv")  # fmt: skip
        with (self.site / "accounts.csv").open(encoding="utf-8", newline="") as lines:
            self.accounts = [
                (row["Username"], re.sub("/+", "/", row["URL"])) for row in csv.DictReader(lines)
            ]

    def start(self) -> None:
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"],
                cwd=self.site, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        wait_for(self.port, process=self.process)

    def spec(self) -> dict[str, Any]:
        return {"address": f"http://127.0.0.1:{self.port}", "accounts": self.accounts}

    def stored(self) -> Stored:
        """Its own export: a line for each rating, with the account first and the item last."""
        told = self.call("ExportSystemScoresToCSV", "load", "--batch-info")
        numbers = {name: n for n, (name, _path) in enumerate(self.accounts)}
        rows = [row for row in csv.reader(told.splitlines()) if row and row[0] in numbers]
        pairs = [(str(numbers[row[0]]), f"{numbers[row[0]]}:{row[-1]}") for row in rows]
        people = Counter(item.split(":")[1] for _person, item in set(pairs))
        return Stored(pairs, sum(n > self.raters for n in people.values()))

    def write(self, name: str, content: Any) -> None:
        (self.site / name).write_text(json.dumps(content), encoding="utf-8")

    def call(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.python, "manage.py", *arguments],
            cwd=self.site, env=self.environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"appraise {arguments[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout


def batches(n_tasks: int, times: int) -> list[dict[str, Any]]:
    """Its batches: tasks that follow each other through the segments."""
    size = N_ITEMS // n_tasks
    return [
        {
            "task": {"batchNo": task + 1, "requiredAnnotations": times, "batchSize": size},
            "items": [
                {
                    "itemID": n + 1, "itemType": "TGT", "sourceID": f"s{n}", "targetID": "load",
                    "sourceText": SOURCE.format(n=n), "targetText": TARGET.format(n=n),
                }
                for n in range(task * size, (task + 1) * size)
            ],
        }
        for task in range(n_tasks)
    ]  # fmt: skip
