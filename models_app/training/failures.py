"""What goes wrong in training, as a sentence for the run's page."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from common.errors import NikashError
from models_app.training.settings import TrainingSettings

NO_ROOM = ("No space left on device", "PytorchStreamWriter failed writing", "unexpected pos")
NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "CUBLAS_STATUS_ALLOC")


@contextmanager
def as_sentences(settings: TrainingSettings, folder: str) -> Iterator[None]:
    """Turn a full memory and a full disk into NikashError; everything else goes through."""
    try:
        yield
    except NikashError:
        raise
    except (MemoryError, RuntimeError, OSError) as problem:
        if is_out_of_memory(problem):
            raise NikashError(_memory(settings)) from problem
        if is_disk_full(problem):
            raise NikashError(
                f"The disk is full: a checkpoint could not be written to {folder}. Make room, "
                "then resume; training goes on from the checkpoint before."
            ) from problem
        raise
    except Exception as problem:
        if is_disk_full(problem):  # safetensors has an error of its own
            raise NikashError(
                f"The disk is full: weights could not be written to {folder}. Make room, "
                "then resume; training goes on from the checkpoint before."
            ) from problem
        raise


def is_out_of_memory(problem: BaseException) -> bool:
    return isinstance(problem, MemoryError) or any(
        words in str(each) for each in _chain(problem) for words in NO_MEMORY
    )


def is_disk_full(problem: BaseException) -> bool:
    return any(
        (isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT))
        or any(words in str(each) for words in NO_ROOM)
        for each in _chain(problem)
    )


def _memory(settings: TrainingSettings) -> str:
    ways = []
    if settings.batch_size > 1:
        ways.append(f"a smaller batch_size than {settings.batch_size} with more accumulation")
    if not settings.gradient_checkpointing:
        ways.append("gradient_checkpointing")
    if settings.bits > 4:
        ways.append("method lora with 4 bits")
    ways.append("fewer tokens")
    return f"Out of memory. Start another run with {', '.join(ways)}, or on a larger machine."


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__
