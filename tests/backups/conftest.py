"""A small site with answers, and empty databases to put it into, on SQLite and PostgreSQL."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command

from annotation.models import Assignment, Campaign
from annotation.services import next_assignment, open_campaign, submit_rating
from benchmarks.load.postgres import Postgres, is_installed
from config.backups.databases import opened
from tests import people
from tests.servers import sqlite_tables


def quiet(_: str) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


def answered(name: str, n: int = 3) -> Campaign:
    """A campaign in which Bob has judged n items."""
    campaign = people.small_campaign(name, "sqm")
    open_campaign(campaign)
    campaign.refresh_from_db()
    for score in range(n):
        answer(next_assignment(people.bob().annotator, campaign), score)
    return campaign


def answer(assignment: Assignment, score: int) -> None:
    submit_rating(
        assignment=assignment, key=uuid.uuid4(), sequence=1, answer={"score": score}, finish=True
    )


@pytest.fixture
def campaign(transactional_db) -> Campaign:
    return answered("study")


@pytest.fixture
def empty_url(tmp_path) -> str:
    path = tmp_path / "other.sqlite3"
    shutil.copy(sqlite_tables(), path)
    return f"sqlite:///{path}"


@pytest.fixture
def empty(campaign, empty_url) -> Iterator[str]:
    with opened(empty_url) as alias:
        yield alias


@pytest.fixture(scope="session")
def postgres(django_db_setup, django_db_blocker) -> Iterator[str]:
    """The URL of a private server, without a database's name."""
    if not is_installed():
        pytest.skip("no initdb here: PostgreSQL is not installed")
    server = Postgres(keeps=False)
    try:
        server.start()
        make_database(server.address, "tables")
        migrate(server.address, django_db_blocker)
        yield server.address
    finally:
        server.stop()


def migrate(url: str, blocker) -> None:
    with blocker.unblock(), opened(f"{url}/tables") as alias:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


@pytest.fixture
def postgres_url(postgres) -> str:
    name = f"t{uuid.uuid4().hex}"
    make_database(postgres, name, "tables")
    return f"{postgres}/{name}"


def make_database(url: str, name: str, like: str = "template0") -> None:
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
