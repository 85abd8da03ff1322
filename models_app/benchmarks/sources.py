"""Where a task's items come from: our look-alike, a file of one's own, or the hub."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from common.errors import BadInput, MissingLibrary, NikashError
from common.problems import shown
from common.records import checked_json
from models_app.benchmarks.catalogue import Task
from models_app.models import BenchmarkRun

Rows = list[dict[str, Any]]
Source = BenchmarkRun.Source
INSTALL = "lm-eval is not installed; run `make install-train`"


class Data(NamedTuple):
    rows: Rows
    content_hash: str  # SHA-256 of the items, the same wherever they came from
    revision: str  # commit of the hub's repository, if it came from there


def data_of(task: Task, source: str, file: str = "") -> Data:
    """The task's items in order. Raises NikashError with a sentence where there are none."""
    revision = ""
    if source == Source.SAMPLE:
        rows = read_rows(task.sample)
    elif source == Source.FILE:
        rows = read_rows(Path(file))
    else:
        rows, revision = _from_hub(task)
    if not rows:
        raise BadInput(f"the data of {task.name} have no items")
    _check_columns(task, rows)
    return Data(rows, rows_hash(rows), revision)


def read_rows(path: Path) -> Rows:
    """JSON Lines as they are; BadInput names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, ValueError) as problem:
        raise BadInput(f"cannot be read ({problem})", file=str(path)) from problem
    rows = []
    for number, line in enumerate(lines if any(lines) else [], start=1):
        try:
            row = checked_json(line)
        except BadInput as problem:
            raise BadInput(problem.reason, file=path.name, row=number) from problem
        if not isinstance(row, dict):
            raise BadInput("this line is no JSON object", file=path.name, row=number)
        rows.append(row)
    return rows


def rows_hash(rows: Rows) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _check_columns(task: Task, rows: Rows) -> None:
    """The look-alike has the real data's columns, so a file that lacks one is another data set."""
    wanted = list(read_rows(task.sample)[0])
    needed = [name for name in wanted if name in task.path.read_text(encoding="utf-8")]
    missing = [name for name in needed if name not in rows[0]]
    if missing:
        found = ", ".join(shown(name) for name in rows[0])
        raise BadInput(
            f"the data of {task.name} lack the column {', '.join(missing)} (found: {found})"
        )


def _from_hub(task: Task) -> tuple[Rows, str]:
    if task.hub is None:
        raise BadInput(
            f"the data of {task.name} are on no hub; download them from their authors and give "
            "the file, in JSON Lines with the columns of the look-alike"
        )
    try:
        import datasets
        import huggingface_hub
    except ImportError as problem:
        raise MissingLibrary(INSTALL) from problem
    path, revision = task.hub["path"], task.hub["revision"] or None
    try:
        commit = huggingface_hub.HfApi().dataset_info(path, revision=revision).sha or ""
        files = {task.hub["split"]: task.hub["files"]} if task.hub["files"] else None
        found = datasets.load_dataset(
            path,
            task.hub["name"] or None,
            revision=revision,
            data_files=files,
            split=task.hub["split"],
        )
    except Exception as problem:  # what is raised differs with every version of three libraries
        reason = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise NikashError(
            f"the data of {task.name} could not be fetched from {path} ({reason}); where there is "
            "no network, give a file, or use the look-alike to try things out"
        ) from problem
    return [dict(row) for row in found], commit
