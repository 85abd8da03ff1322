"""What comes with models and from them: folders of weights, answers of servers, capsules."""

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

from django.conf import settings

from benchmarks.fuzzing.trial import Loader
from metrics.automatic.scorers import Question, ask_command
from metrics.capsules.opening import open_capsule
from metrics.capsules.writing import CAMPAIGN, MANIFEST, METRICS, MODELS, REPORT, SCHEMA
from models_app.backends import servers
from models_app.backends.openai_answers import choice, n_tokens_of, read_pieces
from models_app.benchmarks.catalogue import task_called
from models_app.benchmarks.sources import data_of
from models_app.checkpoints import register_adapter, register_checkpoint
from models_app.models import Checkpoint

STREAM = (
    b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]}\n\n'
    b'data: {"choices": [], "usage": {"completion_tokens": 2}}\n\ndata: [DONE]\n\n'
)
SCORED = b'0.5\n{"score": 1}\n{"prediction": -2e-3}\n'
TASK = "arc_mr"
REFUSAL = b'{"error": {"message": "no"}}'
ANSWER = {"choices": [{"message": {"content": "अ"}, "finish_reason": "stop"}],
          "usage": {"completion_tokens": 1}}  # fmt: skip
GPU = servers.Server("gpu", "http://gpu/v1", "sk-key")


def loaders() -> list[Loader]:
    fixtures = Path(settings.FIXTURES) / "models"
    where = "fixtures/models/base"
    register_checkpoint(name="base model", location=where, architecture="causal")
    return [
        Loader("checkpoint", _seeds(fixtures / "base"), _checkpoint),
        Loader("adapter", _seeds(fixtures / "lora-culture"), _adapter),
        Loader("server-answer", {"a.json": json.dumps(ANSWER).encode()}, _answer, writes=False),
        Loader("server-stream", {"stream.txt": STREAM}, _stream, writes=False),
        Loader("server-error", {"error.json": REFUSAL}, _error, writes=False),
        Loader("scorer-answer", {"a.jsonl": SCORED}, _scored, writes=False),
        Loader("benchmark-items", _items(), _items_of, writes=False),
        Loader("capsule", {"capsule.zip": _capsule()}, _opened, writes=False),
    ]  # fmt: skip


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _seeds(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


def _folder(path: Path, like: str) -> Path:
    """The fixture's folder in which one file is the mutated one."""
    folder = path.parent / "model"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for file in (Path(settings.FIXTURES) / "models" / like).iterdir():
        (folder / file.name).symlink_to(file.resolve())
    (folder / path.name).unlink(missing_ok=True)
    (folder / path.name).write_bytes(path.read_bytes())
    return folder


def _checkpoint(path: Path) -> object:
    location = str(_folder(path, "base"))
    return register_checkpoint(name="loaded", location=location, architecture="causal")


def _adapter(path: Path) -> object:
    location = str(_folder(path, "lora-culture"))
    base = Checkpoint.objects.get(name="base model")
    return register_adapter(name="loaded", checkpoint=base, location=location)


def _answer(path: Path) -> object:
    answer = servers.read_json(GPU, io.BytesIO(path.read_bytes()))  # type: ignore[arg-type]
    text, reason = choice("gpu", answer, "message")
    (text + reason).encode()
    return n_tokens_of(answer)


def _stream(path: Path) -> object:
    found = servers.events(GPU, io.BytesIO(path.read_bytes()))  # type: ignore[arg-type]
    return [piece.text.encode() for piece in read_pieces(0, "gpu", found)]


def _error(path: Path) -> object:
    return GPU.says(servers._message(path.read_bytes())).encode()


def _scored(path: Path) -> object:
    asked = [Question("a", "b", "c")] * SCORED.count(b"\n")
    return ask_command(f"cat {path}", asked, "others")


def _items() -> dict[str, bytes]:
    sample = task_called(TASK).sample
    return {sample.name: b"".join(sample.read_bytes().splitlines(keepends=True)[:6])}


def _items_of(path: Path) -> object:
    return data_of(task_called(TASK), "file", str(path))


def _capsule() -> bytes:
    files = dict.fromkeys((CAMPAIGN, METRICS, MODELS, REPORT), b'{"a": [1, "x"]}\n')
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        listed = [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        ]
        manifest = {"schema": SCHEMA, "campaign": "x", "files": listed}
        out.writestr(MANIFEST, json.dumps(manifest))
        for name, data in files.items():
            out.writestr(name, data)
    return buffer.getvalue()


def _opened(path: Path) -> object:
    with open_capsule(path) as capsule:
        return capsule.check()
