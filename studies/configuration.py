"""A study's configuration: read, checked against its schema, and its references followed."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
from django.conf import settings

from common.errors import BadInput

HERE = Path(__file__).resolve().parent
TEMPLATES = settings.FIXTURES / "studies"
RUN_FACTORS = ("checkpoint", "corpus", "prompt", "size", "method", "start")


class Planned(NamedTuple):
    """One training run: its name, what it is made from, and its cell in a grid, if it is in one."""

    name: str
    made_of: Mapping[str, Any]
    settings: Mapping[str, Any]
    cell: Mapping[str, Any]


def template_names() -> list[str]:
    """The studies that ship with Nikash."""
    return sorted(path.stem for path in TEMPLATES.glob("*.json"))


def read_configuration(name_or_path: str) -> tuple[dict[str, Any], Path]:
    """A template's or a file's configuration, checked, and the folder its files are in."""
    path = TEMPLATES / f"{name_or_path}.json"
    if name_or_path not in template_names():
        path = Path(name_or_path)
        if not path.is_file():
            raise BadInput(
                f"there is no study {name_or_path!r}; write one of {', '.join(template_names())}, "
                "or a configuration file"
            )
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as problem:
        raise BadInput(f"it is not readable JSON: {problem}", file=str(path)) from problem
    return check_configuration(given, file=path.name), path.resolve().parent


def check_configuration(given: Any, *, file: str | None = None) -> dict[str, Any]:
    """The configuration, if it can be run; raises BadInput naming the place."""
    schema = json.loads((HERE / "configuration.schema.json").read_text(encoding="utf-8"))
    problem = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(given)
    )
    if problem is not None:
        place = problem.json_path.removeprefix("$").removeprefix(".") or "the whole file"
        raise BadInput(f"{place}: {problem.message[:300]}", file=file)
    for place, name, known in _references(given):
        if name not in known:
            raise BadInput(
                f"{place}: there is no {name!r}; known: {', '.join(known) or 'none'}", file=file
            )
    _check_once(given, file)
    return dict(given)


def planned_runs(entry: Mapping[str, Any], seed: int) -> list[Planned]:
    """The runs of one entry under `training`: one, or one for each cell of its grid."""
    common = {key: entry[key] for key in RUN_FACTORS if key in entry}
    base = {"seed": seed, **entry.get("settings", {})}
    grid = entry.get("grid", {})
    runs = []
    for levels in itertools.product(*grid.values()):
        cell = dict(zip(grid, levels, strict=True))
        label = ", ".join(f"{factor} {level}" for factor, level in cell.items())
        made_of = {**common, **{f: level for f, level in cell.items() if f in RUN_FACTORS}}
        chosen = {f: level for f, level in cell.items() if f not in RUN_FACTORS}
        name = f"{entry['name']} ({label})" if cell else entry["name"]
        runs.append(Planned(name, made_of, {**base, **chosen}, cell))
    return runs


def systems_of(configuration: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Names of systems with each grid's replaced by those of its cells."""
    runs = {
        entry["name"]: [run.name for run in planned_runs(entry, 0)]
        for entry in configuration.get("training", ())
    }
    by_name = {entry["name"]: entry for entry in configuration.get("systems", ())}
    found = []
    for name in names:
        cells = runs.get(by_name[name].get("training", ""), [])
        found += [f"{name} {cell}" for cell in cells] if len(cells) > 1 else [name]
    return found


def _references(given: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(place, name, the names it may be) of everything that points to something else."""
    checkpoints, corpora = list(given.get("checkpoints", {})), list(given.get("corpora", {}))
    datasets = list(given.get("datasets", {}))
    systems = [entry["name"] for entry in given.get("systems", ())]
    trainings = [entry["name"] for entry in given.get("training", ())]
    compositions = [entry["name"] for entry in given.get("compositions", ())]
    for key, entry in given.get("corpora", {}).items():
        if "translate" in entry:
            yield f"corpora.{key}.translate", entry["translate"], corpora
            yield f"corpora.{key}.system", entry["system"], systems
    for key, entry in given.get("datasets", {}).items():
        if "corpus" in entry:
            yield f"datasets.{key}.corpus", entry["corpus"], corpora
    for n, entry in enumerate(given.get("training", ())):
        for run in planned_runs(entry, 0):
            yield f"training[{n}].checkpoint", run.made_of["checkpoint"], checkpoints
            yield f"training[{n}].corpus", run.made_of["corpus"], corpora
            if "start" in run.made_of:
                yield f"training[{n}].start", run.made_of["start"], trainings[:n]
    for n, entry in enumerate(given.get("compositions", ())):
        for name in entry["of"]:
            yield f"compositions[{n}].of", name, trainings
        if "search" in entry:
            yield f"compositions[{n}].search.corpus", entry["search"]["corpus"], corpora
    for n, entry in enumerate(given.get("systems", ())):
        for key, known in (
            ("checkpoint", checkpoints),
            ("training", trainings),
            ("composition", compositions),
        ):
            if key in entry:
                yield f"systems[{n}].{key}", entry[key], known
        for dataset in entry.get("outputs", {}):
            yield f"systems[{n}].outputs", dataset, datasets
    for part in ("generate", "campaigns", "scoring"):
        for n, entry in enumerate(given.get(part, ())):
            yield f"{part}[{n}].dataset", entry["dataset"], datasets
            for name in entry.get("systems", ()):
                yield f"{part}[{n}].systems", name, systems
    for name in given.get("benchmarks", {}).get("systems", ()):
        yield "benchmarks.systems", name, systems


def _check_once(given: Mapping[str, Any], file: str | None) -> None:
    for part in ("training", "compositions", "systems", "campaigns"):
        names = [entry["name"] for entry in given.get(part, ())]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise BadInput(f"{part}: {twice!r} stands there twice; give each its own", file=file)
    for n, entry in enumerate(given.get("systems", ())):
        origins = {"checkpoint", "training", "composition", "outputs"} & set(entry)
        if not origins and "backend" not in entry:
            raise BadInput(
                f"systems[{n}]: {entry['name']!r} comes from nowhere; give it a checkpoint, a "
                "training, a composition, or outputs made elsewhere",
                file=file,
            )
