"""What is looked at before the site starts: each finding says what to write."""

import os
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

SHORTEST_KEY = 32
START = "start"
NAME = re.compile(r"NIKASH_[A-Z_]+[A-Z]")
OWN_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}


@cache
def known_variables() -> frozenset[str]:
    """Those of the page that lists them; a test holds the page to the code."""
    page = Path(settings.BASE_DIR) / "docs" / "configuration.md"
    return frozenset(NAME.findall(page.read_text("utf-8"))) if page.is_file() else frozenset()


@register(START)
def variables(**_: Any) -> list[CheckMessage]:
    known = known_variables()
    found: list[CheckMessage] = []
    for name in sorted(os.environ):
        if known and name.startswith("NIKASH_") and name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Write {near[0]}." if near else "See docs/configuration.md for those there are."
            said = f"{name} is set, but Nikash knows no such variable."
            found.append(Warning(said, hint=hint, id="nikash.W001"))
    return found


@register(START)
def folders(**_: Any) -> list[CheckMessage]:
    """The data folder and what lies in it must be open to this user."""
    places = [Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT)]
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    places += [Path(options[name]) for name in ("data_folder_in", "control_folder")
               if name in options]  # fmt: skip
    return [
        Error(
            f"{place} cannot be written to by the user with number {os.geteuid()}.",
            hint="Give the folder to that user with chown, or name another in NIKASH_DATA_DIR.",
            id="nikash.E002",
        )
        for place in places
        if place.exists() and not os.access(place, os.W_OK | os.X_OK)
    ]


@register(START)
def secret_key(**_: Any) -> list[CheckMessage]:
    key = str(settings.SECRET_KEY)
    if len(key) >= SHORTEST_KEY and len(set(key)) >= 8:
        return []
    hint = (
        "Write 50 random characters into NIKASH_SECRET_KEY, or leave it out: a key is made and "
        "kept in the data folder."
    )
    said = f"The secret key can be guessed: it has {len(key)} characters."
    return [Error(said, hint=hint, id="nikash.E003")]


@register(START)
def hosts(**_: Any) -> list[CheckMessage]:
    """Settings that do not go together."""
    found: list[CheckMessage] = []
    if settings.DEBUG and settings.HTTPS:
        found.append(Error(
            "NIKASH_DEBUG=1 shows code and settings to everybody who reaches the site.",
            hint="Leave NIKASH_DEBUG out where NIKASH_HTTPS=1.", id="nikash.E004",
        ))  # fmt: skip
    if settings.HTTPS and set(settings.ALLOWED_HOSTS) <= OWN_HOSTS:
        found.append(Error(
            "NIKASH_HTTPS=1, but the site answers to this machine's own names only.",
            hint="Write NIKASH_HOSTS=nikash.example.org, the name that people type.",
            id="nikash.E005",
        ))  # fmt: skip
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Warning(
            "NIKASH_HOSTS=* lets anybody choose the host in links that the site sends.",
            hint="Write the names that people type, say nikash.example.org.", id="nikash.W006",
        ))  # fmt: skip
    return found


@register(START)
def lease(**_: Any) -> list[CheckMessage]:
    seconds = settings.JOB_LEASE_SECONDS
    if 1 <= seconds <= 600:
        return []
    return [Error(
        f"NIKASH_JOB_LEASE_SECONDS is {seconds:g}.",
        hint="Write seconds from 1 to 600, say 15.", id="nikash.E007",
    )]  # fmt: skip


@register(Tags.database)
def database(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Asked by serve, worker, and `check --database default`."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        try:
            connections[alias].ensure_connection()
        except DatabaseError as problem:
            why = str(problem).strip().partition("\n")[0]
            found.append(Error(
                f"The database does not answer: {why}",
                hint="Start it, or correct DATABASE_URL: postgres://user:password@host:5432/name.",
                id="nikash.E008",
            ))  # fmt: skip
    return found
