"""Each test of training has a data folder of its own, and torch's modules are no garbage."""

import gc
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    """Training collects garbage again and again, and would look through all of them each time."""
    pytest.importorskip("peft", reason="peft is not installed; it comes with the extra [ml]")
    import transformers.trainer  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR
