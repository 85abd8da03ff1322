"""Load a dataset: keys, sources, references, documents and domains."""

import re
from collections.abc import Callable
from typing import Any

from common.errors import BadInput
from common.problems import shown
from common.tables import Problems, Row, Table
from models_app.loading.common import (
    Loaded,
    all_or_nothing,
    check_fields,
    chunks,
    identifier,
    text,
)
from models_app.models import Dataset, Segment

REFERENCE = re.compile(r"reference[ _-]?(\d{0,9})")
REQUIRED = ("key", "source")
OPTIONAL = ("document", "domain", "context", "references", "reference")
WORDS = {"references": "reference", "extra": "value in a further column"}
PLAIN = {*REQUIRED, *OPTIONAL}


def load_dataset(
    table: Table,
    *,
    name: str,
    source_lang: str,
    target_lang: str,
    licence: str = "",
    origin: str = "",
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n_rows: None,
) -> Loaded:
    """Store a table's segments under `name`; a second load of the same rows changes nothing.

    Raises BadInput or BadTable, and then nothing is stored.
    """
    loaded, problems = Loaded(), Problems(table.name)
    with all_or_nothing(problems, dry_run=dry_run):
        dataset = _dataset(name, source_lang, target_lang, licence, origin)
        _load(table, dataset, loaded, problems, progress)
    return loaded


def _dataset(name: str, source_lang: str, target_lang: str, licence: str, origin: str) -> Dataset:
    wanted = Dataset(
        name=name, source_lang=source_lang, target_lang=target_lang, licence=licence, origin=origin
    )
    check_fields(wanted)
    dataset = Dataset.objects.select_for_update().filter(name=name).first()
    if dataset is None:
        wanted.save()
        return wanted
    if (dataset.source_lang, dataset.target_lang) != (source_lang, target_lang):
        raise BadInput(
            f"the dataset {name!r} exists with languages {dataset.source_lang} to "
            f"{dataset.target_lang}; give the same languages or another name"
        )
    return dataset


def _load(
    table: Table,
    dataset: Dataset,
    loaded: Loaded,
    problems: Problems,
    progress: Callable[[int], None],
) -> None:
    position = Segment.objects.filter(dataset=dataset).count()
    seen: dict[str, int] = {}
    optional = [*OPTIONAL, *filter(REFERENCE.fullmatch, table.columns)]
    for chunk in chunks(table.rows(REQUIRED, optional, problems)):
        wanted = []
        for row in chunk:
            loaded.see(row)
            if segment := _segment(row, dataset, seen, problems):
                wanted.append((row, segment))
        keys = [segment.key for _, segment in wanted]
        stored = {s.key: s for s in dataset.segments.filter(key__in=keys)}
        new = []
        for row, segment in wanted:
            if segment.key not in stored:
                segment.position = position
                position += 1
                new.append(segment)
            else:
                _compare(row, segment, stored[segment.key], loaded, problems)
        if not problems.n:
            Segment.objects.bulk_create(new)
        loaded.n_new += len(new)
        progress(loaded.n_rows)


def _segment(
    row: Row, dataset: Dataset, seen: dict[str, int], problems: Problems
) -> Segment | None:
    key = identifier(row, "key", problems)
    source = text(row, "source", problems, required=True)
    references = _references(row, problems)
    labels = {name: text(row, name, problems, required=False) for name in ("document", "domain")}
    context = text(row, "context", problems, required=False)
    for name, limit in (("document", 200), ("domain", 100)):
        if len(labels[name] or "") > limit:
            problems.add(f"has more than {limit} characters", row.number, name)
            return None
    if key in seen:
        problems.add(
            f"{shown(key)} stands already in row {seen[key]}; keys must differ", row.number, "key"
        )
        return None
    if key is None or source is None or references is None or context is None:
        return None
    seen[key] = row.number
    extra = {
        name: value
        for name, value in row.cells.items()
        if name not in PLAIN and not REFERENCE.fullmatch(name) and value not in ("", None)
    }
    return Segment(
        dataset=dataset,
        key=key,
        source=source,
        references=references,
        document=labels["document"] or "",
        domain=labels["domain"] or "",
        context=context,
        extra=extra,
    )


def _references(row: Row, problems: Problems) -> list[str] | None:
    """Texts of `reference`, `reference2` ... and of a list `references`; no empty ones."""
    numbered = [
        (int(match[1] or 1), name) for name in row.cells if (match := REFERENCE.fullmatch(name))
    ]
    values: list[Any] = [row.cells[name] for _, name in sorted(numbered)]
    several = row.cells.get("references") or []
    values += several if isinstance(several, list) else [several]
    if not all(value is None or isinstance(value, str) for value in values):
        problems.add("must be text or a list of texts", row.number, "reference")
        return None
    return [value for value in values if value and value.strip()]


def _compare(
    row: Row, segment: Segment, stored: Segment, loaded: Loaded, problems: Problems
) -> None:
    for name in ("source", "references", "document", "domain", "context", "extra"):
        if getattr(segment, name) != getattr(stored, name):
            problems.add(
                f"segment {shown(segment.key)} is stored with another {WORDS.get(name, name)}; "
                "texts are never overwritten: load it into a new dataset",
                row.number,
                None if name == "extra" else name,
            )
            return
    loaded.n_unchanged += 1
