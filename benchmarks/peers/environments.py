"""A virtual environment of its own for each peer, kept in the temporary folder between runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(os.environ.get("NIKASH_PEERS") or Path(tempfile.gettempdir(), "nikash-peers"))


class NotInstalled(RuntimeError):
    """A peer that cannot be had here, with the reason."""


def installed(name: str, requirement: str, python: str = "python3.11") -> Path:
    """The peer's `bin` folder; made with pip where it is not there yet.

    python : the interpreter it needs; NIKASH_PEERS_PYTHON_<NAME> names another
    """
    home = FOLDER / name
    if (home / "installed").exists():
        return home / "bin"
    interpreter = os.environ.get(f"NIKASH_PEERS_PYTHON_{name.upper()}") or shutil.which(python)
    if interpreter is None:
        raise NotInstalled(f"{name} needs {python}, which is not on the path")
    _run([interpreter, "-m", "venv", str(home)])
    _run([str(home / "bin" / "pip"), "install", "--quiet", requirement])
    (home / "installed").touch()
    return home / "bin"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotInstalled(f"{' '.join(command)}: {last}")
