"""Answers of a model that are kept while a benchmark runs, so that a stopped run goes on."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings

Answer = Any  # [log-likelihood, is greedy] of a continuation, or a generated text


def request_key(kind: str, arguments: Any) -> str:
    """The same for the same question to the same model."""
    told = json.dumps([kind, arguments], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class KeptAnswers:
    """A file of one answer a line; a last line that was cut off is passed over."""

    def __init__(self, name: str) -> None:
        folder = Path(settings.DATA_DIR) / "benchmarks"
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.jsonl"
        self._known = dict(self._read())

    def _read(self) -> list[tuple[str, Answer]]:
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                key, answer = json.loads(line)
            except ValueError:
                continue
            found.append((key, answer))
        return found

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> Answer:
        return self._known[key]

    def keep(self, answers: dict[str, Answer]) -> None:
        self._known |= answers
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(
                "\n" + json.dumps([key, answer], ensure_ascii=False)
                for key, answer in answers.items()
            )

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)
