"""Each lock file holds all that its packages ask for: nothing is installed by luck."""

import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = {"core": [], "ml": ["ml"], "train": ["ml", "train"]}


@pytest.mark.parametrize("lock", EXTRAS)
def test_a_lock_holds_all_that_its_packages_ask_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in EXTRAS[lock]:
        wanted += project["optional-dependencies"][extra]
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    held = {canonicalize_name(Requirement(line).name) for line in lines if line[0].isalnum()}
    assert asked_for(wanted) - held == set()


def asked_for(wanted: list[str]) -> set[str]:
    """Names of the packages, those that these ask for on this machine, and so on."""
    names: set[str] = set()
    seen: set[tuple[str, str]] = set()
    left = [Requirement(one) for one in wanted]
    while left:
        one = left.pop()
        name = canonicalize_name(one.name)
        names.add(name)
        for extra in {"", *one.extras}:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for line in requires(name) or []:
                asked = Requirement(line)
                if asked.marker is None or asked.marker.evaluate({"extra": extra}):
                    left.append(asked)
    return names
