"""The benchmark tasks there are: one harness file each in tasks/, and what we know about them here.

Reading the catalogue needs no library; the harness reads the task's own file when it runs.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from common.errors import BadInput

HERE = Path(__file__).parent
CHOICES = ("classification", "multiple-choice")  # kinds that give labels; the others give texts


@dataclass(frozen=True)
class Task:
    """A benchmark in one language.

    Attributes
    ----------
    family : the benchmark apart from its language, say ARC
    kind : classification, multiple-choice, generation, translation or summarisation
    language : BCP 47 tag of what the model must understand (translation: of what it writes)
    labels : names of the choices in the order of the task file; none for texts
    positive : the label of the published binary F1, if there is one
    references : column path of several right answers, where the task file names only one
    bare : template of the input alone, for sequence-to-sequence models, which take no instructions
    hub : path, name, revision, split and files of the data set; None where it is on no hub
    english : whether it shows what an adaptation does to the model's English
    """

    name: str
    label: str
    family: str
    kind: str
    language: str
    source_language: str
    labels: tuple[str, ...]
    positive: str
    references: str
    bare: str
    hub: Mapping[str, str] | None
    licence: str
    citation: str
    english: bool

    @property
    def path(self) -> Path:
        return HERE / "tasks" / f"{self.name}.yaml"

    @property
    def sample(self) -> Path:
        """Our own small look-alike of the data, with the columns of the real one."""
        return Path(settings.FIXTURES) / "benchmarks" / f"{self.name}.jsonl"

    @property
    def gives_labels(self) -> bool:
        return self.kind in CHOICES

    def content_hash(self) -> str:
        """SHA-256 of the task file: prompt, choices and metrics."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


@lru_cache
def tasks() -> dict[str, Task]:
    """Every task by name, sorted."""
    listed = json.loads((HERE / "catalogue.json").read_text(encoding="utf-8"))
    return {row["name"]: _task(row) for row in listed}


def task_called(name: str) -> Task:
    """The task; BadInput, naming the known ones, if there is none."""
    try:
        return tasks()[name]
    except KeyError:
        known = ", ".join(tasks())
        raise BadInput(f"there is no benchmark task {name!r}; known: {known}") from None


def _task(row: dict[str, Any]) -> Task:
    return Task(**{**row, "labels": tuple(row["labels"])})
