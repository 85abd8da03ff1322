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
KEPT = 4.0  # seconds of an idle connection: fewer than any server's, for a browser tries again
FIRST = 8  # people who sign in at a time
TRIES = 3  # of each to sign in
PROBLEMS = (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError)


class Loop(NamedTuple):
    """A loop that was acknowledged; `at` is when it ended."""

    at: float
    person: int
    item: str
    save: float
    next: float
    n_requests: int


class Result(NamedTuple):
    """`entering` is the seconds until everybody had signed in and had a first item."""

    began: float
    ended: float
    loops: list[Loop]
    errors: list[str]
    entering: float = 0.0


class NoLoad(RuntimeError):
    """The annotators could not begin, or their process died."""


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

    Raises
    ------
    NoLoad
        Somebody could not sign in and open a first item, or the process died.
    """
    here, there = multiprocessing.get_context("spawn").Pipe()
    arguments = (there, annotator.__module__, annotator.__name__, spec)
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(*arguments, people, seconds, think, go_on)
    )
    process.start()
    there.close()
    try:
        if why := here.recv():
            raise NoLoad(why)
        if ready is not None:
            ready()
        here.send("go")
        return here.recv()
    except EOFError:
        raise NoLoad("the process of the annotators died") from None
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
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT),
        )
        for _ in range(people)
    ]
    everybody = [annotator(http, spec, number) for number, http in enumerate(sessions)]
    gate = asyncio.Semaphore(FIRST)
    started = time.monotonic()
    refused = [
        why for why in await asyncio.gather(*(_enter(one, gate) for one in everybody)) if why
    ]
    entering = time.monotonic() - started
    pipe.send(f"{len(refused)} of {people} could not begin: {refused[0]}" if refused else "")
    if not refused:
        await asyncio.to_thread(pipe.recv)
        pipe.send(await _at_work(everybody, seconds, think, go_on, entering))
    for session in sessions:
        await session.close()


async def _enter(person: Any, gate: asyncio.Semaphore) -> str:
    """Why this person could not sign in; empty where that went well."""
    why = ""
    async with gate:
        for _ in range(TRIES):
            try:
                await person.begin()
                return ""
            except PROBLEMS as problem:
                why = _told(problem)
    return why


async def _at_work(
    everybody: list[Any], seconds: float, think: float, go_on: bool, entering: float
) -> Result:
    loops: list[Loop] = []
    errors: list[str] = []
    began = time.time()
    deadline = time.monotonic() + seconds
    work = [_work(person, deadline, think, go_on, loops, errors) for person in everybody]
    await asyncio.gather(*work)
    ended = max([loop.at for loop in loops], default=time.time())
    return Result(began, ended, loops, errors, entering)


def _told(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}"[:200]


async def _work(
    person: Any, deadline: float, think: float, go_on: bool, loops: Any, errors: Any
) -> None:
    chance = random.Random(person.number)

    async def pause(seconds: float) -> None:
        await asyncio.sleep(max(0.0, min(seconds, deadline - time.monotonic())))

    await pause(think * chance.random())
    while time.monotonic() < deadline:
        try:
            done = await person.loop()
        except PROBLEMS as problem:
            errors.append(_told(problem))
            await pause(0.5 if go_on else max(1.0, think))
            continue
        if done is None:
            return
        loops.append(Loop(time.time(), person.number, *done))
        if think:
            await pause(think * chance.uniform(0.5, 1.5))
