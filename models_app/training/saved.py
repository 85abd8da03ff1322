"""A run's folder: checkpoints that can be gone on from, and the result.

The trainer writes a checkpoint file by file. One that a killed worker left half-written has no
mark, or files that are not as long as its mark says; it is never read.
"""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from models_app.models import TrainingRun

MARK = "complete.json"
RESULT = "result"
PREFIX = "checkpoint-"
NOT_WEIGHTS = (
    "optimizer.*",
    "scheduler.*",
    "scaler.*",
    "rng_state*",
    "trainer_state.json",
    "training_args.bin",
    "README.md",
    MARK,
    "global_step*",
    "latest",
    "zero_to_fp32.py",
)


class Saved(NamedTuple):
    folder: Path
    step: int
    seconds: float  # of training up to here
    memory: dict[str, int]  # the most bytes at once up to here
    finished: bool  # nothing is to follow: the last step, or stopped early


def folder_for(run: TrainingRun) -> Path:
    return Path(settings.DATA_DIR) / "training" / str(run.pk)


def mark_complete(folder: Path, **facts: Any) -> None:
    """Facts as `Saved` has them, beside the sizes of all files."""
    sizes = {str(path.relative_to(folder)): path.stat().st_size for path in _files(folder)}
    mark = facts | {"sizes": sizes}
    temporary = folder / f"{MARK}.tmp"
    temporary.write_text(json.dumps(mark), encoding="utf-8")
    temporary.rename(folder / MARK)


def newest(run_folder: Path) -> Saved | None:
    """The checkpoint to go on from; half-written ones are removed."""
    found = []
    for folder in run_folder.glob(f"{PREFIX}*"):
        if saved := _read(folder):
            found.append(saved)
        else:
            shutil.rmtree(folder)
    return max(found, key=lambda saved: saved.step, default=None)


def trainer_state(saved: Saved) -> dict[str, Any]:
    return json.loads((saved.folder / "trainer_state.json").read_text(encoding="utf-8"))


def chosen_folder(saved: Saved, choose_by: str) -> Path:
    """The checkpoint with the best value on the curve that chooses, as the trainer noted it."""
    best = trainer_state(saved).get("best_model_checkpoint")
    if choose_by == "last" or not best:
        return saved.folder
    return saved.folder.parent / Path(best).name


def make_result(chosen: Path, to: Path) -> Path:
    """A folder beside `to` with the chosen checkpoint's weights; rename it when it is whole."""
    temporary = to.with_name(f"{to.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(chosen, temporary, ignore=shutil.ignore_patterns(*NOT_WEIGHTS))
    return temporary


def remove_checkpoints(run_folder: Path) -> None:
    for folder in run_folder.glob(f"{PREFIX}*"):
        shutil.rmtree(folder)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MARK]


def _read(folder: Path) -> Saved | None:
    try:
        mark = json.loads((folder / MARK).read_text(encoding="utf-8"))
        if any((folder / name).stat().st_size != size for name, size in mark["sizes"].items()):
            return None
        return Saved(folder, *(mark[name] for name in Saved._fields[1:]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
