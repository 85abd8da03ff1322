"""What the load asks of a platform, ours or a peer's: start, sign in, one loop, what is stored."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

N_ITEMS = 1000
SOURCE = "The committee read report {n} twice before the district office published its summary."
TARGET = "जिल्हा कार्यालयाने सारांश प्रसिद्ध करण्यापूर्वी समितीने अहवाल {n} दोन वेळा वाचला."


class Done(NamedTuple):
    """One loop: which item was judged, and the milliseconds its parts took.

    `save` is the time until the rating is acknowledged, `next` until the next item is there; where
    one request does both they are the same time.
    """

    item: str
    save: float
    next: float
    n_requests: int


class Annotator(ABC):
    """One signed-in person as their page's own script behaves; lives in the client's process."""

    def __init__(self, http: Any, spec: dict[str, Any], number: int) -> None:
        self.http, self.spec, self.number = http, spec, number

    @abstractmethod
    async def begin(self) -> None:
        """Sign in and open the first item; not measured."""

    @abstractmethod
    async def loop(self) -> Done | None:
        """Store one rating and bring the next item; None where there is nothing left to judge.

        Raises where the platform does not acknowledge the rating.
        """


class Stored(NamedTuple):
    """What the platform's own export holds: (annotator, item) of every rating, and its items."""

    pairs: list[tuple[str, str]]
    shared: int  # items given to more annotators than were asked for


class Platform(ABC):
    """A server with 1,000 items to be rated from 0 to 6 and accounts for everybody."""

    name: ClassVar[str]
    version: ClassVar[str] = ""
    annotator: ClassVar[type[Annotator]]

    def __init__(self, folder: Path, n_people: int, raters: int) -> None:
        self.folder, self.n_people, self.raters = folder, n_people, raters
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def installed(cls) -> Path | None:
        """Its programs' folder, where it is not this site; raises NotInstalled."""
        return None

    @abstractmethod
    def prepare(self) -> None:
        """Load items and accounts."""

    @abstractmethod
    def start(self) -> None:
        """Start the web server as its own instructions say, and wait until it answers."""

    @abstractmethod
    def spec(self) -> dict[str, Any]:
        """What an Annotator needs to know, as plain values."""

    @abstractmethod
    def stored(self) -> Stored:
        """Read the platform's own export."""

    def roots(self) -> dict[str, int]:
        """Process ids to measure with all they started, apart: `web`, perhaps `database`."""
        return {"web": self.process.pid} if self.process else {}

    def stop(self) -> None:
        """For good: its folder goes, too."""
        if self.process is not None:
            stop_group(self.process)
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)


def stop_group(process: subprocess.Popen[bytes], *, kill: bool = False) -> None:
    """End a process started in a session of its own, with all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
