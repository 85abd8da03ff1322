"""The harness's log of an item as our row: labels by name, texts with all their references."""

import hashlib
from collections.abc import Mapping
from typing import Any

from common.text import storable
from models_app.benchmarks.catalogue import Task
from models_app.models import BenchmarkItem, BenchmarkRun

KEY_LENGTH = 200


def item_of(
    run: BenchmarkRun, task: Task, sample: Mapping[str, Any], delimiter: str
) -> BenchmarkItem:
    """An unsaved row. `delimiter` stands between prompt and choice, as the task file has it."""
    prompt = str(sample["arguments"][0][0])
    item = BenchmarkItem(
        run=run,
        position=sample["doc_id"],
        key=_key(sample),
        language=task.language,
        doc_hash=sample["doc_hash"],
        prompt_hash=sample["prompt_hash"],
        prompt=storable(prompt),
        metrics={
            name: float(sample[name])
            for name in sample["metrics"]
            if isinstance(sample[name], int | float)
        },
    )
    if task.gives_labels:
        _add_choice(item, task, sample, delimiter)
    else:
        item.response = storable(str(sample["filtered_resps"][0]).strip())
        item.references = _references(task, sample)
        item.target = item.references[0]
    return item


def _key(sample: Mapping[str, Any]) -> str:
    doc = sample["doc"]
    own = doc.get("id", doc.get("idx"))
    return str(sample["doc_id"] if own in (None, "") else own)[:KEY_LENGTH]


def _add_choice(item: BenchmarkItem, task: Task, sample: Mapping[str, Any], delimiter: str) -> None:
    """Gold label, chosen label, and the log-likelihoods from which another rule can choose."""
    scores = [float(answer[0]) for answer in sample["filtered_resps"]]
    lengths = [max(1, len(str(arguments[1])) - len(delimiter)) for arguments in sample["arguments"]]
    by_length = [score / length for score, length in zip(scores, lengths, strict=True)]
    item.target = task.labels[int(sample["target"])]
    item.prediction = task.labels[scores.index(max(scores))]
    item.metrics |= {
        "log_likelihoods": scores,
        "prediction_norm": task.labels[by_length.index(max(by_length))],
    }


def _references(task: Task, sample: Mapping[str, Any]) -> list[str]:
    """All right answers; at least the one of the task file."""
    if not task.references:
        return [str(sample["target"])]
    found: Any = sample["doc"]
    for name in task.references.split("."):
        found = found[name]
    return list(dict.fromkeys(str(text) for text in found)) or [str(sample["target"])]


def hash_of(items: list[BenchmarkItem]) -> str:
    """SHA-256 of the prompts as they were put, in order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(item.prompt_hash.encode())
    return digest.hexdigest()
