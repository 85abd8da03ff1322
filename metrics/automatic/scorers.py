"""Doors to scorers that are not ours: a command with JSON lines, and the library of COMET."""

import hashlib
import json
import math
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from common.errors import BadInput, MissingLibrary, NotFound

BATCH = 16


class Question(NamedTuple):
    """What a scorer is asked about; the reference is "" for one that needs none."""

    source: str
    hypothesis: str
    reference: str


def ask_command(command: str, questions: Sequence[Question], label: str) -> list[float]:
    """A number for each question, from a program that is run once for all of them.

    The program is run without a shell. Raises BadInput where it fails or answers too little.
    """
    lines = "".join(json.dumps(q._asdict(), ensure_ascii=False) + "\n" for q in questions)
    with tempfile.TemporaryDirectory(prefix="nikash-scorer-") as folder:
        source, target = Path(folder, "input.jsonl"), Path(folder, "output.jsonl")
        source.write_text(lines, encoding="utf-8")
        names = {"{input}": str(source), "{output}": str(target)}
        words = [_filled(word, names) for word in shlex.split(command)]
        printed = _run(words, lines, label)
        answer = target.read_text("utf-8", "replace") if target.is_file() else printed
    return _numbers(answer, len(questions), label)


def _filled(word: str, names: dict[str, str]) -> str:
    for name, path in names.items():
        word = word.replace(name, path)
    return word


def _run(words: Sequence[str], lines: str, label: str) -> str:
    try:
        done = subprocess.run(
            words, input=lines, capture_output=True, encoding="utf-8", errors="replace"
        )
    except OSError as problem:
        raise NotFound(
            f"the scorer of {label} cannot be started: {words[0]!r} ({problem.strerror}); "
            "write a command that this machine has"
        ) from problem
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BadInput(
            f"the scorer of {label} ended with status {done.returncode}: {said}; try the command "
            "in a terminal"
        )
    return done.stdout


def _numbers(answer: str, n: int, label: str) -> list[float]:
    lines = [line for line in answer.splitlines() if line.strip()]
    if len(lines) != n:
        raise BadInput(
            f"the scorer of {label} was asked about {n} texts and gave {len(lines)} lines; it must "
            "print one number per line, and nothing else"
        )
    return [_number(line, place, label) for place, line in enumerate(lines, start=1)]


def _number(line: str, place: int, label: str) -> float:
    try:
        value = json.loads(line)
        if isinstance(value, dict):
            value = value["score"] if "score" in value else value["prediction"]
        number = float(value)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        number = math.nan
    if not math.isfinite(number):
        raise BadInput(
            f"line {place} of the scorer of {label} holds no number: {line[:60]!r}; print a "
            "number, or an object with `score` or `prediction`"
        )
    return number


def ask_comet(checkpoint: str, questions: Sequence[Question]) -> list[float]:
    """A number for each question by unbabel-comet, on the accelerator if there is one."""
    import torch

    data = [{"src": q.source, "mt": q.hypothesis, "ref": q.reference} for q in questions]
    devices = 1 if torch.cuda.is_available() else 0
    found = _comet(checkpoint)[0].predict(data, batch_size=BATCH, gpus=devices, progress_bar=False)
    return [float(score) for score in found.scores]


def comet_identity(checkpoint: str) -> dict[str, str]:
    """For the signature: the model's file, its SHA-256 (12 digits), and the library's version."""
    _model, version, digest = _comet(checkpoint)
    name = Path(checkpoint).name
    return {"ckpt": name, "weights": digest, "lib": f"unbabel-comet.{version}"}


@lru_cache(maxsize=1)
def _comet(checkpoint: str) -> tuple[Any, str, str]:
    try:
        import comet
    except ImportError as error:
        raise MissingLibrary(
            "COMET needs its own library; install it with: pip install unbabel-comet, best in an "
            "environment of its own with a `command`; or load scores computed elsewhere with "
            "load_scores"
        ) from error
    if not Path(checkpoint).is_file():
        raise NotFound(f"there is no COMET model at {checkpoint!r}; write the path of a .ckpt file")
    with Path(checkpoint).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    version = str(getattr(comet, "__version__", "unknown"))
    return comet.load_from_checkpoint(checkpoint), version, digest
