"""The annotators, all of them, in a process of their own: asks, waits, notes what it took."""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import random
import time
from typing import Any, NamedTuple

import aiohttp

LONGEST = 120.0  # seconds that a request may take before it counts as failed
FIRST = 8  # people who sign in at a time


class Loop(NamedTuple):
    """A loop that was acknowledged; `at` is when it ended."""

    at: float
    person: int
    item: str
    save: float
    next: float
    n_requests: int


class Result(NamedTuple):
    began: float
    ended: float
    loops: list[Loop]
    errors: list[str]


def drive(
    annotator: type[Any],
    spec: dict[str, Any],
    *,
    people: int,
    seconds: float,
    think: float,
    ready: Any = None,
    go_on: bool = False,
) -> Result:
    """Run this many annotators for so long, in a process of its own.

    think : seconds that one thinks before an answer, drawn evenly from half to one and a half
    ready : called when everybody has signed in and the clock starts
    go_on : whether an error is noted and the same item tried again, as when a server is killed
    """
    here, there = multiprocessing.get_context("spawn").Pipe()
    arguments = (there, annotator.__module__, annotator.__name__, spec)
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(*arguments, people, seconds, think, go_on)
    )
    process.start()
    there.close()
    try:
        here.recv()
        if ready is not None:
            ready()
        here.send("go")
        return here.recv()
    finally:
        process.join()


def _run(
    pipe: Any, module: str, name: str, spec: Any, people: int, seconds: float, *how: Any
) -> None:
    annotator = getattr(importlib.import_module(module), name)
    asyncio.run(_drive(pipe, annotator, spec, people, seconds, *how))


async def _drive(
    pipe: Any, annotator: Any, spec: Any, people: int, seconds: float, think: float, go_on: bool
) -> None:
    timeout = aiohttp.ClientTimeout(total=LONGEST)
    sessions = [
        aiohttp.ClientSession(
            timeout=timeout,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            connector=aiohttp.TCPConnector(limit=0),
        )
        for _ in range(people)
    ]
    everybody = [annotator(http, spec, number) for number, http in enumerate(sessions)]
    gate = asyncio.Semaphore(FIRST)

    async def enter(person: Any) -> None:
        async with gate:
            await person.begin()

    await asyncio.gather(*(enter(person) for person in everybody))
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    loops: list[Loop] = []
    errors: list[str] = []
    began = time.time()
    deadline = time.monotonic() + seconds
    work = [_work(person, deadline, think, go_on, loops, errors) for person in everybody]
    await asyncio.gather(*work)
    ended = max([loop.at for loop in loops], default=time.time())
    for session in sessions:
        await session.close()
    pipe.send(Result(began, ended, loops, errors))


async def _work(
    person: Any, deadline: float, think: float, go_on: bool, loops: Any, errors: Any
) -> None:
    chance = random.Random(person.number)
    await asyncio.sleep(think * chance.random())
    while time.monotonic() < deadline:
        try:
            done = await person.loop()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as problem:
            errors.append(f"{type(problem).__name__}: {problem}"[:200])
            if go_on:
                await asyncio.sleep(0.5)
                continue
            await asyncio.sleep(max(1.0, think))
            continue
        if done is None:
            return
        loops.append(Loop(time.time(), person.number, *done))
        if think:
            await asyncio.sleep(think * chance.uniform(0.5, 1.5))
