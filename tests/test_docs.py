"""The documents name what the program has, lead to files that exist, and show code that runs."""

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management.base import BaseCommand

import config.management.commands
from annotation.designs import DESIGNS
from annotation.formats import FORMATS
from annotation.protocols import PROTOCOLS
from common.errors import BadInput
from common.registry import Registry
from metrics.automatic import METRICS, Metric, Pair
from models_app.backends import BACKENDS
from models_app.backends.base import Backend, Producer, Request

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
APPS = ("config", "models_app", "annotation", "metrics", "studies")
CODE = [path for app in (*APPS, "common", "tests") for path in (ROOT / app).rglob("*.py")]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\b(NIKASH_[A-Z_]+[A-Z]|DATABASE_URL|CELERY_BROKER_URL)\b")
DJANGO_OPTIONS = set(BaseCommand().create_parser("manage.py", "any")._option_string_actions)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def undocumented(names: list[str], *pages: str) -> list[str]:
    text = "\n".join(map(page, pages))
    return [name for name in names if f"`{name}`" not in text]


def test_every_protocol_is_explained_to_researchers():
    assert undocumented(PROTOCOLS.names(), "researcher.md") == []


def test_every_metric_has_its_row():
    assert undocumented(METRICS.names(), "metrics.md") == []


def test_every_backend_is_explained_to_admins():
    assert undocumented(BACKENDS.names(), "admin.md") == []


def test_every_design_is_in_the_glossary():
    assert undocumented(DESIGNS.names(), "glossary.md") == []


@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_of_ratings_has_its_section(name: str):
    assert f"load_ratings --format {name}`" in page("formats.md")


def our_commands() -> dict[str, ModuleType]:
    found = {}
    for app in APPS:
        package = importlib.import_module(f"{app}.management.commands")
        for module in pkgutil.iter_modules(package.__path__):
            found[module.name] = importlib.import_module(f"{package.__name__}.{module.name}")
    return found


def test_the_commands_of_every_app_are_looked_at():
    assert config.management.commands.__path__
    assert {"load_dataset", "load_ratings", "report", "demo"} <= our_commands().keys()


@pytest.mark.parametrize(("name", "module"), our_commands().items())
def test_every_command_is_documented_with_all_its_options(name: str, module: ModuleType):
    parser = module.Command().create_parser("manage.py", name)
    ours = [
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and option not in DJANGO_OPTIONS
    ]
    text = about_command(name)
    assert text and [option for option in ours if option not in text] == []


def about_command(name: str) -> str:
    """A command's section, or its row in the table of the others."""
    section = rf"^## {name}$.*?(?=^## |\Z)"
    match = re.search(rf"{section}|^\| `{name}\b[^\n]*", page("commands.md"), re.M | re.S)
    return match[0] if match else ""


def test_every_environment_variable_is_documented():
    found = {name for path in CODE for name in VARIABLE.findall(path.read_text("utf-8"))}
    assert "NIKASH_DATA_DIR" in found
    assert undocumented(sorted(found), "configuration.md") == []


def test_no_variable_is_documented_that_does_not_exist():
    code = "\n".join(path.read_text("utf-8") for path in CODE if path != Path(__file__))
    named = {name for path in PAGES for name in VARIABLE.findall(path.read_text("utf-8"))}
    assert [name for name in sorted(named) if name not in code] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_image_leads_to_a_file(path: Path):
    broken = []
    for target in LINK.findall(CODE_BLOCK.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.is_file() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    names = [str(path.relative_to(ROOT / "docs")) for path in PAGES if path.parent != ROOT]
    assert [name for name in names if name != "index.md" and f"({name})" not in index] == []


def shown_part(name: str, registry: Registry[Any], monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """The class that a page's first Python block registers, known for this test only."""
    names = registry.names()
    monkeypatch.setattr(registry, "_parts", dict(registry._parts))
    match = re.search(r"^```python\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)
    assert match, f"{name} shows no code"
    exec(compile(match[1], name, "exec"), {"__name__": "shown"})
    (new,) = set(registry.names()) - set(names)
    return registry.get(new)


def test_the_metric_shown_works(monkeypatch: pytest.MonkeyPatch):
    metric: Metric = shown_part("add-a-metric.md", METRICS, monkeypatch)()
    pairs = [Pair("", "कुत्रा धावला", ("कुत्रा धावला",)), Pair("", "तो गेला", ("ती गेली", "तो आला"))]
    statistics = metric.statistics(pairs)
    assert metric.segment_scores(statistics).tolist() == [0.0, 50.0]
    assert metric.score(statistics) == 25.0
    assert metric.signature() == "nrefs:var|tok:unicode|case:mixed|norm:none|version:nikash.1"


def test_the_backend_shown_works(monkeypatch: pytest.MonkeyPatch):
    kind = shown_part("add-a-backend.md", BACKENDS, monkeypatch)
    backend: Backend = kind([Producer("a"), Producer("b", decoding={"max_new_tokens": 1})])
    answers = backend.generate([Request(1, "one two"), Request(0, "one two")])
    assert [tuple(answer) for answer in answers] == [("ONE", 1, "length"), ("ONE TWO", 2, "stop")]
    assert backend.describe(0)


def test_the_protocol_shown_works(monkeypatch: pytest.MonkeyPatch):
    protocol = shown_part("add-a-protocol.md", PROTOCOLS, monkeypatch)()
    answer = protocol.read_form({"acceptable": "yes"}, [0])
    checked = protocol.check_answer(answer, 1)
    assert checked.is_complete and protocol.fill_form(checked.answer, [0]) == answer
    assert [score.value for score in protocol.scores(checked.answer, 1)] == [1.0]
    assert not protocol.check_answer({}, 1).is_complete
    with pytest.raises(BadInput, match="'maybe' is no answer; write yes, no, cannot_judge"):
        protocol.check_answer({"acceptable": "maybe"}, 1)
