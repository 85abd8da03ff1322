"""A registry finds the parts of a package by importing its modules, once."""

import sys
from pathlib import Path

import pytest

from common.registry import Registry

PART = """
from rooms_for_test import PARTS

print("imported {name}")

@PARTS.register("{name}")
class Part:
    label = "{name} label"
"""


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package with two modules and its registry."""
    package = tmp_path / "rooms_for_test"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from common.registry import Registry\nPARTS = Registry('room', __name__)\n"
    )
    for name in ("kitchen", "attic"):
        (package / f"{name}.py").write_text(PART.format(name=name))
    monkeypatch.syspath_prepend(tmp_path)
    import rooms_for_test

    yield rooms_for_test.PARTS
    for module in [name for name in sys.modules if name.startswith("rooms_for_test")]:
        del sys.modules[module]


def test_it_imports_nothing_until_asked(rooms: Registry[object]):
    assert "rooms_for_test.kitchen" not in sys.modules
    assert rooms.names() == ["attic", "kitchen"]
    assert "rooms_for_test.kitchen" in sys.modules


def test_it_imports_each_module_once(rooms: Registry[object], capsys: pytest.CaptureFixture[str]):
    rooms.names()
    rooms.get("attic")
    rooms.items()
    assert capsys.readouterr().out.count("imported attic") == 1


def test_it_gives_the_class_by_name(rooms: Registry[object]):
    assert rooms.get("kitchen").label == "kitchen label"
    assert rooms.choices() == [("attic", "attic label"), ("kitchen", "kitchen label")]
    assert "attic" in rooms and "cellar" not in rooms
    assert len(rooms) == 2 and list(rooms) == ["attic", "kitchen"]


def test_an_unknown_name_is_answered_with_the_known_ones(rooms: Registry[object]):
    with pytest.raises(LookupError, match="no room called 'cellar'; known: attic, kitchen"):
        rooms.get("cellar")


def test_it_refuses_a_second_owner(rooms: Registry[object]):
    rooms.names()
    with pytest.raises(ValueError, match=r"'attic' belongs to rooms_for_test\.attic\.Part"):

        @rooms.register("attic")
        class Another: ...


def test_a_module_that_fails_is_tried_again(rooms: Registry[object], tmp_path: Path):
    broken = tmp_path / "rooms_for_test" / "hall.py"
    broken.write_text("raise RuntimeError('no light')")
    with pytest.raises(RuntimeError, match="no light"):
        rooms.names()
    broken.unlink()
    import importlib

    importlib.invalidate_caches()
    assert rooms.names() == ["attic", "kitchen"]
