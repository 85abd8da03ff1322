"""A run's items as rows of a file."""

import json
from collections.abc import Iterator
from typing import Any

from models_app.models import BenchmarkRun

COLUMNS = (
    "position", "key", "language", "target", "prediction", "response", "references", "metrics",
    "prompt", "doc_hash", "prompt_hash",
)  # fmt: skip


def item_rows(run: BenchmarkRun) -> Iterator[list[Any]]:
    """Cells in the order of COLUMNS; lists and objects as JSON."""
    for item in run.items.order_by("position").iterator(chunk_size=1000):
        values = (getattr(item, name) for name in COLUMNS)
        yield [
            json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
            for value in values
        ]
