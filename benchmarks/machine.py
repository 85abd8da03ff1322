"""On what something was measured: machine, versions, commit, load."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "Django", "gunicorn", "celery", "psycopg", "numpy", "scipy", "regex", "sacrebleu", "rapidfuzz",
    "torch", "transformers", "peft", "krippendorff", "aiohttp",
)  # fmt: skip
BUSY = 15  # per cent of the processors that others may use
LOOK = 3.0  # seconds


def machine() -> dict[str, str]:
    """What the page's first table says."""
    return {
        "processor": processor(),
        "cores": str(cores()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": system(),
        "Python": platform.python_version(),
    }


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The model's name as the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def system() -> str:
    """Name and release."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    kernel = platform.release().split("-")[0]
    return f"{name}, {platform.system()} {kernel}, {platform.machine()}"


def versions() -> dict[str, str]:
    """Of the libraries whose speed is measured, where they are installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit's short name; `changed` where files differ from it; empty without git."""
    name = _git("rev-parse", "--short=10", "HEAD")
    changed = name and _git("status", "--porcelain", "--untracked-files=no", "--", "*.py", "*.js")
    return f"{name}, changed" if changed else name


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def others() -> float:
    """Per cent of all processors' time that is used now, while nothing of ours runs."""
    return float(psutil.cpu_percent(interval=LOOK))


def conditions() -> dict[str, Any]:
    """All of it, now."""
    return {
        "machine": machine(),
        "versions": versions(),
        "commit": commit(),
        "others": others(),
    }
