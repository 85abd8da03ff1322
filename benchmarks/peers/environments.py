"""A virtual environment of its own for each peer, kept in the temporary folder between runs.

    python -m benchmarks.peers.environments potato pearmut doccano label-studio

Nothing is installed by a benchmark unless it is told to; this installs, with pip as it is set up.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(os.environ.get("NIKASH_PEERS") or Path(tempfile.gettempdir(), "nikash-peers"))
INSTALL = ".venv/bin/python -m benchmarks.peers.environments"
MAY_INSTALL = "NIKASH_PEERS_INSTALL"  # so that drivers need not be told one by one


OURS = ("DJANGO_", "NIKASH_", "DATABASE_URL", "CELERY_")  # what a peer might take for its own


class NotInstalled(RuntimeError):
    """A peer that is not there or cannot be had here, with the reason."""


def installed(name: str, *requirements: str, python: str = "python3.11") -> Path:
    """The peer's `bin` folder; made with pip where that is wanted and it is not there yet.

    python : the interpreter it needs; NIKASH_PEERS_PYTHON_<NAME> names another

    Raises
    ------
    NotInstalled
        It is not there, and may not or cannot be installed.
    """
    home = FOLDER / name
    if (home / "installed").exists():
        return home / "bin"
    if not os.environ.get(MAY_INSTALL):
        raise NotInstalled(f"not installed: {name}; install it with `{INSTALL} {name}`")
    wanted = f"NIKASH_PEERS_PYTHON_{name.upper().replace('-', '_')}"
    interpreter = os.environ.get(wanted) or shutil.which(python)
    if interpreter is None:
        raise NotInstalled(
            f"not installed: {name}; it needs {python}, which is not on the path: install that, "
            f"or name it by {wanted}"
        )
    shutil.rmtree(home, ignore_errors=True)
    _run([interpreter, "-m", "venv", str(home)])
    _run([str(home / "bin" / "pip"), "install", "--quiet", *requirements])
    (home / "installed").touch()
    return home / "bin"


def environment(**more: str) -> dict[str, str]:
    """For a peer's processes: this one's variables without our own settings, and those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, **more}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NotInstalled(f"not installed: {' '.join(command)} said {last}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="PEER")
    os.environ[MAY_INSTALL] = "1"
    for name in parser.parse_args().names:
        module = importlib.import_module(f"benchmarks.peers.{name.replace('-', '_')}")
        print(f"{name}: {module.Peer.installed()}", flush=True)


if __name__ == "__main__":
    main()
