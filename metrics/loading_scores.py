"""Scores that another program computed: a table of system, key, metric and score."""

import contextlib
import hashlib
import io
import math
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.utils import timezone

from common.errors import BadInput
from common.problems import Problems, shown
from common.shelf import Shelf
from common.tables import Row, Table
from metrics.automatic import METRICS
from metrics.automatic.imported import LARGEST, imported_name, is_score
from metrics.models import ScoringRun, SegmentScore
from metrics.scoring import latest_signatures
from metrics.storing import Work, summarise
from models_app.loading.common import Loaded, all_or_nothing, chunks, identifier
from models_app.models import Dataset, Job, Output, System

Key = tuple[str, str]


def load_scores(
    location: str | Path,
    *,
    dataset: Dataset,
    lower_is_better: Collection[str] = (),
    columns: Mapping[str, str] | None = None,
    progress: Callable[..., None] = lambda n_rows, share: None,
) -> Loaded:
    """Store a file's scores under the signature "imported|file:...|sha256:..."; again, nothing.

    location : a .csv, .tsv or .jsonl file, each also .gz, or - for standard input
    lower_is_better : metrics, as the file names them, of which the lowest score is best
    progress : told the rows read and, as `share`, how much of the file that is

    Raises BadInput or BadTable, and then nothing is stored.
    """
    with _opened(location) as (name, file):
        return _load(file, name, dataset, lower_is_better, columns, progress)


def _load(
    file: BinaryIO,
    name: str,
    dataset: Dataset,
    lower_is_better: Collection[str],
    columns: Mapping[str, str] | None,
    progress: Callable[..., None],
) -> Loaded:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    signature = f"imported|file:{name[:100]}|sha256:{digest[:12]}"
    problems = Problems(name)
    table = Table(file, name, columns)
    table.length = length
    with all_or_nothing(problems, dry_run=False):
        loader = _Loader(dataset, signature, problems, lower_is_better)
        for chunk in chunks(table.rows(["system", "key", "metric", "score"], problems=problems)):
            loader.store(chunk)
            progress(loader.loaded.n_rows, share=table.share)
        loader.finish()
    return loader.loaded


@contextlib.contextmanager
def _opened(location: str | Path) -> Iterator[tuple[str, Any]]:
    """The name and the bytes, which are gone through twice; never held as a whole."""
    if str(location) == "-":
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            kept.seek(0)
            yield "-", kept
        return
    path = Path(location)
    try:
        file = path.open("rb")
    except OSError as problem:
        raise BadInput(f"cannot be opened ({problem.strerror})", file=str(location)) from problem
    except ValueError as problem:
        raise BadInput("cannot be opened (no file has such a name)") from problem
    with file:
        yield path.name, file


class Said(NamedTuple):
    """What a row says, if it is stored."""

    row: Row
    system: str
    key: str
    metric: str
    value: float


class _Loader:
    def __init__(
        self, dataset: Dataset, signature: str, problems: Problems, lower: Collection[str]
    ) -> None:
        self.dataset, self.signature, self.problems = dataset, signature, problems
        self.lower = lower
        self.loaded = Loaded()
        self.outputs: dict[Key, int] = {}  # of the chunk at hand
        self.seen = Shelf()  # (system, key, metric) to the row
        self.names: dict[str, str | None] = {}  # as the file says, and as it is known here
        self.systems: dict[str, set[str]] = {}

    def store(self, rows: list[Row]) -> None:
        read = [said for row in rows if (said := self._read(row))]
        self.outputs = self._outputs({(said.system, said.key) for said in read})
        found = [score for said in read if (score := self._score(said))]
        if self.problems.n:
            return
        known = self._known(found)
        new = [score for score in found if (score.metric, score.output_id) not in known]
        SegmentScore.objects.bulk_create(new)
        self.loaded.n_new += len(new)
        self.loaded.n_unchanged += len(found) - len(new)

    def _known(self, scores: list[SegmentScore]) -> set[tuple[str, int]]:
        stored = SegmentScore.objects.filter(
            signature=self.signature, output__in={score.output_id for score in scores}
        )
        return set(stored.values_list("metric", "output_id"))

    def _outputs(self, pairs: Collection[Key]) -> dict[Key, int]:
        """The stored outputs that these rows may speak of."""
        outputs = Output.objects.filter(
            segment__dataset=self.dataset,
            segment__key__in={key for _, key in pairs},
            system__name__in={system for system, _ in pairs},
        )
        rows = outputs.values_list("system__name", "segment__key", "pk")
        return {(system, key): pk for system, key, pk in rows}

    def _read(self, row: Row) -> Said | None:
        self.loaded.see(row)
        system = identifier(row, "system", self.problems, limit=100)
        key = identifier(row, "key", self.problems)
        metric = identifier(row, "metric", self.problems)
        value = self._number(row)
        if system is None or key is None or metric is None or value is None:
            return None
        return Said(row, system, key, metric, value)

    def _score(self, said: Said) -> SegmentScore | None:
        name = self._name(said.metric, said.row)
        output = self._output(said.system, said.key, said.row)
        if name is None or output is None or not self._is_first(said):
            return None
        self.systems.setdefault(name, set()).add(said.system)
        return SegmentScore(
            output_id=output,
            metric=name,
            signature=self.signature,
            value=said.value,
            statistics=[said.value, 1.0],
        )

    def _number(self, row: Row) -> float | None:
        cell: Any = row.cells.get("score")
        try:
            value = math.nan if isinstance(cell, bool) else float(cell)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if is_score(value):
            return value
        self.problems.add(
            f"{shown(cell)} is not a number from -{LARGEST:g} to {LARGEST:g}; write one",
            row.number,
            "score",
        )
        return None

    def _name(self, metric: str, row: Row) -> str | None:
        if metric not in self.names:
            try:
                low = metric in self.lower
                self.names[metric] = imported_name(metric, lower_is_better=low)
            except BadInput as problem:
                self.problems.add(problem.reason, row.number, "metric")
                self.names[metric] = None
        return self.names[metric]

    def _output(self, system: str, key: str, row: Row) -> int | None:
        if (output := self.outputs.get((system, key))) is None:
            self.problems.add(
                f"no output of system {shown(system)} is stored for segment {shown(key)}; "
                "load it with load_outputs first",
                row.number,
                "key",
            )
        return output

    def _is_first(self, said: Said) -> bool:
        triple = (said.system, said.key, said.metric)
        if self.seen.add(triple, said.row.number):
            return True
        self.problems.add(
            f"{said.metric} of {said.system!r} for {shown(said.key)} stands in row "
            f"{self.seen.get(triple)} already; keep one",
            said.row.number,
            "key",
        )
        return False

    def finish(self) -> None:
        """The systems' scores, and a finished run that says what is newest."""
        if self.problems.n:
            return
        for metric in self.lower:
            if metric not in self.names:
                raise BadInput(
                    f"the file has no metric called {metric!r}, of which lower would be better; "
                    f"it has {', '.join(self.names)}",
                    file=self.problems.file,
                )
        for name, systems in self.systems.items():
            work = Work(METRICS.get(name)(), self.signature, self.signature)
            for system in System.objects.filter(name__in=systems):
                summarise(work, self.dataset, system)
        self._remember()

    def _remember(self) -> None:
        now = {"corpus": self.signature, "segment": self.signature}
        newest = latest_signatures(self.dataset)
        if all(newest.get(name) == now for name in self.systems):
            return
        ScoringRun.objects.create(
            dataset=self.dataset,
            metrics=list(self.systems),
            environment={"signatures": dict.fromkeys(self.systems, now)},
            state=Job.State.DONE,
            n_done=self.loaded.n_rows,
            n_total=self.loaded.n_rows,
            message=f"Loaded from {self.problems.file}.",
            finished_at=timezone.now(),
        )
