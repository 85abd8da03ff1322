"""The vendored fonts and chart library are the ones that package.json pins."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_vendored_versions_are_those_of_package_json() -> None:
    versions = read(VENDOR / "VERSIONS.json")
    pins = read(ROOT / "package.json")["dependencies"]
    assert {name: entry["version"] for name, entry in versions.items()} == pins


def test_every_pin_is_one_exact_version() -> None:
    for version in read(ROOT / "package.json")["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_every_vendored_file_is_listed_and_every_listed_file_is_there() -> None:
    listed = {name for entry in read(VENDOR / "VERSIONS.json").values() for name in entry["files"]}
    present = {
        str(path.relative_to(VENDOR))
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VERSIONS.json"
    }
    assert present == listed


def test_every_package_brings_its_licence() -> None:
    for name, entry in read(VENDOR / "VERSIONS.json").items():
        assert any("LICENSE" in file for file in entry["files"]), name


def test_the_chart_library_says_its_pinned_version_itself() -> None:
    pin = read(ROOT / "package.json")["dependencies"]["plotly.js-cartesian-dist-min"]
    head = (VENDOR / "plotly" / "plotly-cartesian.min.js").read_text(encoding="utf-8")[:300]
    assert f"v{pin}" in head


@pytest.mark.parametrize("sheet", ["tokens.css", "base.css", "plot.css"])
def test_the_sheets_load_only_files_that_are_here(sheet: str) -> None:
    path = ROOT / "static" / "css" / sheet
    for address in re.findall(r'url\("([^"]+)"\)', path.read_text(encoding="utf-8")):
        assert (path.parent / address).resolve().is_file(), address


def test_the_dark_colours_are_the_same_for_the_device_and_for_the_person() -> None:
    text = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    device = re.search(r'not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.S)
    person = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', text, re.S)
    assert device and person
    assert device.group(1).split() == person.group(1).split()


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> dict[str, dict[str, str]]:
    text = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r':root(?:\[data-theme="dark"\])? \{(.*?)\n\}', text, re.S)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks)
    return {"light": light, "dark": light | dark}


GROUNDS = ("page-bg", "surface", "surface-sunk")
TEXT = [(ink, ground) for ink in ("ink", "ink-soft", "gold-ink", "bad") for ground in GROUNDS]
TEXT += [(state, f"{state}-bg") for state in ("good", "bad", "warn", "info")]
TEXT += [("ink", f"{state}-bg") for state in ("good", "bad", "warn", "info")]
TEXT += [("ink", "surface-mark"), ("ink-soft", "surface-mark"), ("on-action", "action")]
TEXT += [("on-action", "action-hover"), ("on-stone", "stone"), ("on-stone-soft", "stone")]
TEXT += [("on-stone", "stone-raised"), ("gold-pale", "stone")]
SHAPES = [(shape, ground) for shape in ("line-strong", "streak", "focus") for ground in GROUNDS]
SHAPES += [(f"series-{n}", "surface") for n in range(1, 9)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_shapes_stand_out_as_wcag_aa_asks(theme: str) -> None:
    colours = themes()[theme]
    pairs = [(pair, 4.5) for pair in TEXT] + [(pair, 3.0) for pair in SHAPES]
    faint = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair, least in pairs
        if contrast(colours[pair[0]], colours[pair[1]]) < least
    }
    assert faint == {}
