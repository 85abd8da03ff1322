"""The file of a campaign, line by line: first the texts, then what was said of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError

from annotation.formats.nikash import FIELDS, SCHEMA, head_of, judgements_of
from annotation.interchange.rows import from_json
from annotation.interchange.writing import compact
from annotation.models import Campaign
from annotation.protocols import PROTOCOLS
from annotation.restoring.judgements import Judgements
from annotation.restoring.texts import Texts
from annotation.summaries import BIG, make_summary
from annotation.tallying import TALLY
from common.errors import BadInput
from common.problems import Problems, shown
from common.tables import Row, Table
from models_app.loading.common import Loaded, all_or_nothing, check_fields, chunks

BESIDES = ("schema", "record", "systems", "dataset")  # of the first line, beside the fields


def restore_campaign(
    table: Table,
    *,
    campaign: str | None = None,
    dataset: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n: None,
) -> Loaded:
    """Store a file of Nikash; the same file again changes nothing.

    campaign, dataset : other names than the file's
    Texts that are stored already must be the file's own, and so must a campaign of this name.

    Raises BadInput or BadTable, and then nothing is stored.
    """
    problems = Problems(table.name)
    with all_or_nothing(problems, dry_run=dry_run):
        rows = table.rows(["record"], problems=problems)
        head = _head(next(rows, None), problems)
        texts = Texts(head.get("dataset"), dataset, problems)
        wanted = _campaign(head, campaign, texts, problems)
        stored = Campaign.objects.select_for_update().filter(name=wanted.name).first()
        judged = _Same(stored, head, problems) if stored else Judgements(wanted, texts, problems)
        for kind, chunk in _grouped(rows):
            taker = texts if kind in texts.KINDS else judged
            taker.take(kind, chunk)
            problems.raise_if_any()
            progress(judged.loaded.n_rows)
        judged.finish(head)
    if not dry_run and judged.loaded.n_new >= BIG:
        make_summary(Campaign.objects.get(name=wanted.name), TALLY)
    judged.loaded.notes.append(f"Its name is {wanted.name}, its dataset's {texts.dataset.name}")
    return judged.loaded


def _head(row: Row | None, problems: Problems) -> dict[str, Any]:
    problems.raise_if_any()
    schema = row.cells.get("schema") if row else None
    if row is None or schema != SCHEMA or row.cells["record"] != "campaign":
        raise BadInput(
            f"the first line must be the campaign's, of the schema {SCHEMA}; found {shown(schema)}",
            file=problems.file,
            row=1,
        )
    return row.cells


def _campaign(
    head: Mapping[str, Any], name: str | None, texts: Texts, problems: Problems
) -> Campaign:
    """The campaign of the first line, not stored yet."""
    given = {key: value for key, value in head.items() if key not in BESIDES}
    try:
        campaign = Campaign(dataset=texts.dataset, **from_json(given, FIELDS["campaign"]))
        campaign.name = name or campaign.name
        check_fields(campaign, exclude=("plan",))
        if not isinstance(campaign.options, dict):
            raise BadInput("is not an object", column="options")
        campaign.clean()
        PROTOCOLS.get(campaign.protocol)(campaign.options)
    except (BadInput, ValidationError) as problem:
        reason = problem.reason if isinstance(problem, BadInput) else problem.messages[0]
        column = problem.column if isinstance(problem, BadInput) else None
        raise BadInput(reason, file=problems.file, row=1, column=column) from problem
    return campaign


def _grouped(rows: Iterator[Row]) -> Iterator[tuple[str, list[Row]]]:
    for kind, group in groupby(rows, lambda row: str(row.cells["record"])):
        for chunk in chunks(group):
            yield kind, chunk


class _Same:
    """Compares the lines with a campaign that is stored: they must be the same, all of them."""

    def __init__(self, campaign: Campaign, head: Mapping[str, Any], problems: Problems) -> None:
        self.campaign = campaign
        self.problems = problems
        self.loaded = Loaded()
        self.expected = judgements_of(campaign)
        if _besides_names(head) != _besides_names(_as_read(head_of(campaign))):
            self._tell(1)
            problems.raise_if_any()

    def take(self, kind: str, rows: list[Row]) -> None:
        for row in rows:
            expected = next(self.expected, None)
            if expected is None or _as_read(_comparable(expected)) != _comparable(row.cells):
                self._tell(row.number)
                return
            if kind == "rating":
                self.loaded.n_rows += 1
                self.loaded.n_unchanged += 1

    def finish(self, head: Mapping[str, Any]) -> None:
        if next(self.expected, None) is not None:
            self._tell(None)
            self.problems.raise_if_any()

    def _tell(self, row: int | None) -> None:
        self.problems.add(
            f"a campaign {shown(self.campaign.name)} is stored and differs from here on; "
            "ratings are never overwritten: give another name with --campaign",
            row,
        )


def _besides_names(head: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in head.items() if k not in ("name", "dataset")}


def _comparable(record: Mapping[str, Any]) -> dict[str, Any]:
    """An event stored a second time, under another campaign, has another key."""
    return {k: v for k, v in record.items() if (record["record"], k) != ("event", "key")}


def _as_read(record: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(compact(record))
    return found
