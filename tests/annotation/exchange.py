"""Campaigns to send through a format and back: generated answers, and what of them is the same."""

import contextlib
import io
import random
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from annotation.exporting import export_ratings, write_folder
from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.interchange.judged import judged
from annotation.interchange.opening import open_ratings
from annotation.interchange.stored import error_span
from annotation.models import (
    Annotator,
    Campaign,
    Item,
    ItemOutput,
    Rating,
    RatingEvent,
    RatingScore,
)
from common.text import text_hash
from models_app.loading.common import Loaded
from models_app.models import Dataset, Output, Segment, System

TEXTS = [
    "कुत्रा ३ वेळा जोरात धावला, क्षत्रिय!",
    "दुसऱ्या दिवशी « ती » गेली।",
    "D’fhéach an cú ar an mbord – tá sé ann.",
    "एक 👩🏽‍🚀 आणि दोन 🇮🇪 ध्वज 😀",
    'Er sagte "ja" & ging <b>weg</b>.',
    "a",
    " चालला ",
]
NOTES = ["", 'चूक: "क्रियापद" 😀', "tá sé, b'fhéidir"]
CATEGORIES = ["Accuracy/Mistranslation", "Fluency/Grammar", "Accuracy/Omission", "एकदम/नवीन"]
RATERS = ["r1", "आशा", "Seán Ó’B", "=1+1"]
SYSTEMS = ["base", "org/lora v2", "प्रणाली.3"]
START = datetime(2026, 7, 6, 6, 6, 25, 927000, tzinfo=UTC)


def texts(*more: str) -> st.SearchStrategy[str]:
    """Texts of three languages, and any others that a cell of one line can hold."""
    alphabet = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="<>")
    return st.sampled_from([*TEXTS, *more]) | st.text(alphabet, min_size=1, max_size=12)


@contextlib.contextmanager
def forgotten() -> Iterator[None]:
    """What the block stores is gone afterwards: generated examples do not see each other."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@st.composite
def studies(draw: Any, protocol: str, *, more_texts: tuple[str, ...] = ()) -> dict[str, Any]:
    """Texts and answers of a small campaign: {"texts", "ratings", "protocol"}."""
    n_segments, n_systems = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    n_raters = draw(st.integers(1, 3))
    sources = [draw(texts(*more_texts)) for _ in range(n_segments)]
    outputs = {
        (system, number): draw(texts(*more_texts))
        for system in SYSTEMS[:n_systems]
        for number in range(n_segments)
    }
    ratings = [
        (rater, system, number, draw(parts(protocol, sources[number], text)), draw(asides()))
        for (system, number), text in outputs.items()
        for rater in RATERS[:n_raters]
        if draw(st.integers(0, 3))
    ]
    return {"protocol": protocol, "sources": sources, "outputs": outputs, "ratings": ratings}


def asides() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "note": st.sampled_from(NOTES),
            "flagged": st.booleans(),
            "active_seconds": st.sampled_from([None, 12.5, 40.0]),
        }
    )


@st.composite
def parts(draw: Any, protocol: str, source: str, target: str) -> dict[str, Any]:
    if protocol == "sqm":
        return {"score": draw(st.integers(0, 6) | st.just("cannot_judge"))}
    if protocol == "da":
        return {"score": draw(st.sampled_from([0.0, 1 / 3, 71.5, 100.0]))}
    errors = draw(st.lists(errors_in(protocol, source, target), max_size=3))
    if protocol == "mqm":
        return {"errors": errors}
    return {"errors": errors, "score": draw(st.sampled_from([0, 50, 66.5, 100]))}


@st.composite
def errors_in(draw: Any, protocol: str, source: str, target: str) -> dict[str, Any]:
    is_mqm = protocol == "mqm"
    error = {
        "side": draw(st.sampled_from(["target", "target", "source"])),
        "category": draw(st.sampled_from(CATEGORIES)) if is_mqm else "",
        "severity": draw(
            st.sampled_from(["minor", "major", *(["critical", "neutral"] if is_mqm else [])])
        ),
        "note": draw(st.sampled_from(NOTES)),
    }
    kind = draw(st.sampled_from(["span", "span", "caret", "nowhere", "whole"]))
    text = source if error["side"] == "source" else target
    if kind == "whole" and is_mqm:
        error |= {"side": "target", "category": "Non-translation!", "severity": "major"}
    if kind in ("whole", "nowhere"):
        quoted = draw(st.sampled_from(["", "gone"])) if kind == "nowhere" else ""
        return error | {"start": None, "end": None, "quoted": quoted}
    if kind == "caret":
        start = draw(st.integers(0, len(target)))
        return error | {"side": "target", "start": start, "end": start, "quoted": ""}
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return error | {"start": start, "end": end, "quoted": text[start:end]}


def store(study: dict[str, Any], name: str = "first") -> Campaign:
    """The study as a campaign of imported ratings, each with all that a rating may have."""
    dataset = Dataset.objects.create(name=f"data of {name}", source_lang="en", target_lang="mr")
    segments = [
        Segment.objects.create(
            dataset=dataset,
            key=f"k{number}",
            position=number,
            source=source,
            references=[f"संदर्भ {number}"],
            document=f"d{number // 2}",
            domain="news",
        )
        for number, source in enumerate(study["sources"])
    ]
    campaign = Campaign.objects.create(
        name=name,
        dataset=dataset,
        protocol=study["protocol"],
        origin="imported",
        state="closed",
        opened_at=START,
    )
    items = {}
    for position, ((system, number), text) in enumerate(study["outputs"].items()):
        maker, _ = System.objects.get_or_create(name=system)
        output = Output.objects.create(
            system=maker, segment=segments[number], text=text, text_hash=text_hash(text)
        )
        item = Item.objects.create(
            campaign=campaign, segment=segments[number], position=position, block=number
        )
        ItemOutput.objects.create(item=item, output=output, slot=0)
        campaign.systems.add(maker)
        items[system, number] = item
    for n, (rater, system, number, part, aside) in enumerate(study["ratings"]):
        annotator, _ = Annotator.objects.get_or_create(code=rater, scope=name, origin="imported")
        _rate(items[system, number], annotator, answer_of(study["protocol"], part), aside, n)
    return campaign


def answer_of(protocol: str, part: dict[str, Any]) -> dict[str, Any]:
    if protocol == "sqm":
        return part
    return {"outputs": {"0": part["score"] if protocol == "da" else part}}


def _rate(item: Item, annotator: Annotator, answer: Any, aside: Any, n: int) -> None:
    shared = {
        "item": item,
        "annotator": annotator,
        "sequence": 1,
        "is_complete": True,
        "active_seconds": aside["active_seconds"],
    }
    said = {"note": aside["note"], "flagged": aside["flagged"]}
    RatingEvent.objects.create(
        key=uuid.UUID(int=random.Random(f"{item.pk}/{annotator.pk}").getrandbits(128)),
        answer=answer | (said if any(said.values()) else {}),
        **shared,
    )
    at = START + timedelta(seconds=n)
    rating = Rating.objects.create(answer=answer, updated_at=at, **said, **shared)
    output, protocol = item.outputs.get(), item.campaign.protocol_object
    for score in protocol.scores(answer, 1):
        RatingScore.objects.create(
            rating=rating, output=output, criterion=score.criterion, value=score.value
        )
    for span in protocol.spans(answer, 1):
        error_span(rating, output, span).save()


def exported(campaign: Campaign, format_name: str, folder: Path) -> list[str]:
    """Write the campaign into the folder; what is lost."""
    export = export_ratings(campaign, format_name)
    write_folder(export, folder, force=True)
    return export.losses


def loaded(location: Path, format_name: str, **options: Any) -> Loaded:
    kind = FORMATS.get(format_name)
    columns = options.pop("columns", None)
    with open_ratings(str(location), kind, columns) as source:
        return load_ratings(source, format_name=format_name, **options)


def zipped(folder: Path, *, below: str = "") -> Path:
    """The folder as a .zip beside it."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.write(file, below + file.relative_to(folder).as_posix())
    return path


def said(campaign: Campaign) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(rater, system, key) to all that was said there."""
    found = {}
    for one in judged(campaign):
        rating = one.rating
        found[one.rater, one.system, one.key] = {
            "score": one.score,
            "errors": one.errors,
            "note": rating.note,
            "flagged": rating.flagged,
            "active": rating.active_seconds,
            "time": rating.updated_at,
        }
    return found


def stream(data: bytes | str) -> io.BytesIO:
    return io.BytesIO(data.encode() if isinstance(data, str) else data)
