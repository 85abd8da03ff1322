"""Appraise (AppraiseDev/Appraise): named here, and not driven.

It is in no package index, only in a repository of source files; the machine this was written on
could not fetch that, so a driver could not be tried and none is claimed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.load.platform import Annotator, Done, Platform, Stored
from benchmarks.peers.environments import NotInstalled

WHY = (
    "not measured: appraise; it is no package that pip installs but a checkout of its source, "
    "which could not be fetched where this was written, so there is no driver that was tried: "
    "write benchmarks/peers/appraise.py where it can be fetched, as potato.py beside it"
)


class Person(Annotator):
    async def begin(self) -> None:
        raise NotInstalled(WHY)

    async def loop(self) -> Done | None:
        raise NotInstalled(WHY)


class Peer(Platform):
    name = "Appraise"
    annotator = Person

    @classmethod
    def installed(cls) -> Path:
        raise NotInstalled(WHY)

    def prepare(self) -> None:
        raise NotInstalled(WHY)

    def start(self) -> None:
        raise NotInstalled(WHY)

    def spec(self) -> dict[str, Any]:
        raise NotInstalled(WHY)

    def stored(self) -> Stored:
        raise NotInstalled(WHY)
