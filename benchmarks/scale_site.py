"""A made-up site of any size for benchmarks.scale: written in bulk, true to the models' rules."""

from __future__ import annotations

import json
import os
import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SYSTEMS = 10
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORDS = ["नदी", "रुंद", "आहे", "पण", "पाणी", "शांत", "वाहते", "सकाळी", "बाजार", "मुले", "पाऊस"]
CHUNK = 20_000


def database_url(kind: str, folder: str, name: str) -> str:
    """An empty database: a SQLite file, or a new one on the server that DATABASE_URL names."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/{name}.sqlite3"
    import psycopg

    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        raise SystemExit("set DATABASE_URL to a PostgreSQL server, say postgres://user@host/name")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def django_at(url: str, folder: str) -> None:
    """Set up Django on this database."""
    os.environ |= {"DATABASE_URL": url, "NIKASH_DATA_DIR": folder}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def write(model: Any, names: list[str], rows: Iterable[tuple[Any, ...]]) -> int:
    """Rows as they are, in chunks: COPY on PostgreSQL, executemany on SQLite; how many."""
    from django.db import connection, transaction

    fields = {field.name: field for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{fields[name].column}"' for name in names)
    table, n = model._meta.db_table, 0
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        n += len(chunk)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                    for row in chunk:
                        copy.write_row(row)
            else:
                places = ", ".join(["%s"] * len(names))
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', chunk)
    return n


def build(n_outputs: int, n_ratings: int, *, annotators: int, protocol: str, opened: bool) -> Any:
    """A dataset, its outputs by ten systems, and an open campaign with that many ratings.

    opened : by the service that opens campaigns; its items are written directly otherwise
    """
    from annotation.models import Campaign
    from annotation.services import open_campaign

    campaign = _texts(n_outputs, n_ratings, protocol)
    people = _people(campaign, annotators)
    if opened:
        open_campaign(campaign)
        campaign = Campaign.objects.get(pk=campaign.pk)
    else:
        _items(campaign)
    _ratings(campaign, people, n_ratings)
    _settle()
    return campaign


def _sentence(rng: random.Random, number: int) -> str:
    return f"{' '.join(rng.choices(WORDS, k=12))} {number}."


def _segment(rng: random.Random, dataset: int, n: int) -> tuple[Any, ...]:
    source = f"The river is wide and the water calm, {n}."
    references = json.dumps([_sentence(rng, n)])
    labels = (f"d{n // 10}", f"domain {n % 4}")
    return n + 1, dataset, f"s{n}", n, source, references, *labels, "", "{}"


def _texts(n_outputs: int, n_ratings: int, protocol: str) -> Any:
    from annotation.models import Campaign
    from common.text import text_hash
    from models_app.models import Dataset, Output, Segment, System

    rng = random.Random(n_outputs)
    n_segments = n_outputs // SYSTEMS
    dataset = Dataset.objects.create(name="national", source_lang="en", target_lang="mr")
    names = ["id", "dataset", "key", "position", "source", "references", "document", "domain"]
    names += ["context", "extra"]
    write(
        Segment,
        names,
        (_segment(rng, dataset.pk, n) for n in range(n_segments)),
    )
    made = [System.objects.create(name=f"system {n:02}", kind="imported") for n in range(SYSTEMS)]

    def outputs() -> Iterator[tuple[Any, ...]]:
        for n in range(n_segments):
            for place, system in enumerate(made):
                text = _sentence(rng, n * SYSTEMS + place)
                pk = n * SYSTEMS + place + 1
                yield pk, system.pk, n + 1, text, text_hash(text), "", START

    names = ["id", "system", "segment", "text", "text_hash", "finish_reason", "created_at"]
    write(Output, names, outputs())
    _reset(Segment, Output)
    campaign = Campaign.objects.create(
        name="national",
        dataset=dataset,
        protocol=protocol,
        raters_per_item=n_ratings // n_outputs + 1,  # the last items stay open
    )
    campaign.systems.set(made)
    return campaign


def _people(campaign: Any, n: int) -> list[int]:
    """Accounts with codes, members of the campaign; the keys of the annotators."""
    from django.contrib.auth import get_user_model

    from annotation.models import Annotator, Membership, Participation

    User = get_user_model()
    users = User.objects.bulk_create(
        User(username=f"annotator{number:04}", password="!") for number in range(n)
    )
    people = Annotator.objects.bulk_create(
        Annotator(user=user, code=f"A-{number:04}") for number, user in enumerate(users)
    )
    Membership.objects.bulk_create(
        Membership(user=user, campaign=campaign, role="annotator") for user in users
    )
    Participation.objects.bulk_create(
        Participation(campaign=campaign, annotator=person) for person in people
    )
    User.objects.create(username="ada", password="!", is_staff=True)
    return [person.pk for person in people]


def _items(campaign: Any) -> None:
    """As the service makes them, in the dataset's order, with a plan of its shape."""
    from annotation.models import Campaign, Item, ItemOutput
    from annotation.planning import freeze_plan
    from models_app.models import Output

    pairs = Output.objects.order_by("pk").values_list("pk", "segment_id")
    names = ["id", "campaign", "segment", "position", "block", "n_taken", "needs_rating"]
    n = write(
        Item,
        [*names, "purpose", "expected"],
        (
            (pk, campaign.pk, segment, pk - 1, segment - 1, 0, True, "judge", "{}")
            for pk, segment in pairs.iterator()
        ),
    )
    write(ItemOutput, ["item", "output", "slot"], ((pk, pk, 0) for pk in range(1, n + 1)))
    _reset(Item)
    freeze_plan(campaign, n, {"n_blocks": n // SYSTEMS, "n_ratings": n * campaign.raters_per_item})
    campaign.state, campaign.opened_at = Campaign.State.OPEN, START
    campaign.save()


def _ratings(campaign: Any, people: list[int], n: int) -> None:
    """Of every item all that it should have, by different people; the last items stay open."""
    from annotation.models import Assignment, ErrorSpan, Item, Rating, RatingEvent, RatingScore

    raters, protocol = campaign.raters_per_item, campaign.protocol_object
    items = list(
        campaign.items.judged()
        .order_by("position")
        .values_list("pk", "block", "slots__output", "slots__output__text")[: n // raters]
    )

    def given() -> Iterator[tuple[int, int, int, int, str, datetime]]:
        """Number, item, output, annotator, text, time."""
        rng = random.Random(1)
        for place, (item, block, output, text) in enumerate(items):
            shift = (block * raters) % len(people)
            for turn in range(raters):
                at = START + timedelta(seconds=(place * raters + turn) * 0.5 + rng.random() / 4)
                number = place * raters + turn + 1
                yield number, item, output, people[(shift + turn) % len(people)], text, at

    answers = {
        (score, errors): json.dumps(_answer(protocol, score, errors))
        for score in range(0, 101, 5)
        for errors in (0, 1)
    }

    def said(number: int) -> tuple[int, int]:
        return number * 7 % 21 * 5, int(number % 3 == 0)

    def shared(number: int, item: int, who: int) -> tuple[Any, ...]:
        return item, who, 1, answers[said(number)], True, 9 + number % 40, ""

    common = ["item", "annotator", "sequence", "answer", "is_complete", "active_seconds"]
    write(
        RatingEvent,
        ["id", "key", *common, "guideline", "after_lease", "received_at"],
        (
            (k, uuid.UUID(int=k).hex, *shared(k, item, who), False, at)
            for k, item, _, who, _, at in given()
        ),
    )
    write(
        Rating,
        ["id", *common, "guideline", "note", "flagged", "updated_at"],
        (
            (k, *shared(k, item, who), "unsure" if k % 50 == 0 else "", k % 200 == 0, at)
            for k, item, _, who, _, at in given()
        ),
    )
    values = {place: protocol.scores(json.loads(answer), 1)[0] for place, answer in answers.items()}
    write(
        RatingScore,
        ["rating", "output", "criterion", "value"],
        (
            (k, output, values[said(k)].criterion, values[said(k)].value)
            for k, _, output, _, _, _ in given()
        ),
    )
    spans = ["rating", "output", "side", "start", "end", "quoted", "text_hash", "category"]
    if protocol.spans(_answer(protocol, 0, 1), 1):
        write(
            ErrorSpan,
            [*spans, "severity", "note"],
            (
                (k, output, "target", 0, 3, "नदी", "", "accuracy/mistranslation", "minor", "")
                for k, _, output, _, _, _ in given()
                if said(k)[1]
            ),
        )
    leases = ["item", "annotator", "state", "position", "order", "lease_until", "created_at"]
    turns = {who: count() for who in people}
    write(
        Assignment,
        [*leases, "done_at"],
        (
            (item, who, "done", next(turns[who]), "[0]", at + timedelta(hours=4), at, at)
            for _, item, _, who, _, at in given()
        ),
    )
    Item.objects.filter(pk__in=campaign.items.judged().values("pk")).filter(
        position__lt=len(items)
    ).update(n_taken=raters)
    _reset(Rating, RatingEvent)


def _answer(protocol: Any, score: int, errors: int) -> dict[str, Any]:
    """An answer on one output; the quoted text is not looked for in the output."""
    error = {"side": "target", "start": 0, "end": 3, "quoted": "नदी", "note": ""}
    error |= {"category": "accuracy/mistranslation", "severity": "minor"}
    marked = {"errors": [error] * errors}
    name = type(protocol).__name__.lower()
    if name == "mqm":
        return {"outputs": {"0": marked}}
    if name == "esa":
        return {"outputs": {"0": {"score": score, **marked}}}
    return protocol.answer_for_score(str(score if name == "da" else score // 20))


def _reset(*models: Any) -> None:
    """PostgreSQL's counters after rows with keys of our own."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(sql)


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
